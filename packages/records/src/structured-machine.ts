import type { Key } from '@servent/keyspace'
import type { Machine, Peer } from '@servent/machine'
import type { RequestId } from './events.ts'
import type { ValueRecord } from './record.ts'

/**
 * What the machine of every structured overlay can do. Each verb returns at once; how it went is a
 * {@link StructuredEvent} with the same id.
 */
export interface StructuredMachine<Message> extends Machine<Message> {
  /** A peer to join through, if we have not joined, and to meet another part of the overlay by, if we have. */
  addContact(peer: Peer): void
  /** Looks for whoever the key belongs to: `lookup-done` or `lookup-failed`. */
  lookup(key: Key): RequestId
  /** Stores a value with those responsible and keeps it there until its time is over: `put-done` or `put-failed`. */
  put(record: ValueRecord): RequestId
  /** Looks for the values under a key: `get-done` or `get-failed`. */
  get(key: Key): RequestId
  /** Says that we have the content of a key, and says it again until `stopProviding`: `put-done` or `put-failed`. */
  provide(key: Key): RequestId
  stopProviding(key: Key): void
  /** Looks for peers that have the content of a key: `provider-found` for each, then `find-done` or `find-failed`. */
  findProviders(key: Key): RequestId
  /** Leaves in order: hands over what is kept and says goodbye. */
  leave(): void
  /** Whether we have our place. */
  readonly isJoined: boolean
  /** Who is next to us in the identifier space: leaf set, successors and predecessor, zone neighbors. */
  readonly neighbors: readonly Peer[]
  /** How often what came was dropped, by reason. */
  readonly drops: Readonly<Partial<Record<string, number>>>
}
