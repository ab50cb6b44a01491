/**
 * Chord: a ring of nodes on which each key belongs to the first node behind it, found in ½ log2 N steps. The ring is kept in
 * the form that Zave proved correct, not in the published one; records are kept as DHash does, by the successors of their key.
 *
 * Sources: Stoica et al., "Chord: A Scalable Peer-to-peer Lookup Protocol for Internet Applications", IEEE/ACM ToN 11(1)
 * 2003; Zave, "Reasoning about identifier spaces: How to make Chord correct", IEEE TSE 43(12) 2017; Dabek et al., CFS (2001).
 *
 * @packageDocumentation
 */
export { ChordNode, type RingPlace } from './chord-node.ts'
export { type ChordConfig, checkConfig } from './config.ts'
export { DROP_REASONS, type DropReason, type Drops } from './drops.ts'
export type { ChordEvent } from './events.ts'
export { IdealRing } from './ideal-ring.ts'
export type {
  Ack,
  FindSuccessor,
  Found,
  GetNextHop,
  Leave,
  Message,
  Neighbors,
  NextHop,
  Offer,
  OfferedValue,
  Operation,
  Outcome,
  Ping,
  Reach,
  Stabilize,
  Store,
  Stored,
  Virtual,
  Want,
} from './messages.ts'
export { chord } from './protocol.ts'
export { VirtualNodes } from './virtual-nodes.ts'
