import type { Protocol } from '@servent/machine'
import type { StructuredEvent } from '@servent/records'
import { lengthPrefixed } from '@servent/wire'
import { Can } from './can.ts'
import { codec } from './codec.ts'
import { type CanConfig, defaults } from './config.ts'
import type { Message } from './messages.ts'

/** Ours: 32 values of 8 KiB would not fit, but they are never sent together; a grant with 128 neighbors does. */
const FRAME_BYTES_MAX = 128 << 10

/** CAN, for any world that runs machines. */
export const can: Protocol<Message, StructuredEvent, CanConfig, Can> = Object.freeze({
  id: '/servent/can/1.0.0',
  framing: lengthPrefixed(FRAME_BYTES_MAX),
  codec,
  defaults,
  create: (host, config) => new Can(host, config),
} satisfies Protocol<Message, StructuredEvent, CanConfig, Can>)
