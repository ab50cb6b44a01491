import type { Library } from '@servent/library'
import { assert } from '@servent/machine'
import type { Query } from '../messages.ts'
import { qrpHash, qrpSlot } from './qrp-hash.ts'
import { libraryHashes, queryHashes } from './query-hashes.ts'

/** Slots of the tables that we make. From QRP §2: 2^16. */
const SLOTS = 65_536

/** A list is kept while it is not longer than half a bit map: 16 bits a slot, or 32 in a table of more than 2^16. */
const LIST_SHARE = 32

const empties = new Map<number, QueryRouteTable>()

/**
 * The words that a servent, or all leaves of an ultrapeer, can be asked for: a set of slots, one for each hash of a word.
 * Immutable, so that any number of neighbors share one by reference.
 *
 * 1. Few slots are a sorted list, many a map of bits: a leaf's table takes half a kilobyte, none more than 8 KB (of 2^16).
 * 2. A query that some file answers always matches the table of its library. The reverse does not hold.
 */
export class QueryRouteTable {
  /** A power of two from 8 to 2^32. */
  readonly slots: number
  /** Slots that are set. */
  readonly count: number
  readonly #bits: number
  readonly #list: Uint16Array | Uint32Array | undefined
  readonly #map: Uint32Array | undefined

  private constructor(slots: number, count: number, list: Uint16Array | Uint32Array | undefined, map?: Uint32Array) {
    this.slots = slots
    this.count = count
    this.#bits = 31 - Math.clz32(slots)
    this.#list = list
    this.#map = map
  }

  /** The table in which nothing is: one for each number of slots. */
  static empty(slots: number = SLOTS): QueryRouteTable {
    let table = empties.get(slots)
    if (table === undefined) {
      table = new QueryRouteTable(slots, 0, new Uint16Array(0))
      empties.set(slots, table)
    }
    return table
  }

  /** A table of words, as they stand: no prefixes are added. */
  static of(words: Iterable<string>, slots: number = SLOTS): QueryRouteTable {
    return QueryRouteTable.#ofHashes(Array.from(words, qrpHash), slots)
  }

  /** A table of what a library can be asked for: words, their prefixes, contents. */
  static ofLibrary(library: Library, slots: number = SLOTS): QueryRouteTable {
    return QueryRouteTable.#ofHashes(libraryHashes(library), slots)
  }

  /** A table of all that any of the tables has. Tables of other sizes are scaled, which may set more but never fewer. */
  static union(tables: Iterable<QueryRouteTable>, slots: number = SLOTS): QueryRouteTable {
    let only: QueryRouteTable | undefined
    let map: Uint32Array | undefined
    for (const table of tables) {
      if (table.count === 0) continue
      if (only === undefined && map === undefined && table.slots === slots) {
        only = table
        continue
      }
      map ??= only === undefined ? new Uint32Array(mapWords(slots)) : only.toMap()
      table.#addTo(map, slots)
    }
    if (map === undefined) return only ?? QueryRouteTable.empty(slots)
    return QueryRouteTable.ofMap(map, slots)
  }

  /** A table of a map of bits, slot 0 in the lowest bit of the first word. The map is the table's from then on. */
  static ofMap(map: Uint32Array, slots: number): QueryRouteTable {
    assert(map.length === mapWords(slots), 'a map has a bit for each slot')
    let count = 0
    for (let i = 0; i < map.length; i++) if (map[i] !== 0) count += bitCount(map[i] as number)
    if (count === 0) return QueryRouteTable.empty(slots)
    if (count * LIST_SHARE > slots) return new QueryRouteTable(slots, count, undefined, map)
    const list = newList(slots, count)
    let at = 0
    forEachBit(map, (slot) => {
      list[at++] = slot
    })
    return new QueryRouteTable(slots, count, list)
  }

