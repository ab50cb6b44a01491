/**
 * CAN, a content-addressable network (Ratnasamy, Francis, Handley, Karp and Shenker, SIGCOMM 2001): the nodes share a
 * torus among them, a key is a point on it, and whoever has the point has the key. A state machine for any world that
 * runs machines.
 *
 * @packageDocumentation
 */
export { Can } from './can.ts'
export { type Acquaintance, type Claim, type Claims, claimOf } from './claim.ts'
export { type CanConfig, defaults, stillConfig } from './config.ts'
export type { DropReason } from './drops.ts'
export { type IdealTorus, idealTorus, type TorusOptions } from './ideal.ts'
export type {
  Answer,
  Fetch,
  Fetched,
  Grant,
  GrantAck,
  Inventory,
  InventoryEntry,
  Message,
  Ping,
  Pong,
  Reassign,
  Request,
  Route,
  RouteAck,
  Store,
  Stored,
  Update,
  Volunteer,
  Want,
} from './messages.ts'
export { ANY_REALITY } from './messages.ts'
export { can } from './protocol.ts'
export { homeOf, type Point, pointOf, volumeOf, type Zone } from './zone.ts'
