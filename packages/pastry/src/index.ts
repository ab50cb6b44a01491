/**
 * Pastry (Rowstron and Druschel, Middleware 2001): look-up by key in some log_16 N hops, near nodes preferred, and storage
 * after PAST (SOSP 2001), as a state machine that runs over libp2p streams and, by the million, in the simulator.
 *
 * @packageDocumentation
 */
export { defaults, type PastryConfig } from './config.ts'
export type { DropReason, Drops } from './drops.ts'
export { type ChooseEntry, IdealTables } from './ideal.ts'
export type {
  Ack,
  Announce,
  Answer,
  Failed,
  Fetch,
  Fetched,
  LeafSetReply,
  LeafSetRequest,
  Leave,
  Message,
  Outcome,
  Payload,
  Ping,
  Pong,
  Route,
  Row,
  RowRequest,
  State,
  StateRequest,
  Store,
  Stored,
} from './messages.ts'
export { Pastry } from './pastry.ts'
export { pastry } from './protocol.ts'
export type { ReadyTables } from './tables.ts'
