import { compareKeys, type Key, plusPowerOfTwo } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { RingPlace } from './chord-node.ts'

/** Bits of an identifier. */
const KEY_BITS = 160

/**
 * The ring as it should be, from the places of all nodes: what an experiment starts nodes with, and what it holds lookups
 * and tables against. Sorts once; a place then costs a binary search for each finger.
 */
export class IdealRing {
  readonly #keyOf: (peer: Peer) => Key
  readonly #peers: Peer[]
  /** The leading 32 bits of each key, for the search: only among equals does the rest matter. */
  readonly #heads: Uint32Array

  constructor(peers: Iterable<Peer>, keyOf: (peer: Peer) => Key) {
    this.#keyOf = keyOf
    const heads = new Map<Peer, number>()
    for (const peer of peers) heads.set(peer, headOf(keyOf(peer)))
    const headFor = (peer: Peer): number => heads.get(peer) as number
    this.#peers = [...heads.keys()].sort((a, b) => headFor(a) - headFor(b) || compareKeys(keyOf(a), keyOf(b)))
    this.#heads = Uint32Array.from(this.#peers, headFor)
  }

  /** All nodes in the order of their keys. */
  get peers(): readonly Peer[] {
    return this.#peers
  }

  /** The node that a key belongs to: the first at or behind it. There must be one node. */
  successorOf(key: Key): Peer {
    return this.#peers[this.#indexOf(key)] as Peer
  }

  /** Nodes that keep a record: the one it belongs to and the next ones. */
  holdersOf(key: Key, count: number): readonly Peer[] {
    const first = this.#indexOf(key)
    return Array.from({ length: Math.min(count, this.#peers.length) }, (_, i) => this.#at(first + i))
  }

  /** What a node's tables should hold. */
  placeOf(peer: Peer, successorsMax: number): RingPlace {
    const own = this.#keyOf(peer)
    const index = this.#indexOf(own)
    const others = this.#peers.length - 1
    const successors = Array.from({ length: Math.min(successorsMax, others) }, (_, i) => this.#at(index + 1 + i))
    if (others === 0) return { predecessor: undefined, successors: [], fingers: [] }
    const fingers: Peer[] = []
    for (let exponent = KEY_BITS - 1; exponent >= 0; exponent--) {
      const finger = this.successorOf(plusPowerOfTwo(own, exponent))
      // From here on all are the successor. Round the ring they can also be ourselves.
      if (finger === successors[0]) break
      fingers.push(finger)
    }
    return { predecessor: this.#at(index - 1), successors, fingers }
  }

  #at(index: number): Peer {
    const count = this.#peers.length
    return this.#peers[(index + count) % count] as Peer
  }

  /** The place of the first node at or behind a key, going round at the end. */
  #indexOf(key: Key): number {
    const head = headOf(key)
    let low = 0
    let high = this.#peers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = this.#heads[middle] as number
      const isBefore = at === head ? compareKeys(this.#keyOf(this.#peers[middle] as Peer), key) < 0 : at < head
      if (isBefore) low = middle + 1
      else high = middle
    }
    return low % this.#peers.length
  }
}

function headOf(key: Key): number {
  return (key[0] as number) >>> 0
}
