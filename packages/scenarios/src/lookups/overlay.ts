import type { Key } from '@servent/keyspace'
import type { Peer, Protocol } from '@servent/machine'
import type { StructuredEvent, StructuredMachine } from '@servent/records'
import type { LookupOptions } from './options.ts'

/** Knows where every key belongs while nodes come and go: what lookups are held against. */
export interface Oracle {
  /** Undefined if no node is there. */
  responsibleFor(key: Key): Peer | undefined
  /** Whether a node is, where there may be several or it is quicker to ask it. */
  isResponsible?(key: Key, peer: Peer): boolean
  add(peer: Peer): void
  remove(peer: Peer): void
}

/** The nodes of an experiment, as far as an overlay has to know them. */
export interface Nodes<M> {
  keyOf(peer: Peer): Key
  machine(peer: Peer): M
}

/** A structured overlay, as an experiment runs it. */
export interface StructuredOverlay<
  Message extends { readonly type: string },
  Config,
  M extends StructuredMachine<Message>,
> {
  readonly protocol: Protocol<Message, StructuredEvent, Config, M>
  config(options: LookupOptions): Readonly<Config>
  /**
   * Prepares to give nodes the tables that they should have.
   *
   * @returns gives one of them its tables
   */
  ideal(peers: readonly Peer[], nodes: Nodes<M>, options: LookupOptions): (peer: Peer) => void
  oracle(nodes: Nodes<M>): Oracle
  /** Whether lookups ask for the identifiers of nodes that run, as the overlay's paper does; for random keys if not. */
  asksForNodes?(options: LookupOptions): boolean
}
