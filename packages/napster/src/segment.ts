import { utf8Decode } from '@servent/wire'
import { grown } from './columns.ts'
import { HashChains, NO_NODE } from './hash-chains.ts'
import type { SharedSong } from './messages.ts'
import { NO_WORD, Postings } from './postings.ts'

/** Names in one segment at the most: their numbers take two bytes. */
export const SEGMENT_NAMES_MAX = 65_536

/** Nobody: the owner of a name that is shared no longer. */
export const NO_OWNER = 0

/** No name, in a list of an owner's. */
export const NO_HANDLE = 0xffffffff

/** What an index gives in place of an MD5: OpenNap does so unless it is built to resume by it. */
export const NO_MD5 = '0'.repeat(32)

const SHA1_BYTES = 20
const NO_BYTES = new Uint8Array(0)

/** What is looked up by hash of a name: its content in two forms, and itself together with its owner. */
const CID = 0
const SHA1 = 1
const NAME = 2
const KINDS = 3

/** A song on its way into a segment. */
export interface SongRecord {
  readonly owner: number
  readonly name: Uint8Array
  readonly cid: Uint8Array | undefined
  readonly sha1: Uint8Array | undefined
  readonly size: number
  readonly bitrate: number
  readonly frequency: number
  readonly seconds: number
  /** Folded words of the name. */
  readonly words: readonly string[]
}

/** What a search may still cost. */
export interface SearchBudget {
  /** Songs to look at. */
  songs: number
}

/** Walks down one list of numbers in ascending order. */
interface Cursor {
  at: number
  readonly end: number
}

/**
 * Some ten thousand songs with an index of their own. Songs are only ever added; one that goes loses its owner and stays
 * where it is. So lists are in order without sorting, and the whole segment goes at once when nobody is left in it.
 */
export class Segment {
  readonly #seed: number
  readonly #postings = new Postings()
  readonly #hashes = new HashChains()
  #owners = new Uint32Array(16)
  #starts = new Uint32Array(16)
  #nameLengths = new Uint16Array(16)
  #cidLengths = new Uint8Array(16)
  #hasSha1 = new Uint8Array(16)
  #sizes = new Float64Array(16)
  #bitrates = new Uint16Array(16)
  #frequencies = new Uint32Array(16)
  #seconds = new Uint32Array(16)
  /** Name, CID and SHA-1 of each song, one after the other. */
  #bytes = new Uint8Array(1024)
  #byteCount = 0
  #count = 0
  #liveCount = 0
  /** The songs of one owner, in both directions. */
  nexts = new Uint32Array(16)
  previous = new Uint32Array(16)

  /** @param seed - of the hashes, so that nobody can choose names that share one */
  constructor(seed: number) {
    this.#seed = seed
  }

  /** Songs that were added. */
  get count(): number {
    return this.#count
  }

  /** Songs that are still shared. */
  get liveCount(): number {
    return this.#liveCount
  }

