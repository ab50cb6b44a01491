import { grown } from './columns.ts'

/** The end of a chain. */
export const NO_NODE = -1

/** What stands behind a node that is not in. */
const ABSENT = -2

const HEADS_MIN = 64

/**
 * A hash table of numbered nodes: it knows their hashes, whoever asks compares what they stand for. Three typed arrays,
 * where a Map from text would take a hundred bytes an entry.
 */
export class HashChains {
  #heads = new Int32Array(HEADS_MIN).fill(NO_NODE)
  #nexts = new Int32Array(HEADS_MIN).fill(ABSENT)
  #hashes = new Int32Array(HEADS_MIN)
  #count = 0

  get bytes(): number {
    return this.#heads.byteLength + this.#nexts.byteLength + this.#hashes.byteLength
  }

  /** Puts a node in. Its number is above all that are in. */
  add(node: number, hash: number): void {
    const before = this.#nexts.length
    this.#nexts = grown(this.#nexts, node + 1)
    if (this.#nexts.length > before) this.#nexts.fill(ABSENT, before)
    this.#hashes = grown(this.#hashes, node + 1)
    if (this.#count === this.#heads.length) this.#rehash()
    this.#hashes[node] = hash
    this.#chain(node, hash)
    this.#count++
  }

  /** The first node of a hash, or {@link NO_NODE}. */
  first(hash: number): number {
    return this.#from(this.#heads[this.#slot(hash)] as number, hash)
  }

  /** The node of the same hash after a node, or {@link NO_NODE}. */
  next(node: number): number {
    return this.#from(this.#nexts[node] as number, this.#hashes[node] as number)
  }

  #from(start: number, hash: number): number {
    let node = start
    while (node !== NO_NODE && this.#hashes[node] !== hash) node = this.#nexts[node] as number
    return node
  }

  #chain(node: number, hash: number): void {
    const slot = this.#slot(hash)
    this.#nexts[node] = this.#heads[slot] as number
    this.#heads[slot] = node
  }

  #rehash(): void {
    this.#heads = new Int32Array(2 * this.#heads.length).fill(NO_NODE)
    for (let node = 0; node < this.#nexts.length; node++) {
      if (this.#nexts[node] !== ABSENT) this.#chain(node, this.#hashes[node] as number)
    }
  }

  #slot(hash: number): number {
    // The low bits of a multiplied hash are its worst.
    return (hash ^ (hash >>> 15)) & (this.#heads.length - 1)
  }
}
