import type { Contestant } from './contestant.ts'
import { batchedForwarder, forwarder } from './forwarder.ts'
import { gnutella04 } from './gnutella.ts'
import type { MeasureOptions } from './measure.ts'
import { flood, gossipSigned, gossipUnsigned } from './pubsub.ts'

/** All that are measured beside each other, by the name that the report has for them. */
export const CONTESTANTS = {
  'gnutella-0.4': gnutella04,
  'gossipsub-signed': gossipSigned,
  'gossipsub-unsigned': gossipUnsigned,
  floodsub: flood,
  forwarder,
  'forwarder-batched': batchedForwarder,
} satisfies Record<string, Contestant>

export type ContestantName = keyof typeof CONTESTANTS

export interface RoundOptions extends MeasureOptions {
  readonly contestant: ContestantName
}
