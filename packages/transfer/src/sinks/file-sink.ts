import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CHUNK_BYTES } from '../dag/shape.ts'
import { SinkFailedError } from '../errors.ts'
import { numberedName, safePath } from '../names.ts'
import type { KeptChunks, Sink, SinkFile } from '../types.ts'
import { codeOf, orSinkError } from './file-errors.ts'
import { chunkAt, isOf, LEAVES_AT, newJournal, OWNER_AT, readHead, readKept, uint32 } from './journal.ts'

/** Names that are tried before giving up. */
const NAMES_MAX = 1_000

/** Part files that this process writes. */
const inUse = new Set<string>()

/**
 * Writes a download to disk: into `name.part` until it is whole, then under its name. Never overwrites a file. What is there is
 * noted in `name.part.chunks`, after it has been written: a process that is killed loses at most the chunk it was writing.
 */
export interface FileSink extends Sink {
  /** Where the file is once the sink is closed: the path asked for, or `name (2).ext` if that was taken. Until then the part file. */
  readonly path: string
}

/**
 * Opens `path.part`, at once, so that a place that cannot be written to is told of before anything is fetched. If an earlier run
 * left one of the same file there, it goes on with that; one that another process writes is left alone.
 *
 * @throws SinkFailedError with a sentence for a person; SinkFullError
 */
export async function fileSink(path: string, file: SinkFile): Promise<FileSink> {
  return orSinkError(path, async () => DiskSink.open(resolve(path), file))
}

/**
 * The same for a file somewhere below a folder: `name` may have folders of its own, separated by `/` or `\`. Each part of it is made
 * safe, so that it never leads out of the folder; folders that are missing are made.
 *
 * @throws SinkFailedError, SinkFullError
 */
export async function fileSinkIn(folder: string, name: string, file: SinkFile): Promise<FileSink> {
  const path = pathIn(folder, name)
  await orSinkError(path, async () => {
    // The folder itself is not made: one that is not there was probably meant to be another.
    for (const parent of parentsBelow(resolve(folder), path)) await mkdir(parent).catch(unlessThere)
  })
  return fileSink(path, file)
}

/** Where `fileSinkIn` puts a file that is the first of its name. */
export function pathIn(folder: string, name: string): string {
  return join(resolve(folder), ...safePath(name))
}

class DiskSink implements FileSink {
  readonly kept: KeptChunks | undefined
  readonly #wanted: string
  readonly #part: string
  readonly #size: number
  readonly #file: FileHandle
  readonly #journal: FileHandle
  #state: 'open' | 'suspended' | 'closed' | 'aborted' = 'open'
  #final: string | undefined

  constructor(wanted: string, size: number, { part, file, journal, kept }: OpenPart) {
    this.#wanted = wanted
    this.#size = size
    this.#part = part
    this.#file = file
    this.#journal = journal
    this.kept = kept
  }

  static async open(wanted: string, file: SinkFile): Promise<DiskSink> {
    for (let number = 1; number <= NAMES_MAX; number++) {
      const opened = await openPart(`${numbered(wanted, number)}.part`, basename(wanted), file)
      if (opened !== undefined) return new DiskSink(wanted, file.size, opened)
    }
    throw tooMany(wanted)
  }

