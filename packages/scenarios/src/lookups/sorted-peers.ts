import { compareKeys, type Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'

/** Changes after which sorting anew is quicker than putting each in its place. */
const CHANGES_MAX = 64

/** Peers in the order of their keys, while some come and some go. */
export class SortedPeers {
  readonly #keyOf: (peer: Peer) => Key
  readonly #members = new Set<Peer>()
  readonly #changed = new Set<Peer>()
  /** As of before the changes. */
  #sorted: Peer[] = []

  constructor(keyOf: (peer: Peer) => Key) {
    this.#keyOf = keyOf
  }

  add(peer: Peer): void {
    this.#members.add(peer)
    this.#changed.add(peer)
  }

  remove(peer: Peer): void {
    this.#members.delete(peer)
    this.#changed.add(peer)
  }

  /** The first peer whose key is a key or comes after it, on the ring; undefined if there is none at all. */
  after(key: Key): Peer | undefined {
    this.#bringUpToDate()
    return this.#sorted[this.#indexOf(key)] ?? this.#sorted[0]
  }

  /** The last peer whose key comes before a key, on the ring; undefined if there is none at all. */
  before(key: Key): Peer | undefined {
    this.#bringUpToDate()
    return this.#sorted[this.#indexOf(key) - 1] ?? this.#sorted.at(-1)
  }

  #bringUpToDate(): void {
    if (this.#changed.size > CHANGES_MAX) {
      this.#sorted = [...this.#members].sort((a, b) => compareKeys(this.#keyOf(a), this.#keyOf(b)))
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

  /** Where the first peer at or behind a key is; behind the last if there is none. */
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
