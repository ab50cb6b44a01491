import type { Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { OverlayRecord, RecordRefusal, RequestId, ValueRecord } from '@servent/records'

/** Pairs an answer with its question, among those that one peer has under way. 0 for what answers no question. */
export type CallId = number

/** What whoever is responsible for the key shall do. */
export type Operation =
  /** Say who it is. */
  | { readonly kind: 'lookup' }
  /** Say also which successors keep copies for it. */
  | { readonly kind: 'replicas' }
  /** The one before the key, not behind it, tells its successor list: the key is that of a node which joins. */
  | { readonly kind: 'join' }
  | { readonly kind: 'get' }
  | { readonly kind: 'put'; readonly record: ValueRecord }
  | { readonly kind: 'providers' }

/**
 * Whether the sender takes the receiver for the successor of the key: not yet (`forward`), as far as it knows (`final`), or
 * whatever it is: the receiver keeps copies (`forced`).
 */
export type Reach = 'forward' | 'final' | 'forced'

/** n.find_successor(id), recursively: sent on to the closest preceding node until it reaches the successor of the key. */
export interface FindSuccessor {
  readonly type: 'FindSuccessor'
  readonly call: CallId
  /** Chosen at random by whoever asks; the answer comes back the way of the request by it. */
  readonly id: RequestId
  readonly key: Key
  readonly operation: Operation
  readonly reach: Reach
  /** Nodes nearer to the key that did not answer the sender. */
  readonly skipped: readonly Peer[]
  /** Who has had it, from the asker to the sender. */
  readonly path: readonly Peer[]
  /** Contacts on the way that did not answer. */
  readonly timeouts: number
  /** Nodes responsible for the key, or keeping copies, that had nothing. */
  readonly misses: number
}

/** A request that is not answered at once has arrived; also the answer to a Ping. */
export interface Ack {
  readonly type: 'Ack'
  readonly call: CallId
}

/** How a request went. */
export type Outcome =
  /** The successor of the key; `replicas` are the nodes behind it that keep copies for it. */
  | { readonly kind: 'responsible'; readonly peer: Peer; readonly replicas: readonly Peer[] }
  /** The node before the key, and its whole successor list. */
  | { readonly kind: 'members'; readonly peer: Peer; readonly successors: readonly Peer[] }
  | { readonly kind: 'value'; readonly value: ValueRecord | undefined }
  /** Nodes that keep the record, the responsible one included. */
  | { readonly kind: 'stored'; readonly replicas: number }
  | { readonly kind: 'refused'; readonly refusal: RecordRefusal }
  | { readonly kind: 'providers'; readonly peers: readonly Peer[] }

/** The answer to a FindSuccessor, handed back from node to node. */
export interface Found {
  readonly type: 'Found'
  readonly id: RequestId
  /** From the asker to the one who answered. */
  readonly path: readonly Peer[]
  readonly timeouts: number
  readonly outcome: Outcome
}

/** Asks a node for the next steps towards a key, the asker going there itself: an iterative lookup. */
export interface GetNextHop {
  readonly type: 'GetNextHop'
  readonly call: CallId
  readonly key: Key
  /** Whether the node before the key is looked for, not the one behind it. */
  readonly isJoin: boolean
}

export interface NextHop {
  readonly type: 'NextHop'
  readonly call: CallId
  /** Nodes that may be responsible, the most likely one first. */
  readonly responsible: readonly Peer[]
  /** Nodes before the key, the closest one first. */
  readonly preceding: readonly Peer[]
}

/** n.stabilize(): says that the sender takes the receiver for its successor (notify), and asks for what it knows. */
export interface Stabilize {
  readonly type: 'Stabilize'
  readonly call: CallId
}

/** Answers a Stabilize. Unasked, it says: I am here, look whether I am your successor. */
export interface Neighbors {
  readonly type: 'Neighbors'
  readonly call: CallId
  readonly predecessor: Peer | undefined
  readonly successors: readonly Peer[]
}

export interface Ping {
  readonly type: 'Ping'
  readonly call: CallId
}

/** The sender leaves in order. Sent to its predecessor and its successor. */
export interface Leave {
  readonly type: 'Leave'
}

/** Records to keep. */
export interface Store {
  readonly type: 'Store'
  /** 0 if no answer is asked for. */
  readonly call: CallId
  readonly records: readonly OverlayRecord[]
}

export interface Stored {
  readonly type: 'Stored'
  readonly call: CallId
  /** Why the first record that is not kept is not; undefined if all are. */
  readonly refusal: RecordRefusal | undefined
}

/** A value that somebody has: its key, and for a signed one its sequence number, 0 for others. */
export interface OfferedValue {
  readonly key: Key
  readonly sequence: number
}

/** Values that the receiver should keep copies of. */
export interface Offer {
  readonly type: 'Offer'
  readonly values: readonly OfferedValue[]
}

/** The offered values that the sender does not have. A Store answers. */
export interface Want {
  readonly type: 'Want'
  readonly keys: readonly Key[]
}

/** A message between nodes of the ring of which one at least is not the first of its peer. */
export interface Virtual {
  readonly type: 'Virtual'
  /** Which of the sender's nodes sends it, and for which of the receiver's it is. */
  readonly from: number
  readonly to: number
  readonly message: Exclude<Message, Virtual>
}

export type Message =
  | Virtual
  | FindSuccessor
  | Ack
  | Found
  | GetNextHop
  | NextHop
  | Stabilize
  | Neighbors
  | Ping
  | Leave
  | Store
  | Stored
  | Offer
  | Want
