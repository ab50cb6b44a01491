import { type ChordConfig, type ChordNode, chord, IdealRing, type Message } from '@servent/chord'
import { compareKeys, type Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { Oracle, StructuredOverlay } from './overlay.ts'

/** From the paper (ToN §V): the simulator of Chord waits half a second for an answer. */
const TIMEOUT_MS = 500
/** From the paper (ToN §V-D): r = 20. */
const SUCCESSORS = 20

/** Chord as its paper simulates it: twenty successors, and what is said at `LookupOptions`. */
export const CHORD: StructuredOverlay<Message, ChordConfig, ChordNode> = {
  protocol: chord,
  config(options) {
    const config: ChordConfig = {
      ...chord.defaults,
      successorsMax: SUCCESSORS,
      timeoutMsMax: TIMEOUT_MS,
      routing: options.iterative ? 'iterative' : 'recursive',
    }
    return options.still ? stillConfig(config) : config
  },
  ideal(peers, nodes, options) {
    const ring = new IdealRing(peers, (peer) => nodes.keyOf(peer))
    const { successorsMax } = CHORD.config(options)
    return (peer) => nodes.machine(peer).adopt(ring.placeOf(peer, successorsMax))
  },
  oracle: (nodes) => new RingOracle((peer) => nodes.keyOf(peer)),
}

/** Nobody keeps up its tables, and nobody remembers who did not answer: each lookup meets the same picture. */
export function stillConfig(config: ChordConfig): ChordConfig {
  return {
    ...config,
    stabilizeIntervalMs: 0,
    fixFingersIntervalMs: 0,
    mergeIntervalMs: 0,
    repairIntervalMs: 0,
    republishIntervalMs: 0,
    suspicionMs: 0,
  }
}

/** Changes after which sorting anew is quicker than putting each in its place. */
const CHANGES_MAX = 64

/** The ring of those who are there. */
class RingOracle implements Oracle {
  readonly #keyOf: (peer: Peer) => Key
  readonly #members = new Set<Peer>()
  readonly #changed = new Set<Peer>()
  /** In the order of their keys, as of before the changes. */
  #sorted: Peer[] = []

  constructor(keyOf: (peer: Peer) => Key) {
    this.#keyOf = keyOf
  }

  responsibleFor(key: Key): Peer | undefined {
    this.#bringUpToDate()
    return this.#sorted[this.#indexOf(key)] ?? this.#sorted[0]
  }

  add(peer: Peer): void {
    this.#members.add(peer)
    this.#changed.add(peer)
  }

  remove(peer: Peer): void {
    this.#members.delete(peer)
    this.#changed.add(peer)
  }

  #bringUpToDate(): void {
    if (this.#changed.size > CHANGES_MAX) {
      this.#sorted = [...new IdealRing(this.#members, this.#keyOf).peers]
    } else {
      for (const peer of this.#changed) this.#put(peer)
    }
    this.#changed.clear()
  }

  #put(peer: Peer): void {
    const index = this.#indexOf(this.#keyOf(peer))
    const isThere = this.#sorted[index] === peer
    const shouldBe = this.#members.has(peer)
    if (isThere && !shouldBe) this.#sorted.splice(index, 1)
    if (!isThere && shouldBe) this.#sorted.splice(index, 0, peer)
  }

  /** Where the first node at or behind a key is; behind the last if there is none. */
  #indexOf(key: Key): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareKeys(this.#keyOf(this.#sorted[middle] as Peer), key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
