import { keywords } from './keywords.ts'
import type { NewFile, SharedFile } from './shared-file.ts'

/** Ours: a million files of one peer would take a gigabyte of names and words. */
const FILES_MAX = 100_000

const NONE: readonly SharedFile[] = []

export interface LibraryOptions {
  /** Files at the most. Default 100,000. */
  readonly filesMax?: number
}

/**
 * What a peer shares, found by words, by content or by index.
 *
 * 1. An index is given once and never to another file, also after `remove`.
 * 2. Content (a CID) is shared once: adding it again gives the file that is there.
 * 3. Every list of the keyword index is in order of file index, for indices only grow: so lists intersect by search.
 * 4. An empty library holds no map: a million simulated nodes may have one each.
 */
export class Library {
  readonly filesMax: number
  #files: Map<number, SharedFile> | undefined
  #byWord: Map<string, SharedFile[]> | undefined
  #byCid: Map<string, SharedFile> | undefined
  #bySha1: Map<string, SharedFile> | undefined
  #nextIndex = 1
  #revision = 0
  #byteCount = 0

  constructor(options: LibraryOptions = {}) {
    this.filesMax = options.filesMax ?? FILES_MAX
  }

  get fileCount(): number {
    return this.#files === undefined ? 0 : this.#files.size
  }

  /** Grows with every file that is added or removed: whoever has told others what is shared sees that it is out of date. */
  get revision(): number {
    return this.#revision
  }

  /** Size of all files in units of 1,024 bytes, rounded up: what a Pong tells. */
  get kilobyteCount(): number {
    return Math.ceil(this.#byteCount / 1024)
  }

  /** Offers a file. Gives the one that is there if its content is shared already, and undefined if the library is full. */
  add(file: NewFile): SharedFile | undefined {
    const shared = file.cid === undefined ? undefined : this.findByCid(file.cid)
    if (shared !== undefined) return shared
    if (this.fileCount >= this.filesMax || this.#nextIndex > 0xffffffff) return undefined
    const { name, size, sha1, cid } = file
    const added: SharedFile = Object.freeze({ index: this.#nextIndex++, name, size, sha1, cid })
    this.#files ??= new Map()
    this.#files.set(added.index, added)
    this.#byteCount += size
    this.#revision++
    this.#indexWords(added)
    if (cid !== undefined) this.#byCid = put(this.#byCid, cid, added)
    if (sha1 !== undefined && this.findBySha1(sha1) === undefined) this.#bySha1 = put(this.#bySha1, sha1, added)
    return added
  }

  /** Stops offering a file. False if there is none of that index. */
  remove(index: number): boolean {
    const file = this.#files?.get(index)
    if (file === undefined) return false
    this.#files?.delete(index)
    this.#byteCount -= file.size
    this.#revision++
    for (const word of keywords(file.name)) this.#unindexWord(word, file)
    if (file.cid !== undefined) this.#byCid?.delete(keyOf(file.cid))
    if (file.sha1 !== undefined) this.#forgetSha1(file, file.sha1)
    return true
  }

  get(index: number): SharedFile | undefined {
    return this.#files?.get(index)
  }

  findByCid(cid: Uint8Array): SharedFile | undefined {
    return this.#byCid?.get(keyOf(cid))
  }

  findBySha1(sha1: Uint8Array): SharedFile | undefined {
    return this.#bySha1?.get(keyOf(sha1))
  }

  /** Files whose names hold every word of `criteria`, by index, `limit` at the most. No words find nothing. */
  search(criteria: string, limit: number): readonly SharedFile[] {
    if (this.#byWord === undefined) return NONE
    let shortest: readonly SharedFile[] | undefined
    const lists: (readonly SharedFile[])[] = []
    for (const word of keywords(criteria)) {
      const list = this.#byWord.get(word)
      if (list === undefined) return NONE
      if (shortest === undefined || list.length < shortest.length) shortest = list
      lists.push(list)
    }
    if (shortest === undefined) return NONE
    const found: SharedFile[] = []
    for (const file of shortest) {
      if (found.length >= limit) break
      if (lists.every((list) => list === shortest || indexIn(list, file) !== -1)) found.push(file)
    }
    return found
  }

  /** All files, by index. */
  [Symbol.iterator](): IterableIterator<SharedFile> {
    return this.#files === undefined ? NONE.values() : this.#files.values()
  }

  #indexWords(file: SharedFile): void {
    this.#byWord ??= new Map()
    for (const word of keywords(file.name)) {
      const list = this.#byWord.get(word)
      if (list === undefined) this.#byWord.set(word, [file])
      else list.push(file)
    }
  }

  #unindexWord(word: string, file: SharedFile): void {
    const list = this.#byWord?.get(word)
    if (list === undefined) return
    const at = indexIn(list, file)
    if (at !== -1) list.splice(at, 1)
    if (list.length === 0) this.#byWord?.delete(word)
  }

  /** Two files may have one SHA-1 (one of them without a CID): the name then stands for the other. */
  #forgetSha1(file: SharedFile, sha1: Uint8Array): void {
    if (this.findBySha1(sha1) !== file) return
    const key = keyOf(sha1)
    this.#bySha1?.delete(key)
    for (const other of this) {
      if (other.sha1 === undefined || keyOf(other.sha1) !== key) continue
      this.#bySha1?.set(key, other)
      return
    }
  }
}

/** Nothing, and nothing can be added: shared by everyone who shares nothing. */
export const EMPTY_LIBRARY: Library = new Library({ filesMax: 0 })

function put(map: Map<string, SharedFile> | undefined, bytes: Uint8Array, file: SharedFile): Map<string, SharedFile> {
  const made = map ?? new Map<string, SharedFile>()
  made.set(keyOf(bytes), file)
  return made
}

/** Bytes as a text that a Map can be keyed by: one character a byte. */
function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

/** Where a file stands in a list that is in order of index, or -1. */
function indexIn(list: readonly SharedFile[], file: SharedFile): number {
  let low = 0
  let high = list.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const at = (list[middle] as SharedFile).index
    if (at === file.index) return middle
    if (at < file.index) low = middle + 1
    else high = middle - 1
  }
  return -1
}
