import { spanBytes } from '../dag/shape.ts'
import { SinkFailedError, SinkFullError } from '../errors.ts'
import { safeFileName } from '../names.ts'
import type { KeptChunks, Sink, SinkFile, Written } from '../types.ts'
import { type Deliver, deliverAsDownload } from './deliver.ts'
import { cidOf, readHead, readKept, readName } from './journal.ts'
import { askOpfs } from './opfs-client.ts'
import { downloadsFolder, OPFS_BYTES, OPFS_HANDED_OVER, OPFS_JOURNAL } from './opfs-folders.ts'
import { orWriteError } from './writable-file.ts'

export interface OpfsSinkOptions extends SinkFile {
  /** Gets the file when it is whole. Default: an ordinary download of the browser. */
  readonly deliver?: Deliver
}

/** A download that is not whole, left by this page or an earlier one. */
export interface KeptDownload {
  /** CID as text. */
  readonly cid: string
  readonly name: string
  /** Bytes of the file. */
  readonly size: number
  /** Bytes that are said to be there. */
  readonly keptBytes: number
}

/** What holds the folder of a download for this page, by CID: one that is written, or one that was handed over and may still be read. */
interface Held {
  isOpen: boolean
  release(): void
}
const held = new Map<string, Held>()

let lastFile = 0

/**
 * Writes a download into the origin private file system, in a worker, and, when it is whole, hands it over; the browser reads it from
 * there. What came outlives the page: the next `opfsSink` of the same file goes on with it. A file that was handed over stays until
 * the page has gone, for nothing tells when it has been read; `clearOldDownloads` removes it the next time.
 *
 * @throws SinkFullError when the origin has no room for what is missing; SinkFailedError, also when another tab writes the same file
 */
export async function opfsSink(
  name: string,
  { cid, size, deliver = deliverAsDownload }: OpfsSinkOptions
): Promise<Sink> {
  const text = cidOf({ cid, size }).toString()
  return orWriteError(async () => {
    const hold = await take(text)
    try {
      const file = ++lastFile
      const { kept } = await askOpfs({ type: 'open', file, cid: text, size, name: safeFileName(name) })
      const sink = new OpfsSink({
        file,
        cid: text,
        size,
        kept,
        hold,
        deliver: (blob) => deliver(blob, safeFileName(name)),
      })
      await sink.checkRoom()
      return sink
    } catch (error) {
      drop(text, hold)
      throw error
    }
  })
}

/** Downloads that another run can go on with. Those that a tab writes now are among them. */
export async function keptDownloads(): Promise<KeptDownload[]> {
  const downloads: KeptDownload[] = []
  for await (const [cid, journal] of journals(await downloadsFolder())) {
    const head = journal && readHead(journal)
    if (journal === undefined || head === undefined || head.owner === OPFS_HANDED_OVER) continue
    const { chunks } = readKept(journal, head.size)
    const keptBytes = chunks.reduce((bytes, index) => bytes + spanBytes(head.size, 0, index), 0)
    downloads.push({ cid, name: readName(journal, head.size), size: head.size, keptBytes })
  }
  return downloads
}

/** Removes what is kept of a download. False when there is nothing, or when it is being written. */
export async function discardKept(cid: string): Promise<boolean> {
  if (held.get(cid)?.isOpen === true) return false
  held.get(cid)?.release()
  held.delete(cid)
  return removeUnlessHeld(await downloadsFolder(), cid)
}

/**
 * Removes the files that former pages have handed over, and what is no download. To be called when a page starts. Returns how many
 * there were. What can be gone on with stays.
 */
export async function clearOldDownloads(): Promise<number> {
  const folder = await downloadsFolder()
  const done: string[] = []
  for await (const [name, journal] of journals(folder)) {
    const head = journal && readHead(journal)
    if (head === undefined || head.owner === OPFS_HANDED_OVER) done.push(name)
  }
  let removed = 0
  for (const name of done) if (!held.has(name) && (await removeUnlessHeld(folder, name))) removed++
  return removed
}

interface OpfsFile {
  readonly file: number
  readonly cid: string
  readonly size: number
  readonly kept: KeptChunks
  readonly hold: Held
  deliver(file: Blob): void | Promise<void>
}

class OpfsSink implements Sink {
  readonly #open: OpfsFile
  #state: 'open' | 'suspended' | 'closed' | 'aborted' = 'open'

  constructor(open: OpfsFile) {
    this.#open = open
  }

  get kept(): KeptChunks {
    return this.#open.kept
  }

