import { EMPTY_LIBRARY, Library } from '@servent/library'
import { type Random, randomInt } from '@servent/machine'

/** Who shares what, and what is asked for: the same for every overlay, whatever its nodes do with it. */
export interface Workload {
  /** How many different files there are. */
  readonly files: number
  /** What a node shares. */
  libraryOf(node: number): Library
  holds(node: number, file: number): boolean
  /** The nodes that have a file, lowest first. */
  holdersOf(file: number): Iterable<number>
  /** A file that someone looks for: one that somebody has, if anybody has any, the popular ones more often. */
  draw(random: Random): number
  /** Words that find this file and no other. */
  criteriaFor(file: number): string
}

/** Draws ranks from 0 on, where rank r is drawn in proportion to 1 / (r + 1)^exponent. */
export class Zipf {
  readonly #cumulative: Float64Array

  constructor(ranks: number, exponent: number) {
    this.#cumulative = new Float64Array(ranks)
    let sum = 0
    for (let rank = 0; rank < ranks; rank++) {
      sum += (rank + 1) ** -exponent
      this.#cumulative[rank] = sum
    }
  }

  draw(random: Random): number {
    const cumulative = this.#cumulative
    const wanted = random() * (cumulative[cumulative.length - 1] as number)
    let low = 0
    let high = cumulative.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((cumulative[middle] as number) > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}

// From Sripanidkulchai, "The popularity of Gnutella queries and its implications on scalability" (2001): queries follow
// Zipf's law with an exponent between 0.63 and 1.24. Files are asked for as they are held (Ours).
export const EXPONENT = 0.8
// From Adar and Huberman, "Free Riding on Gnutella" (First Monday 5:10, 2000): 66 % of the peers share nothing.
export const SHARERS = 0.34
// Ours: a flood must search real libraries, and a thousand of them fit in the cache.
const COLLECTIONS_MAX = 1000
const FILES_EACH = 10
// Ours: with ten times as many files as collections one node of a hundred has what a query asks for.
const FILES_PER_COLLECTION = 10

/**
 * Who has which files. A third of the nodes share one of at most a thousand collections of ten files, drawn by popularity;
 * nodes with the same collection have one library between them, so that a million nodes need no million indexes.
 */
export class Catalog implements Workload {
  readonly files: number
  readonly #libraries: Library[] = []
  /** The files of each collection. */
  readonly #held: Set<number>[] = []
  /** The collection of each node, or -1. */
  readonly #collectionOf: Int32Array
  /** The files that at least one node has. */
  readonly #shared = new Set<number>()
  readonly #popularity: Zipf

  constructor(nodes: number, random: Random) {
    const collections = Math.min(COLLECTIONS_MAX, Math.max(1, Math.round(nodes * SHARERS)))
    this.files = Math.max(FILES_EACH * 2, collections * FILES_PER_COLLECTION)
    this.#popularity = new Zipf(this.files, EXPONENT)
    for (let i = 0; i < collections; i++) this.#collect(random)
    this.#collectionOf = new Int32Array(nodes).map(() => (random() < SHARERS ? randomInt(random, collections) : -1))
    for (const collection of new Set(this.#collectionOf)) {
      for (const file of this.#held[collection] ?? []) this.#shared.add(file)
    }
  }

  libraryOf(node: number): Library {
    const collection = this.#collectionOf[node] as number
    return collection < 0 ? EMPTY_LIBRARY : (this.#libraries[collection] as Library)
  }

  holds(node: number, file: number): boolean {
    return this.#held[this.#collectionOf[node] as number]?.has(file) ?? false
  }

  *holdersOf(file: number): Generator<number> {
    for (let node = 0; node < this.#collectionOf.length; node++) if (this.holds(node, file)) yield node
  }

  draw(random: Random): number {
    let file = this.#popularity.draw(random)
    while (this.#shared.size > 0 && !this.#shared.has(file)) file = this.#popularity.draw(random)
    return file
  }

  criteriaFor(file: number): string {
    return `artist${file % 97} song${file}`
  }

  #collect(random: Random): void {
    const library = new Library()
    const held = new Set<number>()
    while (held.size < FILES_EACH) {
      const file = this.#popularity.draw(random)
      if (held.has(file)) continue
      held.add(file)
      const name = `artist${file % 97} - song${file}.mp3`
      library.add({ name, size: 3_000_000 + randomInt(random, 3_000_000), sha1: undefined, cid: undefined })
    }
    this.#libraries.push(library)
    this.#held.push(held)
  }
}
