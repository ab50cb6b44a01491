import type { Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { OverlayRecord, RecordRefusal, ValueRecord } from '@servent/records'

/** What a message is routed for. */
export type Payload =
  /** Who is numerically closest to the key? */
  | { readonly type: 'lookup' }
  /** Who are the nodes that keep records of the key? */
  | { readonly type: 'locate' }
  /** The key's own node wants a place: everybody on the way sends it state. */
  | { readonly type: 'join' }
  /** The key's own node, which has a place, wants to know who is next to it here: for rings that were parted. */
  | { readonly type: 'meet' }
  | { readonly type: 'get' }
  | { readonly type: 'find-providers' }
  | { readonly type: 'put'; readonly record: ValueRecord }

/** A message on its way to the node that is numerically closest to a key. */
export interface Route {
  readonly type: 'Route'
  /** Random, 0 to 2^48 - 1: names the message at every node it passes. */
  readonly id: number
  readonly key: Key
  /** Contacts so far that did not answer. */
  readonly timeouts: number
  /** The nodes that it passed, from whoever asked to whoever sends it now. */
  readonly path: readonly Peer[]
  readonly payload: Payload
}

/** "I have it": the next hop to the one before. Without it the message is routed another way. */
export interface Ack {
  readonly type: 'Ack'
  readonly id: number
}

/** What came of a routed message. */
export type Outcome =
  /** `replicas` are those nearest to the key, the nearest first; empty if they were not asked for. */
  | { readonly type: 'found'; readonly replicas: readonly Peer[] }
  | { readonly type: 'values'; readonly values: readonly ValueRecord[] }
  | { readonly type: 'providers'; readonly providers: readonly Peer[] }
  /** How many nodes keep the record. */
  | { readonly type: 'stored'; readonly replicas: number }
  | { readonly type: 'refused'; readonly reason: RecordRefusal }

/** Goes back the way that the question came, over links that exist. */
export interface Answer {
  readonly type: 'Answer'
  readonly id: number
  readonly timeouts: number
  /** From whoever asked to whoever answers. */
  readonly path: readonly Peer[]
  readonly outcome: Outcome
}

/** Tables of a node, as far as the receiver can use them. */
export interface State {
  readonly type: 'State'
  /** The join that it belongs to; 0 if it answers a {@link StateRequest}. */
  readonly id: number
  /** Whether the sender is the one numerically closest to the joining node. */
  readonly isLast: boolean
  /** Whether the leaf set, with its owner, is the whole ring. */
  readonly isWhole: boolean
  readonly leafSet: readonly Peer[]
  /** Rows of the routing table from 0 to the first in which the two nodes differ. */
  readonly table: readonly Peer[]
  readonly neighborhood: readonly Peer[]
}

/** The second stage of a join: "give me your tables, and here I am". */
export interface StateRequest {
  readonly type: 'StateRequest'
  readonly leafSet: readonly Peer[]
}

/** "Here I am": a node that has found its place tells those next to it. Answered by a LeafSet if there is more to know. */
export interface Announce {
  readonly type: 'Announce'
  readonly leafSet: readonly Peer[]
}

/** A keep-alive that also compares leaf sets. */
export interface LeafSetRequest {
  readonly type: 'LeafSetRequest'
  readonly leafSet: readonly Peer[]
}

export interface LeafSetReply {
  readonly type: 'LeafSet'
  readonly leafSet: readonly Peer[]
}

/** Asks for one row of a routing table. */
export interface RowRequest {
  readonly type: 'RowRequest'
  /** 0 to 31. */
  readonly row: number
}

export interface Row {
  readonly type: 'Row'
  readonly row: number
  readonly peers: readonly Peer[]
}

/** Are you there, and how far away? */
export interface Ping {
  readonly type: 'Ping'
  /** 0 to 2^32 - 1. */
  readonly nonce: number
}

export interface Pong {
  readonly type: 'Pong'
  readonly nonce: number
  /** Whether the sender has its place: one that has not is no contact yet. */
  readonly isJoined: boolean
}

/** Somebody next to us does not answer: whoever gets this finds out for itself. */
export interface Failed {
  readonly type: 'Failed'
  readonly peer: Peer
}

/** Goodbye. */
export interface Leave {
  readonly type: 'Leave'
}

/** Keep this record. */
export interface Store {
  readonly type: 'Store'
  /** 0 to 2^32 - 1: what the receipt repeats. */
  readonly id: number
  readonly record: OverlayRecord
}

/** The receipt for a {@link Store}. */
export interface Stored {
  readonly type: 'Stored'
  readonly id: number
  /** Why it is not kept; undefined if it is. */
  readonly refusal: RecordRefusal | undefined
}

/** What do you keep under this key? From one of its replicas to another. */
export interface Fetch {
  readonly type: 'Fetch'
  readonly id: number
  readonly key: Key
  readonly wants: 'values' | 'providers'
}

export interface Fetched {
  readonly type: 'Fetched'
  readonly id: number
  readonly records: readonly OverlayRecord[]
}

export type Message =
  | Route
  | Ack
  | Answer
  | State
  | StateRequest
  | Announce
  | LeafSetRequest
  | LeafSetReply
  | RowRequest
  | Row
  | Ping
  | Pong
  | Failed
  | Leave
  | Store
  | Stored
  | Fetch
  | Fetched
