import { compareClockwise, compareRingDistance, isClockwise, type Key } from '@servent/keyspace'
import type { Host, Peer } from '@servent/machine'
import { ID_WORDS } from './identifier.ts'

/** What a table needs of its host: who we are, and where each peer is. */
export type TableHost = Pick<Host<never, never>, 'self' | 'keyOf'>

/**
 * The leaf set L: the |L|/2 nodes with numerically closest larger identifiers and the |L|/2 with numerically closest smaller
 * ones, on the ring (§2.1).
 *
 * 1. Each side is sorted, the nearest first, and holds no one twice; in a small ring both sides hold the same nodes.
 * 2. The span of the set is from the farthest smaller to the farthest larger member; the whole ring if the sides meet.
 * 3. A side that lost members is shorter, and so is the span: it never claims to cover what it does not know.
 */
export class LeafSet {
  readonly #selfKey: Key
  readonly #half: number
  readonly #host: TableHost
  #smaller: Peer[] = []
  #larger: Peer[] = []

  /** @param size - |L|, even */
  constructor(host: TableHost, size: number) {
    this.#host = host
    this.#selfKey = host.keyOf(host.self)
    this.#half = size >> 1
  }

  /** Those with smaller identifiers, the nearest first. */
  get smaller(): readonly Peer[] {
    return this.#smaller
  }

  /** Those with larger identifiers, the nearest first. */
  get larger(): readonly Peer[] {
    return this.#larger
  }

  /** Each member once. */
  get members(): Peer[] {
    const members = this.#smaller.slice()
    for (const peer of this.#larger) if (!members.includes(peer)) members.push(peer)
    return members
  }

  /** Whether a side has fewer members than it may, and the sides do not meet: somebody is missing. */
  get isIncomplete(): boolean {
    return Math.min(this.#smaller.length, this.#larger.length) < this.#half && !this.coversAll
  }

  has(peer: Peer): boolean {
    return this.#smaller.includes(peer) || this.#larger.includes(peer)
  }

  /** Takes over sides that are known to be right. */
  adopt(smaller: readonly Peer[], larger: readonly Peer[]): void {
    this.#smaller = smaller.slice(0, this.#half)
    this.#larger = larger.slice(0, this.#half)
  }

  /** Whether a peer would become a member; see {@link add}. */
  wouldTake(peer: Peer, mayExtend: boolean): boolean {
    if (peer === this.#host.self || this.#half === 0) return false
    const coversAll = this.coversAll
    return this.#placeIn(1, peer, coversAll, mayExtend) >= 0 || this.#placeIn(-1, peer, coversAll, mayExtend) >= 0
  }

  /**
   * Makes a peer a member if it is near enough. Returns whether anything changed.
   *
   * @param mayExtend - whether it may be put behind the last of a side that is not full. Only who is known to be near may:
   *   anybody else would stretch the span over nodes that we do not know
   */
  add(peer: Peer, mayExtend: boolean): boolean {
    if (peer === this.#host.self || this.#half === 0) return false
    const coversAll = this.coversAll
    const isLarger = this.#insert(1, peer, coversAll, mayExtend)
    const isSmaller = this.#insert(-1, peer, coversAll, mayExtend)
    return isLarger || isSmaller
  }

  /**
   * Takes the members of a set that was next to us, in the place of all there are.
   *
   * @param isWhole - whether they are all nodes of the ring
   */
  replace(peers: readonly Peer[], isWhole: boolean): void {
    this.#smaller = []
    this.#larger = []
    for (const peer of peers) {
      if (peer === this.#host.self) continue
      this.#insert(1, peer, isWhole, true)
      this.#insert(-1, peer, isWhole, true)
    }
  }

  /** Lets the sides meet: nobody else is in the ring. */
  close(): void {
    for (const peer of this.members) {
      this.#insert(1, peer, true, true)
      this.#insert(-1, peer, true, true)
    }
  }

  /** Returns whether it was a member. */
  remove(peer: Peer): boolean {
    if (!this.has(peer)) return false
    const sidesMet = this.coversAll
    this.#smaller = this.#smaller.filter((member) => member !== peer)
    this.#larger = this.#larger.filter((member) => member !== peer)
    // In a small ring every other node is on both sides, so a place that got free on one is taken by who is on the other.
    if (sidesMet) this.close()
    return true
  }

  /** Whether the set spans the whole ring: every node of it is known. */
  get coversAll(): boolean {
    const farSmaller = this.#smaller.at(-1)
    const farLarger = this.#larger.at(-1)
    if (farSmaller === undefined || farLarger === undefined) return farSmaller === farLarger
    return compareClockwise(this.#selfKey, this.#host.keyOf(farLarger), this.#host.keyOf(farSmaller), ID_WORDS) >= 0
  }

  /** Whether a key lies within the span: line (1) of the routing procedure. */
  covers(key: Key): boolean {
    if (this.coversAll) return true
    const farSmaller = this.#smaller.at(-1) ?? this.#host.self
    const farLarger = this.#larger.at(-1) ?? this.#host.self
    return compareClockwise(this.#host.keyOf(farSmaller), key, this.#host.keyOf(farLarger), ID_WORDS) <= 0
  }

  /** The member, or we ourselves, that is numerically closest to a key, of those that may be used. */
  closest(key: Key, mayUse: (peer: Peer) => boolean): Peer {
    let best = this.#host.self
    let bestKey = this.#selfKey
    for (const side of [this.#larger, this.#smaller]) {
      for (const peer of side) {
        const peerKey = this.#host.keyOf(peer)
        if (compareRingDistance(key, peerKey, bestKey, ID_WORDS) >= 0 || !mayUse(peer)) continue
        best = peer
        bestKey = peerKey
      }
    }
    return best
  }

  /** The `count` nodes numerically closest to a key, of the members and ourselves, the closest first. */
  replicas(key: Key, count: number, members: readonly Peer[] = this.members): Peer[] {
    const candidates = [this.#host.self, ...members].map((peer) => ({ peer, peerKey: this.#host.keyOf(peer) }))
    candidates.sort((a, b) => compareRingDistance(key, a.peerKey, b.peerKey, ID_WORDS))
    return candidates.slice(0, count).map(({ peer }) => peer)
  }

  /**
   * Where a peer belongs in a side, 1 the larger one and -1 the smaller one, or -1 if it does not. Behind the last member
   * it belongs if all nodes are known, or if it is near and lies on this side of the ring.
   */
  #placeIn(direction: 1 | -1, peer: Peer, coversAll: boolean, mayExtend: boolean): number {
    const side = direction === 1 ? this.#larger : this.#smaller
    const key = this.#host.keyOf(peer)
    let place = side.length
    for (; place > 0; place--) {
      const member = side[place - 1] as Peer
      if (member === peer) return -1
      const order = compareClockwise(this.#selfKey, key, this.#host.keyOf(member), ID_WORDS) * direction
      if (order >= 0) break
    }
    if (place < side.length) return place
    const mayAppend = coversAll || (mayExtend && isClockwise(this.#selfKey, key) === (direction === 1))
    return mayAppend && place < this.#half ? place : -1
  }

  #insert(direction: 1 | -1, peer: Peer, coversAll: boolean, mayExtend: boolean): boolean {
    const place = this.#placeIn(direction, peer, coversAll, mayExtend)
    if (place < 0) return false
    const side = direction === 1 ? this.#larger : this.#smaller
    side.splice(place, 0, peer)
    if (side.length > this.#half) side.pop()
    return true
  }
}