  /** Bytes of its arrays. */
  get bytes(): number {
    const columns = [this.#owners, this.#starts, this.#nameLengths, this.#cidLengths, this.#hasSha1, this.#sizes]
    const more = [this.#bitrates, this.#frequencies, this.#seconds, this.#bytes, this.nexts, this.previous]
    const sum = [...columns, ...more].reduce((bytes, column) => bytes + column.byteLength, 0)
    return sum + this.#postings.bytes + this.#hashes.bytes
  }

  /** Adds a song and gives its number. There must be room. */
  add(record: SongRecord): number {
    const local = this.#count++
    this.#liveCount++
    if (local >= this.#owners.length) this.#grow(local + 1)
    const { owner, name, cid, sha1 } = record
    this.#owners[local] = owner
    this.#sizes[local] = record.size
    this.#bitrates[local] = record.bitrate
    this.#frequencies[local] = record.frequency
    this.#seconds[local] = record.seconds
    this.#starts[local] = this.#byteCount
    this.#nameLengths[local] = name.length
    this.#cidLengths[local] = cid?.length ?? 0
    this.#hasSha1[local] = sha1 === undefined ? 0 : 1
    this.#append(name, cid ?? NO_BYTES, sha1 ?? NO_BYTES)
    const node = local * KINDS
    if (cid !== undefined) this.#hashes.add(node + CID, this.#hash(CID, cid))
    if (sha1 !== undefined) this.#hashes.add(node + SHA1, this.#hash(SHA1, sha1))
    this.#hashes.add(node + NAME, this.#hash(NAME + owner, name))
    for (const word of record.words) this.#postings.add(word, local)
    return local
  }

  /** Makes a song one that is shared no longer. */
  bury(local: number): void {
    this.#owners[local] = NO_OWNER
    this.#liveCount--
  }

  ownerOf(local: number): number {
    return this.#owners[local] as number
  }

  sizeOf(local: number): number {
    return this.#sizes[local] as number
  }

  bitrateOf(local: number): number {
    return this.#bitrates[local] as number
  }

  frequencyOf(local: number): number {
    return this.#frequencies[local] as number
  }

  nameOf(local: number): string {
    return utf8Decode(this.#nameBytes(local))
  }

  /** A song as it was added, but for its words. */
  recordOf(local: number): Omit<SongRecord, 'words'> {
    const start = (this.#starts[local] as number) + (this.#nameLengths[local] as number)
    const sha1Start = start + (this.#cidLengths[local] as number)
    const hasCid = sha1Start > start
    return {
      owner: this.ownerOf(local),
      name: this.#nameBytes(local),
      cid: hasCid ? this.#bytes.slice(start, sha1Start) : undefined,
      sha1: this.#hasSha1[local] === 1 ? this.#bytes.slice(sha1Start, sha1Start + SHA1_BYTES) : undefined,
      size: this.sizeOf(local),
      bitrate: this.bitrateOf(local),
      frequency: this.frequencyOf(local),
      seconds: this.#seconds[local] as number,
    }
  }

  songOf(local: number): SharedSong {
    const { cid, sha1, size, bitrate, frequency, seconds } = this.recordOf(local)
    return { name: this.nameOf(local), md5: NO_MD5, size, bitrate, frequency, seconds, cid, sha1 }
  }

  /** The song of an owner that has this very name, or -1. */
  find(owner: number, name: Uint8Array): number {
    const hashes = this.#hashes
    for (let node = hashes.first(this.#hash(NAME + owner, name)); node !== NO_NODE; node = hashes.next(node)) {
      const local = Math.floor(node / KINDS)
      if (node % KINDS !== NAME || this.#owners[local] !== owner) continue
      if (equal(this.#nameBytes(local), name)) return local
    }
    return -1
  }

  /** Calls for each shared song with this content, until told to stop by `false` or the budget is spent. */
  withContent(
    content: Uint8Array,
    kind: 'cid' | 'sha1',
    budget: SearchBudget,
    onSong: (local: number) => boolean
  ): boolean {
    const wanted = kind === 'cid' ? CID : SHA1
    const hashes = this.#hashes
    for (let node = hashes.first(this.#hash(wanted, content)); node !== NO_NODE; node = hashes.next(node)) {
      if (budget.songs-- <= 0) return false
      const local = Math.floor(node / KINDS)
      if (node % KINDS !== wanted || this.#owners[local] === NO_OWNER) continue
      const { cid, sha1 } = this.recordOf(local)
      const found = kind === 'cid' ? cid : sha1
      if (found !== undefined && equal(found, content) && !onSong(local)) return false
    }
    return true
  }

  /**
   * Calls for each shared song whose name holds all the words, in the order they were added, until told to stop by `false`
   * or the budget is spent. The rarest word leads; the other lists are walked along with it, in growing steps.
   */
  withWords(words: readonly string[], budget: SearchBudget, onSong: (local: number) => boolean): boolean {
    const cursors = this.#cursors(words)
    const [rarest] = cursors
    if (rarest === undefined) return true
    const { pool } = this.#postings
    for (let at = rarest.at; at < rarest.end; at++) {
      if (budget.songs-- <= 0) return false
      const local = pool[at] as number
      if (this.#owners[local] === NO_OWNER) continue
      let i = 1
      while (i < cursors.length && reaches(pool, cursors[i] as Cursor, local)) i++
      if (i === cursors.length) {
        if (!onSong(local)) return false
        continue
      }
      const missed = cursors[i] as Cursor
      if (missed.at >= missed.end) return true
    }
    return true
  }

  /** The lists of words, the shortest first; none if a word is in no name. */
  #cursors(words: readonly string[]): readonly Cursor[] {
    const cursors: Cursor[] = []
    for (const word of words) {
      const row = this.#postings.find(word)
      if (row === NO_WORD) return []
      const at = this.#postings.startOf(row)
      cursors.push({ at, end: at + this.#postings.countOf(row) })
    }
    return cursors.sort((a, b) => a.end - a.at - (b.end - b.at))
  }

  #nameBytes(local: number): Uint8Array {
    const start = this.#starts[local] as number
    return this.#bytes.subarray(start, start + (this.#nameLengths[local] as number))
  }

  #append(...parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.#bytes = grown(this.#bytes, this.#byteCount + part.length)
      this.#bytes.set(part, this.#byteCount)
      this.#byteCount += part.length
    }
  }

  /** FNV-1a, begun with what is being named. */
  #hash(kind: number, bytes: Uint8Array): number {
    let hash = Math.imul(this.#seed ^ kind, 0x2c1b3c6d) ^ 0x811c9dc5
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
    return hash ^ (hash >>> 13)
  }

  #grow(length: number): void {
    this.#owners = grown(this.#owners, length)
    this.#starts = grown(this.#starts, length)
    this.#nameLengths = grown(this.#nameLengths, length)
    this.#cidLengths = grown(this.#cidLengths, length)
    this.#hasSha1 = grown(this.#hasSha1, length)
    this.#sizes = grown(this.#sizes, length)
    this.#bitrates = grown(this.#bitrates, length)
    this.#frequencies = grown(this.#frequencies, length)
    this.#seconds = grown(this.#seconds, length)
    this.nexts = grown(this.nexts, length)
    this.previous = grown(this.previous, length)
  }
}

/** Moves a cursor to the first number that is not below `wanted`: steps of 1, 2, 4 …, then by halves. Whether it is there. */
function reaches(pool: Uint16Array, cursor: Cursor, wanted: number): boolean {
  let low = cursor.at
  if (low < cursor.end && (pool[low] as number) < wanted) {
    let step = 1
    while (low + step < cursor.end && (pool[low + step] as number) < wanted) {
      low += step
      step *= 2
    }
    let high = Math.min(low + step, cursor.end)
    low++
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((pool[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
  }
  cursor.at = low
  return low < cursor.end && pool[low] === wanted
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