  get path(): string {
    return this.#final ?? this.#part
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return orSinkError(this.#wanted, async () => {
      await writeFully(this.#file, bytes, offset)
      await this.#journal.write(Uint8Array.of(1), 0, 1, chunkAt(this.#size, offset / CHUNK_BYTES))
    })
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(end - start)
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await this.#file.read(bytes, at, bytes.length - at, start + at)
      if (bytesRead === 0) throw new SinkFailedError(`${basename(this.#part)} is shorter than it was.`)
      at += bytesRead
    }
    return bytes
  }

  keepLeaves(leaves: Uint8Array): Promise<void> {
    return orSinkError(this.#wanted, () => writeFully(this.#journal, leaves, LEAVES_AT))
  }

  close(): Promise<void> {
    return orSinkError(this.#wanted, async () => {
      await this.#file.sync()
      // The name is taken by an empty file first, for renaming would replace a file that came meanwhile.
      const final = await takeName(this.#wanted)
      try {
        await this.#letGo()
        await rename(this.#part, final)
      } catch (error) {
        await rm(final, { force: true })
        throw error
      }
      this.#final = final
      this.#state = 'closed'
      await rm(journalOf(this.#part), { force: true })
    })
  }

  async suspend(): Promise<void> {
    if (this.#state !== 'open') return
    await orSinkError(this.#wanted, async () => {
      try {
        await this.#journal.write(uint32(0), 0, 4, OWNER_AT)
      } finally {
        await this.#letGo()
      }
    })
  }

  async abort(): Promise<void> {
    if (this.#state === 'closed' || this.#state === 'aborted') return
    await orSinkError(this.#wanted, async () => {
      if (this.#state === 'open') await this.#letGo()
      this.#state = 'aborted'
      // Another download may go on with what this one has let go of.
      if (inUse.has(this.#part)) return
      await rm(this.#part, { force: true })
      await rm(journalOf(this.#part), { force: true })
    })
  }

  async #letGo(): Promise<void> {
    this.#state = 'suspended'
    inUse.delete(this.#part)
    await Promise.all([this.#file.close(), this.#journal.close()])
  }
}

interface OpenPart {
  readonly part: string
  readonly file: FileHandle
  readonly journal: FileHandle
  readonly kept: KeptChunks | undefined
}

/** Opens a part file: a new one, or what an earlier run left of the same file. Undefined when something else is there. */
async function openPart(part: string, name: string, { cid, size }: SinkFile): Promise<OpenPart | undefined> {
  if (inUse.has(part)) return undefined
  inUse.add(part)
  try {
    const create = () => createPart(part, name, { cid, size })
    const opened =
      (await create()) ??
      (await resumePart(part, { cid, size })) ??
      ((await removeStale(part)) ? await create() : undefined)
    if (opened === undefined) inUse.delete(part)
    return opened
  } catch (error) {
    inUse.delete(part)
    throw error
  }
}

/** The journal is made first: a part without one would be nobody's for ever. */
async function createPart(part: string, name: string, { cid, size }: SinkFile): Promise<OpenPart | undefined> {
  const journal = await createNew(journalOf(part))
  if (journal === undefined) return undefined
  try {
    await writeFully(journal, newJournal({ cid, size }, process.pid, name), 0)
    const file = await createNew(part)
    if (file !== undefined) return { part, file, journal, kept: undefined }
  } catch (error) {
    await abandon(journal, part)
    throw error
  }
  await abandon(journal, part)
  return undefined
}

async function resumePart(part: string, { cid, size }: SinkFile): Promise<OpenPart | undefined> {
  const bytes = await readFile(journalOf(part)).catch(unlessMissing)
  const head = bytes && readHead(bytes)
  if (bytes === undefined || head === undefined) return undefined
  if (!isOf(head, { cid, size }) || isElsewhere(head.owner)) return undefined
  const journal = await open(journalOf(part), 'r+')
  try {
    await journal.write(uint32(process.pid), 0, 4, OWNER_AT)
    // Killed before it was made, the part is not there.
    const file = (await createNew(part)) ?? (await open(part, 'r+'))
    return { part, file, journal, kept: readKept(bytes, size) }
  } catch (error) {
    await journal.close()
    throw error
  }
}

/** Removes a journal without a part: of a download that was killed when it had just been given its name. */
async function removeStale(part: string): Promise<boolean> {
  const head = readHead((await readFile(journalOf(part)).catch(unlessMissing)) ?? new Uint8Array(0))
  if (head === undefined || isElsewhere(head.owner)) return false
  if ((await stat(part).catch(unlessMissing)) !== undefined) return false
  await rm(journalOf(part), { force: true })
  return true
}

/** Whether another process that runs has the number. One that was killed has left its own. */
function isElsewhere(owner: number): boolean {
  if (owner === 0 || owner === process.pid) return false
  try {
    process.kill(owner, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

async function abandon(journal: FileHandle, part: string): Promise<void> {
  await journal.close()
  await rm(journalOf(part), { force: true })
}

/** Takes the first free one of `name`, `name (2)`, … with an empty file. */
async function takeName(wanted: string): Promise<string> {
  for (let number = 1; number <= NAMES_MAX; number++) {
    const candidate = numbered(wanted, number)
    const file = await createNew(candidate)
    if (file === undefined) continue
    await file.close()
    return candidate
  }
  throw tooMany(wanted)
}

/** Creates a file that was not there; undefined when there is one. */
async function createNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx+')
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return undefined
  }
}

async function writeFully(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, offset + at)
    at += bytesWritten
  }
}

function journalOf(part: string): string {
  return `${part}.chunks`
}

function numbered(path: string, number: number): string {
  return join(dirname(path), numberedName(basename(path), number))
}

function tooMany(path: string): SinkFailedError {
  return new SinkFailedError(`There are too many files named like ${basename(path)}.`)
}

/** The folders between a folder and a file in it, outermost first. */
function parentsBelow(folder: string, path: string): string[] {
  const parents: string[] = []
  for (let parent = dirname(path); parent.length > folder.length; parent = dirname(parent)) parents.unshift(parent)
  return parents
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error
}

function unlessMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
  return undefined
}
