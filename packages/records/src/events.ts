import type { Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { ValueRecord } from './record.ts'
import type { RecordRefusal } from './refusals.ts'

/** Names a lookup or another request of this machine's, until it is done. */
export type RequestId = number

/** Why a request came to nothing. */
export type FailureReason =
  /** We know nobody, and cannot answer alone. */
  | 'no-contacts'
  /** No answer came in time, however often it was tried. */
  | 'timeout'
  /** Those responsible have nothing under the key. */
  | 'not-found'
  /** More requests are under way than may be. */
  | 'too-many-requests'
  /** The machine left the overlay. */
  | 'stopped'
  /** Those responsible refused the record. */
  | RecordRefusal

/** How a request went, whatever it was. */
interface Route {
  readonly id: RequestId
  readonly key: Key
  /** Who was asked, from ourselves to the one who answered, in order. */
  readonly path: readonly Peer[]
  /** Contacts on the way that did not answer. */
  readonly timeouts: number
  /** When it was asked, by the host's clock. */
  readonly startedAt: number
}

interface Failure {
  readonly id: RequestId
  readonly key: Key
  readonly reason: FailureReason
}

/** The peer whose identifier the key belongs to was found. */
export interface LookupDone extends Route {
  readonly type: 'lookup-done'
  readonly responsible: Peer
}

/** A record is stored: by `put` or `provide`. */
export interface PutDone extends Route {
  readonly type: 'put-done'
  /** Peers that said they keep it. */
  readonly replicas: number
}

/** Values under a key, each checked; of signed ones only the newest. */
export interface GetDone extends Route {
  readonly type: 'get-done'
  readonly values: readonly ValueRecord[]
}

/** One peer that has the content. Told once for each, before `find-done`. */
export interface ProviderFound {
  readonly type: 'provider-found'
  readonly id: RequestId
  readonly key: Key
  readonly peer: Peer
}

export interface FindDone extends Route {
  readonly type: 'find-done'
  /** Providers that were told. */
  readonly count: number
}

/** What the machine of a structured overlay tells the application. One set of words for all of them. */
export type StructuredEvent =
  /** We have our place, and those around it know us. */
  | { readonly type: 'joined' }
  | LookupDone
  | (Failure & { readonly type: 'lookup-failed' })
  | PutDone
  | (Failure & { readonly type: 'put-failed' })
  | GetDone
  | (Failure & { readonly type: 'get-failed' })
  | ProviderFound
  | FindDone
  | (Failure & { readonly type: 'find-failed' })
  /** Who is next to us changed: leaf set, successors and predecessor, zone neighbors. */
  | { readonly type: 'neighborhood-changed' }
