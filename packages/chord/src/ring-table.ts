import { isBetween, isInSpan, type Key, plusPowerOfTwo } from '@servent/keyspace'
import type { Peer } from '@servent/machine'

/** Where peers are on the ring, and where we are. A host is one. */
export interface Places {
  readonly self: Peer
  keyOf(peer: Peer): Key
}

/** The next step of a request. */
export interface Step {
  readonly peer: Peer
  /** Whether the peer is the successor of the key, as far as we know. */
  readonly isFinal: boolean
}

/** Bits of an identifier: fingers that a node could have. */
const FINGERS_MAX = 160

const nobody: readonly Peer[] = Object.freeze([])

/**
 * What a node knows of the ring: its predecessor, its successor list, its finger table (ToN §IV, Table I).
 *
 * 1. The successor list is in the order of the ring and ends before ourselves: in a ring that is smaller than the list the
 *    rest would only repeat it.
 * 2. Only the successor list makes the ring; fingers make it fast.
 *
 * A value: it reads no clock and sends nothing.
 */
export class RingTable {
  readonly #places: Places
  readonly #successorsMax: number
  predecessor: Peer | undefined
  #successors: readonly Peer[] = nobody
  /** finger[i] at 160 - i, so that the farthest come first and those that are our successor need no room. */
  #fingers: (Peer | undefined)[] | undefined

  constructor(places: Places, successorsMax: number) {
    this.#places = places
    this.#successorsMax = successorsMax
  }

  get successors(): readonly Peer[] {
    return this.#successors
  }

  /** The successor; undefined if we are alone, or have lost all of them. */
  get successor(): Peer | undefined {
    return this.#successors[0]
  }

  /** The finger table, the farthest finger first. Short by the fingers that are the successor. */
  get fingers(): readonly (Peer | undefined)[] {
    return this.#fingers ?? nobody
  }