  static #ofHashes(hashes: readonly number[], slots: number): QueryRouteTable {
    const bits = 31 - Math.clz32(slots)
    if (hashes.length * LIST_SHARE > slots) {
      const map = new Uint32Array(mapWords(slots))
      for (const hash of hashes) setBit(map, qrpSlot(hash, bits))
      return QueryRouteTable.ofMap(map, slots)
    }
    const list = newList(slots, hashes.length)
    for (let i = 0; i < hashes.length; i++) list[i] = qrpSlot(hashes[i] as number, bits)
    list.sort()
    let count = 0
    for (let i = 0; i < list.length; i++) if (i === 0 || list[i] !== list[i - 1]) list[count++] = list[i] as number
    return count === 0 ? QueryRouteTable.empty(slots) : new QueryRouteTable(slots, count, list.slice(0, count))
  }

  /** Share of slots that are set, 0 to 1. */
  get fill(): number {
    return this.count / this.slots
  }

  has(slot: number): boolean {
    if (this.#map !== undefined) return ((this.#map[slot >>> 5] as number) & (1 << (slot & 31))) !== 0
    const list = this.#list as Uint16Array | Uint32Array
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((list[middle] as number) < slot) low = middle + 1
      else high = middle
    }
    return list[low] === slot
  }

  /**
   * Whether a file that answers the query may be there: content that it names, or all of its words (as LimeWire, whose
   * servents answer no query of which they have only some). A query that names nothing matches no table.
   */
  mayMatch(query: Pick<Query, 'criteria' | 'sha1' | 'cid'>): boolean {
    if (this.count === 0) return false
    const { words, contents } = queryHashes(query)
    for (const hash of contents) if (this.has(qrpSlot(hash, this.#bits))) return true
    if (words.length === 0) return false
    for (const hash of words) if (!this.has(qrpSlot(hash, this.#bits))) return false
    return true
  }

  /** Whether the same slots are set. */
  equals(other: QueryRouteTable): boolean {
    if (this === other) return true
    if (this.slots !== other.slots || this.count !== other.count) return false
    const mine = this.#list ?? (this.#map as Uint32Array)
    const theirs = other.#list ?? (other.#map as Uint32Array)
    for (let i = 0; i < mine.length; i++) if (mine[i] !== theirs[i]) return false
    return true
  }

  /** Calls back with each slot that is set, in order. */
  eachSlot(callback: (slot: number) => void): void {
    if (this.#map !== undefined) forEachBit(this.#map, callback)
    else for (const slot of this.#list as Uint16Array | Uint32Array) callback(slot)
  }

  /** A map of its bits, for whoever asks alone. */
  toMap(): Uint32Array {
    const map = this.#map?.slice() ?? new Uint32Array(mapWords(this.slots))
    if (this.#map === undefined) for (const slot of this.#list as Uint16Array | Uint32Array) setBit(map, slot)
    return map
  }

  #addTo(map: Uint32Array, slots: number): void {
    if (this.slots === slots && this.#map !== undefined) {
      for (let i = 0; i < map.length; i++) map[i] = (map[i] as number) | (this.#map[i] as number)
    } else if (this.slots >= slots) {
      const share = this.slots / slots
      this.eachSlot((slot) => setBit(map, Math.floor(slot / share)))
    } else {
      // One slot of a smaller table stands for several of a larger.
      const share = slots / this.slots
      this.eachSlot((slot) => {
        for (let i = 0; i < share; i++) setBit(map, slot * share + i)
      })
    }
  }
}

function newList(slots: number, length: number): Uint16Array | Uint32Array {
  return slots <= 65_536 ? new Uint16Array(length) : new Uint32Array(length)
}

function mapWords(slots: number): number {
  return Math.ceil(slots / 32)
}

function setBit(map: Uint32Array, slot: number): void {
  map[slot >>> 5] = (map[slot >>> 5] as number) | (1 << (slot & 31))
}

function forEachBit(map: Uint32Array, callback: (slot: number) => void): void {
  for (let i = 0; i < map.length; i++) {
    for (let rest = map[i] as number; rest !== 0; rest &= rest - 1) callback(32 * i + 31 - Math.clz32(rest & -rest))
  }
}

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
