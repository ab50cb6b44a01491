import { grown } from './columns.ts'

/** Places of a list when it is made, and when it first grows: most words of file names are in one name only. */
const PLACES_FIRST = 1
const PLACES_SECOND = 4

/** A word that is in no name. */
export const NO_WORD = -1

/**
 * The names that each word is in, as lists of numbers below 65,536 in ascending order. All lists lie in one array: a list
 * that is full moves to its end with twice the room. A word costs a Map's entry and twelve bytes, a name in a list two to
 * six.
 */
export class Postings {
  readonly #rows = new Map<string, number>()
  #starts = new Uint32Array(64)
  #counts = new Uint32Array(64)
  #places = new Uint32Array(64)
  #used = 0
  /** Where the lists lie. Another array after `add`. */
  pool = new Uint16Array(256)

  /** How many words there are. */
  get wordCount(): number {
    return this.#rows.size
  }

  /** Bytes of the arrays; the words themselves are the heap's. */
  get bytes(): number {
    return this.pool.byteLength + 3 * this.#starts.byteLength
  }

  /** The list of a word, by a number for {@link startOf} and {@link countOf}; {@link NO_WORD} if there is none. */
  find(word: string): number {
    return this.#rows.get(word) ?? NO_WORD
  }

  startOf(row: number): number {
    return this.#starts[row] as number
  }

  countOf(row: number): number {
    return this.#counts[row] as number
  }

  /** Puts a name at the end of a word's list. Its number is above all that are in it. */
  add(word: string, name: number): void {
    const row = this.#rows.get(word) ?? this.#addRow(word)
    const count = this.#counts[row] as number
    if (count === this.#places[row]) this.#widen(row, count)
    this.pool[(this.#starts[row] as number) + count] = name
    this.#counts[row] = count + 1
  }

  #addRow(word: string): number {
    const row = this.#rows.size
    this.#rows.set(word, row)
    this.#starts = grown(this.#starts, row + 1)
    this.#counts = grown(this.#counts, row + 1)
    this.#places = grown(this.#places, row + 1)
    return row
  }

  #widen(row: number, count: number): void {
    const places = count === 0 ? PLACES_FIRST : Math.max(PLACES_SECOND, 2 * count)
    const start = this.#used
    this.#used += places
    this.pool = grown(this.pool, this.#used)
    const before = this.#starts[row] as number
    this.pool.copyWithin(start, before, before + count)
    this.#starts[row] = start
    this.#places[row] = places
  }
}