  /**
   * Takes a peer for the successor, with the list that it gave: `[s] ++ butlast(s.succList)` (Zave).
   *
   * @returns how many entries were left out because they are not in the order of the ring
   */
  adopt(successor: Peer, theirs: readonly Peer[]): number {
    const self = this.#key(this.#places.self)
    const list = [successor]
    let last = this.#key(successor)
    for (const peer of theirs) {
      // The list has gone round the ring.
      if (list.length >= this.#successorsMax || peer === this.#places.self) break
      const key = this.#key(peer)
      if (!isBetween(last, key, self)) {
        this.#successors = list
        return theirs.length + 1 - list.length
      }
      list.push(peer)
      last = key
    }
    this.#successors = list
    return 0
  }

  /** Takes a whole list as it is: for worlds that build a ring in one go. */
  set(predecessor: Peer | undefined, successors: readonly Peer[], fingers: readonly Peer[]): void {
    this.predecessor = predecessor
    this.#successors = successors.slice(0, this.#successorsMax)
    this.#fingers = fingers.length === 0 ? undefined : fingers.slice()
  }

  /** Takes a peer out of the successor list: it is dead or has left. */
  dropSuccessor(peer: Peer): void {
    this.#successors = this.#successors.filter((each) => each !== peer)
  }

  /** Whether a key is ours; false as well if we do not know our predecessor. */
  owns(key: Key): boolean {
    return this.predecessor !== undefined && isInSpan(this.#key(this.predecessor), key, this.#key(this.#places.self))
  }

  /** Whether a peer comes before our successor: one to stabilize with. */
  isBeforeSuccessor(peer: Peer): boolean {
    const { self } = this.#places
    if (peer === self) return false
    const { successor } = this
    return successor === undefined || isBetween(this.#key(self), this.#key(peer), this.#key(successor))
  }

  /** Whether a peer comes after our predecessor: a better one. */
  isBehindPredecessor(peer: Peer): boolean {
    if (peer === this.#places.self) return false
    const { predecessor } = this
    return predecessor === undefined || isBetween(this.#key(predecessor), this.#key(peer), this.#key(this.#places.self))
  }

  /** Whether we come right before a key, as far as we know: its successor is ours. */
  precedes(key: Key): boolean {
    const { successor } = this
    return successor === undefined || isInSpan(this.#key(this.#places.self), key, this.#key(successor))
  }

  /**
   * Where to send a request for the successor of a key: to that, if our successor list reaches it, or else to the closest
   * preceding node.
   */
  next(key: Key, isExcluded: (peer: Peer) => boolean): Step | undefined {
    const successors = this.#successors
    for (let i = this.#firstBehind(key); i < successors.length; i++) {
      const peer = successors[i] as Peer
      if (!isExcluded(peer)) return { peer, isFinal: true }
    }
    const peer = this.closestPreceding(key, isExcluded)
    return peer === undefined ? undefined : { peer, isFinal: false }
  }

  /** n.closest_preceding_node(id), over fingers and successor list (ToN §IV-E.3). */
  closestPreceding(key: Key, isExcluded: (peer: Peer) => boolean): Peer | undefined {
    const self = this.#key(this.#places.self)
    let best: Peer | undefined
    for (const finger of this.fingers) {
      if (finger === undefined || !isBetween(self, this.#key(finger), key) || isExcluded(finger)) continue
      best = finger
      break
    }
    const from = best === undefined ? self : this.#key(best)
    for (let i = this.#successors.length - 1; i >= 0; i--) {
      const peer = this.#successors[i] as Peer
      if (isBetween(from, this.#key(peer), key) && !isExcluded(peer)) return peer
    }
    return best
  }

  /** Successors that may be responsible for a key, the most likely one first; none if the list does not reach it. */
  successorsBehind(key: Key, max: number): readonly Peer[] {
    const first = this.#firstBehind(key)
    return this.#successors.slice(first, first + max)
  }

  /** Nodes before a key, the closest one first: fingers and successors, both in the order of the ring, side by side. */
  precedingNodes(key: Key, max: number): readonly Peer[] {
    const self = this.#key(this.#places.self)
    const isBefore = (peer: Peer | undefined): peer is Peer =>
      peer !== undefined && isBetween(self, this.#key(peer), key)
    const fingers = this.fingers.filter(isBefore)
    const successors = this.#successors.filter(isBefore).toReversed()
    const found: Peer[] = []
    for (let f = 0, s = 0; found.length < max && (f < fingers.length || s < successors.length); ) {
      const finger = fingers[f]
      const successor = successors[s]
      const isFinger =
        finger !== undefined && (successor === undefined || isInSpan(self, this.#key(successor), this.#key(finger)))
      const peer = (isFinger ? finger : successor) as Peer
      if (isFinger) f++
      else s++
      if (found.at(-1) !== peer) found.push(peer)
    }
    return found
  }

  /** Where a finger begins: n + 2^(i-1), with `place` counted from the farthest. */
  fingerStart(place: number): Key {
    return plusPowerOfTwo(this.#key(this.#places.self), FINGERS_MAX - 1 - place)
  }

  /** Whether a finger is farther than the successor, so that there is something to look up. */
  isFingerNeeded(place: number): boolean {
    return place < FINGERS_MAX && !this.precedes(this.fingerStart(place))
  }

  /** Round a small ring a finger can be ourselves: nothing is ever sent there. */
  setFinger(place: number, peer: Peer): void {
    this.#fingers ??= []
    while (this.#fingers.length < place) this.#fingers.push(undefined)
    this.#fingers[place] = peer
  }

  /** Forgets the fingers from a place on: they are the successor. */
  cutFingers(place: number): void {
    if (this.#fingers !== undefined && this.#fingers.length > place) this.#fingers.length = place
  }

  /** How many peers the table holds. */
  get size(): number {
    return this.#successors.length + this.fingers.length + (this.predecessor === undefined ? 0 : 1)
  }

  /** The first entry of the successor list at or behind a key; the list's length if it does not reach the key. */
  #firstBehind(key: Key): number {
    const successors = this.#successors
    const last = successors.at(-1)
    const self = this.#key(this.#places.self)
    if (last === undefined || !isInSpan(self, key, this.#key(last))) return successors.length
    let first = successors.length - 1
    while (first > 0 && isInSpan(self, key, this.#key(successors[first - 1] as Peer))) first--
    return first
  }

  #key(peer: Peer): Key {
    return this.#places.keyOf(peer)
  }
}
