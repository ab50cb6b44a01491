import { type Availability, hasChunk } from '../dag/availability.ts'

const FREE = 0
const UNDER_WAY = 1
const DONE = 2

/** What is to be known of a source to give it a chunk. Compared by identity. */
export interface Fetcher {
  /** The chunks it has; undefined: all. */
  readonly available: Availability | undefined
  readonly bytesPerSecond: number
}

/**
 * Which chunk a source should fetch next.
 *
 * 1. A chunk that is done is never given out again.
 * 2. A chunk that nobody fetches goes to one source that has it: the rarest first, of equal ones the first in the file.
 * 3. Only when none of those is left for a source, a chunk that another fetches goes to it too, from the slowest first.
 */
export class ChunkPicker {
  readonly #fetchersMax: number
  readonly #states: Uint8Array
  /** How many of the sources that have only part of the file have each chunk. Those that have all of it count alike for all. */
  readonly #partialCounts: Uint16Array
  readonly #partials = new Map<Fetcher, Availability>()
  readonly #underWay = new Map<number, Set<Fetcher>>()
  /** No chunk before this one is free. */
  #first = 0
  #done = 0

  /** @param fetchersMax sources that fetch the same chunk at once at most */
  constructor(count: number, fetchersMax: number) {
    this.#fetchersMax = fetchersMax
    this.#states = new Uint8Array(count)
    this.#partialCounts = new Uint16Array(count)
  }

  get count(): number {
    return this.#states.length
  }

  get doneCount(): number {
    return this.#done
  }

  get isDone(): boolean {
    return this.#done === this.count
  }

  isChunkDone(index: number): boolean {
    return this.#states[index] === DONE
  }

  /** What a source has may have changed. */
  update(fetcher: Fetcher): void {
    const before = this.#partials.get(fetcher)
    if (before === fetcher.available) return
    if (before !== undefined) this.#count(before, -1)
    this.#partials.delete(fetcher)
    if (fetcher.available === undefined) return
    this.#partials.set(fetcher, fetcher.available)
    this.#count(fetcher.available, 1)
  }

  /** A source is gone. What it fetched has been given back before. */
  remove(fetcher: Fetcher): void {
    const before = this.#partials.get(fetcher)
    if (before !== undefined) this.#count(before, -1)
    this.#partials.delete(fetcher)
  }

  /** A chunk for a source to fetch; undefined while there is none for it. */
  take(fetcher: Fetcher): number | undefined {
    const index = this.#rarest(fetcher) ?? this.#slowest(fetcher)
    if (index === undefined) return undefined
    this.#states[index] = UNDER_WAY
    const fetchers = this.#underWay.get(index)
    if (fetchers === undefined) this.#underWay.set(index, new Set([fetcher]))
    else fetchers.add(fetcher)
    return index
  }

  /** What a source took has come to nothing. */
  giveBack(index: number, fetcher: Fetcher): void {
    const fetchers = this.#underWay.get(index)
    fetchers?.delete(fetcher)
    if (fetchers === undefined || fetchers.size > 0) return
    this.#underWay.delete(index)
    this.#states[index] = FREE
    this.#first = Math.min(this.#first, index)
  }

  /** A chunk is here and right. */
  finish(index: number): void {
    if (this.isChunkDone(index)) return
    this.#underWay.delete(index)
    this.#states[index] = DONE
    this.#done++
  }

  #rarest(fetcher: Fetcher): number | undefined {
    while (this.#first < this.count && this.#states[this.#first] !== FREE) this.#first++
    // None is rarer than one that no part of the others has; a part is counted itself.
    const least = fetcher.available === undefined ? 0 : 1
    let best: number | undefined
    let bestCount = Number.POSITIVE_INFINITY
    for (let index = this.#first; index < this.count && bestCount > least; index++) {
      const count = this.#partialCounts[index] ?? 0
      if (this.#states[index] !== FREE || count >= bestCount || !hasChunk(fetcher.available, index)) continue
      best = index
      bestCount = count
    }
    return best
  }

  #slowest(fetcher: Fetcher): number | undefined {
    let best: number | undefined
    let bestSpeed = Number.POSITIVE_INFINITY
    for (const [index, fetchers] of this.#underWay) {
      if (fetchers.size >= this.#fetchersMax || fetchers.has(fetcher) || !hasChunk(fetcher.available, index)) continue
      const speed = Math.max(...[...fetchers].map(({ bytesPerSecond }) => bytesPerSecond))
      if (speed >= bestSpeed) continue
      best = index
      bestSpeed = speed
    }
    return best
  }

  #count(available: Availability, change: 1 | -1): void {
    for (let index = 0; index < this.count; index++)
      if (hasChunk(available, index)) this.#partialCounts[index] = (this.#partialCounts[index] ?? 0) + change
  }
}