  /** @throws SinkFullError; the sink is suspended then */
  async checkRoom(): Promise<void> {
    const { size, kept } = this.#open
    const { quota, usage } = await navigator.storage.estimate()
    const missing = size - kept.chunks.reduce((bytes, index) => bytes + spanBytes(size, 0, index), 0)
    if (quota === undefined || usage === undefined || missing <= quota - usage) return
    await this.suspend()
    throw new SinkFullError('There is not enough space for this file.')
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice()
    await askOpfs({ type: 'write', file: this.#open.file, offset, bytes: copy, sha256: undefined }, [copy.buffer])
  }

  async writeIfRight(offset: number, bytes: Uint8Array<ArrayBuffer>, sha256: Uint8Array): Promise<Written> {
    const request = { type: 'write', file: this.#open.file, offset, bytes, sha256 } as const
    const answer = await askOpfs(request, [bytes.buffer])
    return { isRight: answer.isRight, buffer: new Uint8Array(answer.bytes.buffer) }
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    return (await askOpfs({ type: 'read', file: this.#open.file, start, end })).bytes
  }

  async keepLeaves(leaves: Uint8Array): Promise<void> {
    await askOpfs({ type: 'leaves', file: this.#open.file, leaves })
  }

  /** The lock stays: other pages leave the file alone while the browser reads it. */
  async close(): Promise<void> {
    const { cid, size, hold, deliver } = this.#open
    await this.#letGo()
    try {
      await orWriteError(async () => {
        const folder = await (await downloadsFolder()).getDirectoryHandle(cid)
        const whole = await (await folder.getFileHandle(OPFS_BYTES)).getFile()
        if (whole.size !== size) throw new SinkFailedError('The file was changed while it was written.')
        await deliver(whole)
        await askOpfs({ type: 'over', cid })
      })
      this.#state = 'closed'
      hold.isOpen = false
    } catch (error) {
      drop(cid, hold)
      throw error
    }
  }

  async suspend(): Promise<void> {
    if (this.#state !== 'open') return
    try {
      await this.#letGo()
    } finally {
      drop(this.#open.cid, this.#open.hold)
    }
  }

  async abort(): Promise<void> {
    if (this.#state === 'closed' || this.#state === 'aborted') return
    await this.suspend()
    this.#state = 'aborted'
    await orWriteError(async () => removeUnlessHeld(await downloadsFolder(), this.#open.cid))
  }

  async #letGo(): Promise<void> {
    this.#state = 'suspended'
    await askOpfs({ type: 'end', file: this.#open.file })
  }
}

/** Makes a download this page's own: by a lock that goes with the page. */
async function take(cid: string): Promise<Held> {
  const known = held.get(cid)
  if (known?.isOpen === true) throw new SinkFailedError('This file is being downloaded already.')
  if (known !== undefined) {
    known.isOpen = true
    return known
  }
  const release = await new Promise<(() => void) | undefined>((resolve, reject) => {
    const request = navigator.locks.request(lockName(cid), { ifAvailable: true }, (lock) => {
      if (lock === null) return resolve(undefined)
      return new Promise<void>((unlock) => resolve(unlock))
    })
    request.catch(reject)
  })
  if (release === undefined) throw new SinkFailedError('Another tab of this browser is downloading this file.')
  const hold = { isOpen: true, release }
  held.set(cid, hold)
  return hold
}

function drop(cid: string, hold: Held): void {
  hold.isOpen = false
  hold.release()
  if (held.get(cid) === hold) held.delete(cid)
}

async function removeUnlessHeld(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  return navigator.locks.request(lockName(name), { ifAvailable: true }, async (lock) => {
    if (lock === null) return false
    try {
      await folder.removeEntry(name, { recursive: true })
      return true
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return false
      throw error
    }
  })
}

/** The entries of the folder, each with its journal; undefined when it has none. */
async function* journals(folder: FileSystemDirectoryHandle): AsyncGenerator<[string, Uint8Array | undefined]> {
  const entries: [string, FileSystemHandle][] = []
  for await (const entry of folder.entries()) entries.push(entry)
  for (const [name, handle] of entries) {
    yield [name, handle.kind === 'directory' ? await journalIn(handle as FileSystemDirectoryHandle) : undefined]
  }
}

async function journalIn(folder: FileSystemDirectoryHandle): Promise<Uint8Array | undefined> {
  try {
    const file = await (await folder.getFileHandle(OPFS_JOURNAL)).getFile()
    return new Uint8Array(await file.arrayBuffer())
  } catch (error) {
    // Gone meanwhile, or never made.
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
    throw error
  }
}

function lockName(cid: string): string {
  return `servent-download-${cid}`
}
