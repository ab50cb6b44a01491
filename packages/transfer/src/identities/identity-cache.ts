import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type FileState, isSameState } from '../contents/file-reading.ts'
import type { Identity } from '../identify.ts'
import { decodeIdentity, encodeIdentity, IdentityRecordError } from '../identity-record.ts'
import { replaceFile } from '../replace-file.ts'
import { decodeEntries, type Entry, encodeEntry } from './entries.ts'

/** Ours: 300,000 small files, or two terabytes of big ones. All of it is in memory. */
const BYTES_MAX = 67_108_864

/** Ours: entries that are of no use any more may fill as much as the others, and this much besides, before the file is written anew. */
const SLACK_BYTES = 1_048_576

export interface IdentityCacheOptions {
  /** Bytes of all entries at most; then those go that were asked for the longest ago. Default 64 MiB. */
  readonly bytesMax?: number
  /** Told, in a sentence, when what was kept is damaged or nothing can be kept: files are then hashed once more. */
  readonly onProblem?: (sentence: string) => void
}

/**
 * Remembers what files are named, by path, size, time of change and inode, so that none is hashed twice while these stay.
 *
 * One file on disk, appended to and now and then written anew beside and renamed. A process that dies amid a write leaves a torn
 * end, which is cut off when it is read again. Several processes may use one file: each knows what was there when it began, and what
 * it has found itself.
 */
export class IdentityCache {
  readonly #path: string
  readonly #bytesMax: number
  readonly #onProblem: (sentence: string) => void
  /** By path; first what was asked for the longest ago. */
  readonly #entries = new Map<string, Entry>()
  #entryBytes = 0
  #fileBytes = 0
  #written: Promise<void> = Promise.resolve()
  #hasFailed = false

  private constructor(path: string, { bytesMax = BYTES_MAX, onProblem = () => undefined }: IdentityCacheOptions) {
    this.#path = path
    this.#bytesMax = bytesMax
    this.#onProblem = onProblem
  }

  /** Reads what is kept in the file at `path`; it and its folder need not be there. Never rejects: without it, files are hashed once more. */
  static async open(path: string, options: IdentityCacheOptions = {}): Promise<IdentityCache> {
    const cache = new IdentityCache(path, options)
    await cache.#load()
    return cache
  }

  /** What the file at `path` is named, if it still is as it was. */
  async get(path: string, state: FileState): Promise<Identity | undefined> {
    const entry = this.#entries.get(path)
    if (entry === undefined) return undefined
    try {
      const identity = await decodeIdentity(entry.record)
      if (!isSameState({ ...entry, size: identity.size }, state)) return undefined
      this.#remember(entry)
      return identity
    } catch (error) {
      if (!(error instanceof IdentityRecordError)) throw error
      this.#forget(path)
      this.#onProblem(`What was kept of ${path} is damaged: it is hashed again.`)
      return undefined
    }
  }

  /** Remembers what the file at `path` is named while it is as it is. Resolves when that is written, or cannot be. */
  async put(path: string, { mtimeMs, ino }: FileState, identity: Identity): Promise<void> {
    const entry = { path, mtimeMs, ino, record: await encodeIdentity(identity) }
    const bytes = encodeEntry(entry)
    if (bytes === undefined || bytes.length > this.#bytesMax) return
    this.#remember(entry)
    await this.#write(() => this.#append(bytes))
  }

  #remember(entry: Entry): void {
    this.#forget(entry.path)
    this.#entries.set(entry.path, entry)
    this.#entryBytes += entry.record.length
    for (const oldest of this.#entries.keys()) {
      if (this.#entryBytes <= this.#bytesMax) break
      this.#forget(oldest)
    }
  }

  #forget(path: string): void {
    const entry = this.#entries.get(path)
    if (entry === undefined) return
    this.#entryBytes -= entry.record.length
    this.#entries.delete(path)
  }

  async #load(): Promise<void> {
    let bytes: Uint8Array
    try {
      bytes = await readFile(this.#path)
    } catch (error) {
      if (!isMissing(error)) this.#tell(error)
      return this.#write(async () => void (await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })))
    }
    const { entries, goodBytes } = decodeEntries(bytes)
    for (const entry of entries) this.#remember(entry)
    this.#fileBytes = goodBytes
    if (goodBytes === bytes.length) return
    this.#onProblem(`What was kept in ${this.#path} is damaged: some files are hashed again.`)
    await this.#write(() => this.#rewrite())
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#fileBytes + bytes.length > 2 * this.#entryBytes + SLACK_BYTES) return this.#rewrite()
    await appendFile(this.#path, bytes, { mode: 0o600 })
    this.#fileBytes += bytes.length
  }

  async #rewrite(): Promise<void> {
    const bytes = Buffer.concat([...this.#entries.values()].flatMap((entry) => encodeEntry(entry) ?? []))
    await replaceFile(this.#path, bytes)
    this.#fileBytes = bytes.length
  }

  /** One write after the other. */
  #write(work: () => Promise<void>): Promise<void> {
    this.#written = this.#written.then(work).catch((error: unknown) => this.#tell(error))
    return this.#written
  }

  /** A full disk must not keep anybody from sharing. */
  #tell(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    const why = error instanceof Error ? error.message : String(error)
    this.#onProblem(`The names of files cannot be kept in ${this.#path}, so they are hashed each time: ${why}`)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
