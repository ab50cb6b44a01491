import { DIGEST_BYTES } from '../dag/shape.ts'
import { digestAt } from '../dag/tree.ts'

/** Slots of the smallest table. A power of two, as all are. */
const SLOTS_MIN = 1024

/** A place where a leaf stands. */
export interface LeafPlace<File> {
  readonly file: File
  /** Which leaf of the file it is. */
  readonly index: number
}

interface Run<File> {
  /** The number of its first leaf among those of all files. */
  readonly base: number
  readonly leaves: Uint8Array
  /** Undefined once it has been removed. */
  file: File | undefined
}

/**
 * Finds leaves by their SHA-256 among those of many files, in constant time: anyone may ask for thousands in one message. A hash
 * table of numbers, whose keys are in the packed lists themselves, so that it takes a quarter of their memory.
 */
export class LeafIndex<File> {
  /** By base. */
  #runs: Run<File>[] = []
  /** Number of a leaf and one, or 0 for an empty slot. */
  #table = new Uint32Array(SLOTS_MIN)
  /** Leaves that were numbered, those of removed files too. */
  #numbered = 0
  #removed = 0

  /** @param leaves - the SHA-256 of each leaf, one after the other. Not copied, so they must not change. */
  add(file: File, leaves: Uint8Array): void {
    const run = { base: this.#numbered, leaves, file }
    this.#runs.push(run)
    this.#numbered += countOf(run)
    if (2 * this.#numbered > this.#table.length) this.#rebuild()
    else this.#insert(run)
  }

  delete(file: File): void {
    const run = this.#runs.find((one) => one.file === file)
    if (run === undefined) return
    run.file = undefined
    this.#removed += countOf(run)
    if (2 * this.#removed > this.#numbered) this.#rebuild()
  }

  /** Everywhere that a leaf stands; of a file that has it several times the first place. */
  *find(digest: Uint8Array): Generator<LeafPlace<File>> {
    for (let slot = this.#slotOf(digest, 0); ; slot = this.#next(slot)) {
      const number = this.#table[slot] ?? 0
      if (number === 0) return
      const run = this.#runOf(number - 1)
      const index = number - 1 - run.base
      if (run.file !== undefined && isSame(run.leaves, index, digest, 0)) yield { file: run.file, index }
    }
  }

  #insert(run: Run<File>): void {
    const { base, leaves } = run
    for (let index = 0; index < countOf(run); index++) {
      let slot = this.#slotOf(leaves, index)
      for (; this.#table[slot] !== 0; slot = this.#next(slot)) {
        const before = (this.#table[slot] ?? 0) - 1
        // A file of a thousand equal chunks would make a chain of a thousand.
        if (before >= base && isSame(leaves, before - base, leaves, index)) break
      }
      if (this.#table[slot] === 0) this.#table[slot] = base + index + 1
    }
  }

  /** Numbers anew what has not been removed, in a table that is a quarter full. */
  #rebuild(): void {
    const kept = this.#runs.filter(({ file }) => file !== undefined)
    this.#runs = []
    this.#numbered = 0
    this.#removed = 0
    for (const { file, leaves } of kept) {
      const run = { base: this.#numbered, leaves, file }
      this.#runs.push(run)
      this.#numbered += countOf(run)
    }
    this.#table = new Uint32Array(Math.max(SLOTS_MIN, 2 ** Math.ceil(Math.log2(4 * this.#numbered))))
    for (const run of this.#runs) this.#insert(run)
  }

  /** The run that has this number: the last that begins at or before it. */
  #runOf(number: number): Run<File> {
    let low = 0
    for (let high = this.#runs.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1
      if ((this.#runs[middle] as Run<File>).base <= number) low = middle
      else high = middle - 1
    }
    return this.#runs[low] as Run<File>
  }

  /** Digests are random: their first bytes are a hash of them. */
  #slotOf(leaves: Uint8Array, index: number): number {
    const at = index * DIGEST_BYTES
    const [a = 0, b = 0, c = 0, d = 0] = [leaves[at], leaves[at + 1], leaves[at + 2], leaves[at + 3]]
    return (a | (b << 8) | (c << 16) | (d << 24)) & (this.#table.length - 1)
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#table.length - 1)
  }
}

function countOf({ leaves }: Run<unknown>): number {
  return leaves.length / DIGEST_BYTES
}

function isSame(a: Uint8Array, aIndex: number, b: Uint8Array, bIndex: number): boolean {
  const other = digestAt(b, bIndex)
  return digestAt(a, aIndex).every((byte, at) => byte === other[at])
}
