import type { Host } from '@servent/machine'
import type { StructuredEvent } from '@servent/records'
import type { PastryConfig } from './config.ts'
import type { DropReason } from './drops.ts'
import type { Liveness } from './liveness.ts'
import type { Message } from './messages.ts'
import type { Tables } from './tables.ts'

/** What the parts of a machine share. */
export interface Node {
  readonly host: Host<Message, StructuredEvent>
  readonly config: Readonly<PastryConfig>
  readonly tables: Tables
  readonly liveness: Liveness
  readonly isJoined: boolean
  drop(reason: DropReason): void
}
