import type { Peer } from '@servent/machine'
import type { Guid, ServentId } from './guid.ts'

/** Why a neighbor is one no longer. */
export type NeighborDownReason =
  /** It went, or the connection broke. */
  | 'gone'
  /** Our application asked for it: `disconnect`, `block`. */
  | 'disconnected'
  /** Nothing came from it, not even an answer to our pings. */
  | 'silent'
  /** It did not shake hands as the specification says, or spoke of it again later. */
  | 'bad-handshake'
  /** It sent far more than its share, for long. */
  | 'flooding'
  /** It sent the same descriptors again and again. */
  | 'repeating'
  /** It sent payloads that cannot be read. */
  | 'malformed'
  /** It said why it goes: `bye`. */
  | 'bye'
  /** What we are to each other has changed: we are a leaf now, or the other is. */
  | 'role-changed'
  /** It sent a query route table that breaks the rules. */
  | 'bad-table'

/** The handshake is done: descriptors flow. */
export interface NeighborUp {
  readonly type: 'neighbor-up'
  readonly peer: Peer
}

export interface NeighborDown {
  readonly type: 'neighbor-down'
  readonly peer: Peer
  readonly reason: NeighborDownReason
  /** What the other said when it went: code and text of its Bye. The text is not yet safe to show. */
  readonly bye?: { readonly code: number; readonly text: string }
}

/** A servent of 0.6 has become an ultrapeer, or a leaf. */
export interface RoleChanged {
  readonly type: 'role-changed'
  readonly role: 'leaf' | 'ultrapeer'
}

/** One file that answers a query of ours. */
export interface QueryHitEvent {
  readonly type: 'query-hit'
  /** Which query: what `query()` gave. */
  readonly guid: Guid
  /** Made safe to show and to save. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** File index, for `push`. */
  readonly index: number
  readonly sha1: Uint8Array | undefined
  readonly cid: Uint8Array | undefined
  /** kbit/s, as the other says. */
  readonly speed: number
  readonly serventId: ServentId
  /** Who answers; undefined if it did not say, as genuine 0.4 servents do not. Checked against the servent id. */
  readonly peer: Peer | undefined
  /** Ultrapeers that hand a push on to it, by its own account. */
  readonly pushProxies: readonly Peer[]
  /** Whether it says that all its files may be listed. */
  readonly isBrowsable: boolean
  /** Links that the answer travelled: 1 from a neighbor. */
  readonly hops: number
  /** The neighbor that handed it to us. */
  readonly from: Peer
}

/** Someone cannot reach us and asks us to connect out and offer a file. */
export interface PushRequested {
  readonly type: 'push-requested'
  /** Who asks; undefined if it did not say. */
  readonly peer: Peer | undefined
  /** File index. */
  readonly index: number
  /** The neighbor that handed it to us. */
  readonly from: Peer
}

/** A peer that we did not know of is in the host cache now. */
export interface HostDiscovered {
  readonly type: 'host-discovered'
  readonly peer: Peer
  readonly fileCount: number
  readonly kilobyteCount: number
  /** Links between it and us: 1 for a neighbor. */
  readonly hops: number
}

/** A query of others came by: only with `tellQueries`, for drawing. */
export interface QuerySeen {
  readonly type: 'query-seen'
  readonly guid: Guid
  /** As it came, made safe to show. */
  readonly criteria: string
  readonly ttl: number
  readonly hops: number
  readonly from: Peer
  /** Results of ours that answered it. */
  readonly resultCount: number
}

export type GnutellaEvent =
  | NeighborUp
  | NeighborDown
  | QueryHitEvent
  | PushRequested
  | HostDiscovered
  | QuerySeen
  | RoleChanged
