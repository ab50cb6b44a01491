import type { Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { OverlayRecord, ProviderRecord, RecordRefusal, ValueRecord } from '@servent/records'
import type { Acquaintance, Claim, Claims } from './claim.ts'
import type { Zone } from './zone.ts'

/** A route may end with the owner in whichever reality it comes to first. */
export const ANY_REALITY = 255

/** What is asked of the owner of a point. */
export type Request = 'lookup' | 'join' | 'put' | 'get' | 'providers'

/** Something on its way to the owner of a point, from neighbor to neighbor (§2.1). */
export interface Route {
  readonly type: 'Route'
  readonly request: Request
  /** The request at its origin. */
  readonly id: number
  /** The sender's own number for this hop, for the acknowledgement. */
  readonly hop: number
  readonly origin: Peer
  /** Where to. Of a join the origin's own key. */
  readonly key: Key
  /** The reality to stay in, or {@link ANY_REALITY}. */
  readonly reality: number
  /** Whether the sender hands its part as the owner to the receiver: uniform partitioning, and the heir of a silent owner. */
  readonly isPassedOn: boolean
  /** Links so far. */
  readonly hops: number
  /** Contacts so far that did not answer. */
  readonly timeouts: number
  /** Who had it, from the origin on; the first ones of a long way. */
  readonly path: readonly Peer[]
  /** Who did not answer for it: not to be tried again. */
  readonly avoid: readonly Peer[]
  /** Of a put. */
  readonly record: ValueRecord | undefined
}

/** The receiver has taken charge of a route, or cannot. */
export interface RouteAck {
  readonly type: 'RouteAck'
  readonly hop: number
  readonly isTaken: boolean
  /** Of a put that has arrived: whether the receiver, which had it in hand, is one of those to keep a copy. */
  readonly isKeeper: boolean
}

/** How a request ended, from whoever it ended with to its origin. */
export interface Answer {
  readonly type: 'Answer'
  readonly id: number
  /** False if the way ended at somebody who knows no further. */
  readonly isOwner: boolean
  readonly refusal: RecordRefusal | undefined
  readonly hops: number
  readonly timeouts: number
  readonly path: readonly Peer[]
  /** Who keeps what is stored under the key, the sender first; of a put, those that said so. */
  readonly replicas: readonly Peer[]
  readonly values: readonly ValueRecord[]
  readonly providers: readonly ProviderRecord[]
}

/** A zone for the receiver (§2.2, §2.3), with those beside it. */
export interface Grant {
  readonly type: 'Grant'
  readonly grant: number
  readonly reality: number
  readonly claim: Claim
  readonly neighbors: readonly Acquaintance[]
}

/** The receiver of a grant owns the zone now, or does not want it. */
export interface GrantAck {
  readonly type: 'GrantAck'
  readonly grant: number
  readonly isTaken: boolean
}

/** What a node owns and who is beside it (§2.2: "soft-state updates"). Also the TAKEOVER of §2.3. */
export interface Update {
  readonly type: 'Update'
  /** Grows with each change. */
  readonly version: number
  readonly claims: Claims
  readonly neighbors: readonly Acquaintance[]
  readonly wantsReply: boolean
}

/** Asks for a sign of life. */
export interface Ping {
  readonly type: 'Ping'
  readonly nonce: number
  /** Of what the sender owns: see {@link Update}. */
  readonly version: number
}

export interface Pong {
  readonly type: 'Pong'
  readonly nonce: number
  readonly version: number
}

/** Looks for a pair of sibling zones, one of whose owners could take a zone that somebody has too many (appendix A). */
export interface Reassign {
  readonly type: 'Reassign'
  readonly reality: number
  readonly zone: Zone
  readonly holder: Peer
  readonly hops: number
}

/** The sender has a sibling and would take the zone. */
export interface Volunteer {
  readonly type: 'Volunteer'
  readonly reality: number
  readonly zone: Zone
}

/** Records to keep. */
export interface Store {
  readonly type: 'Store'
  readonly store: number
  readonly records: readonly OverlayRecord[]
}

/** How many of the records are kept now, and why the first that is not is not. */
export interface Stored {
  readonly type: 'Stored'
  readonly store: number
  readonly count: number
  readonly refusal: RecordRefusal | undefined
}

/** A value that the sender keeps and the receiver should. */
export interface InventoryEntry {
  readonly key: Key
  /** Of a signed value; 0 of others. */
  readonly sequence: number
}

export interface Inventory {
  readonly type: 'Inventory'
  readonly entries: readonly InventoryEntry[]
}

/** Those of an inventory that the sender lacks. */
export interface Want {
  readonly type: 'Want'
  readonly keys: readonly Key[]
}

/** Asks one who may keep a copy. */
export interface Fetch {
  readonly type: 'Fetch'
  readonly fetch: number
  readonly key: Key
}

export interface Fetched {
  readonly type: 'Fetched'
  readonly fetch: number
  readonly values: readonly ValueRecord[]
  readonly providers: readonly ProviderRecord[]
}

export type Message =
  | Route
  | RouteAck
  | Answer
  | Grant
  | GrantAck
  | Update
  | Ping
  | Pong
  | Reassign
  | Volunteer
  | Store
  | Stored
  | Inventory
  | Want
  | Fetch
  | Fetched
