import { compareRingDistance, type Key, sharedDigits } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { DIGIT_BITS, ID_WORDS } from './identifier.ts'
import { LeafSet, type TableHost } from './leaf-set.ts'
import { NeighborhoodSet } from './neighborhood-set.ts'
import { type Distances, RoutingTable } from './routing-table.ts'

/** Sizes of the tables. */
export interface TableSizes {
  readonly leafSetSize: number
  readonly neighborhoodSize: number
}

/** Tables that are known to be right, made by whoever knows all nodes. */
export interface ReadyTables {
  /** Each side of the leaf set, the nearest first. */
  readonly smaller: readonly Peer[]
  readonly larger: readonly Peer[]
  /** Sixteen places a row. */
  readonly slots: readonly (Peer | undefined)[]
  readonly neighborhood?: readonly Peer[]
}

/** What a node knows of others: leaf set, routing table and neighborhood set, and the routing step over them. */
export class Tables {
  readonly leafSet: LeafSet
  readonly routingTable: RoutingTable
  readonly #host: TableHost
  readonly #distances: Distances
  readonly #neighborhoodSize: number
  #neighborhood: NeighborhoodSet | undefined

  constructor(host: TableHost, sizes: TableSizes, distances: Distances) {
    this.#host = host
    this.#distances = distances
    this.#neighborhoodSize = sizes.neighborhoodSize
    this.leafSet = new LeafSet(host, sizes.leafSetSize)
    this.routingTable = new RoutingTable(host)
  }

  /** Members of the neighborhood set, the nearest first. */
  get neighborhood(): readonly Peer[] {
    return this.#neighborhood?.members ?? []
  }

  /** Every peer in any of the tables, once. */
  get everyone(): Peer[] {
    return [...new Set([...this.leafSet.members, ...this.routingTable.entries, ...this.neighborhood])]
  }

  has(peer: Peer): boolean {
    return this.leafSet.has(peer) || this.routingTable.has(peer) || this.#neighborhood?.has(peer) === true
  }

  /** Enters a peer that is there wherever it fits. Returns whether the leaf set changed; see `LeafSet.add`. */
  learn(peer: Peer, isNear: boolean): boolean {
    this.enter(peer)
    return this.leafSet.add(peer, isNear)
  }

  /** Enters a peer in the routing table and the neighborhood set, where it fits. */
  enter(peer: Peer): void {
    if (peer === this.#host.self) return
    this.routingTable.add(peer, this.#distances)
    if (this.#neighborhoodSize === 0) return
    this.#neighborhood ??= new NeighborhoodSet(this.#neighborhoodSize)
    this.#neighborhood.add(peer, this.#distances)
  }

  /** Forgets a peer. Tells what it was. */
  forget(peer: Peer): { readonly wasLeaf: boolean; readonly row: number } {
    this.#neighborhood?.remove(peer)
    return { wasLeaf: this.leafSet.remove(peer), row: this.routingTable.remove(peer) }
  }

  /**
   * The routing procedure (§2.2, Table 1): where a message with this key goes from here; `self` if it has arrived.
   *
   * @param mayUse - false for those that are thought to be gone and those that the message has passed
   * @param isNear - true for those that a link is open to: of several nodes that are as good, one of these is taken
   */
  nextHop(key: Key, mayUse: (peer: Peer) => boolean, isNear?: (peer: Peer) => boolean): Peer {
    if (this.leafSet.covers(key)) return this.leafSet.closest(key, mayUse)
    const entry = this.routingTable.entryFor(key)
    if (entry !== undefined && mayUse(entry)) {
      if (isNear === undefined || isNear(entry)) return entry
      return this.#linkedInstead(key, mayUse, isNear) ?? entry
    }
    return this.#rareCase(key, mayUse)
  }

  /** One that shares more digits with the key than we do, and whom a link is open to already. */
  #linkedInstead(key: Key, mayUse: (peer: Peer) => boolean, isNear: (peer: Peer) => boolean): Peer | undefined {
    const row = sharedDigits(this.#host.keyOf(this.#host.self), key, DIGIT_BITS)
    for (const peer of [...this.leafSet.members, ...this.neighborhood]) {
      if (sharedDigits(this.#host.keyOf(peer), key, DIGIT_BITS) > row && isNear(peer) && mayUse(peer)) return peer
    }
    return undefined
  }

  /** Lines (9) to (14): of all that are known, one that shares as many digits with the key and is numerically closer. */
  #rareCase(key: Key, mayUse: (peer: Peer) => boolean): Peer {
    const { self } = this.#host
    const selfKey = this.#host.keyOf(self)
    let best = self
    let bestKey = selfKey
    let bestShared = sharedDigits(selfKey, key, DIGIT_BITS)
    for (const list of [
      this.leafSet.larger,
      this.leafSet.smaller,
      this.routingTable.rows(bestShared, Number.POSITIVE_INFINITY),
      this.neighborhood,
    ]) {
      for (const peer of list) {
        const peerKey = this.#host.keyOf(peer)
        const shared = sharedDigits(peerKey, key, DIGIT_BITS)
        if (shared < bestShared || compareRingDistance(key, peerKey, selfKey, ID_WORDS) >= 0 || !mayUse(peer)) continue
        if (shared === bestShared && compareRingDistance(key, peerKey, bestKey, ID_WORDS) >= 0) continue
        best = peer
        bestKey = peerKey
        bestShared = shared
      }
    }
    return best
  }
}
