import type { Host } from '@servent/machine'
import type { StructuredEvent } from '@servent/records'
import type { CanConfig } from './config.ts'
import type { DropReason } from './drops.ts'
import type { Message } from './messages.ts'
import type { Place } from './place.ts'

/** What the parts of one node share. */
export interface CanNode {
  readonly host: Host<Message, StructuredEvent>
  readonly config: Readonly<CanConfig>
  readonly place: Place
  drop(reason: DropReason): void
}

/** The timers of a node. */
export const TIMER_MAINTAIN = 1
export const TIMER_HOP = 2
export const TIMER_PING = 3
export const TIMER_TAKEOVER = 4
export const TIMER_GRANT = 5
export const TIMER_ANNOUNCE = 6
export const TIMER_JOIN = 7
export const TIMER_REQUEST = 8
export const TIMER_STORE = 9

/** Serial numbers are never 0 and go around within what four bytes carry. */
export function nextSerial(serial: number): number {
  return serial === 0xffff_ffff ? 1 : serial + 1
}
