import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DownloadProgress, FolderListing, ListedFile, Servent } from '@servent/servent'
import {
  ContentUnreadableError,
  DownloadError,
  identify,
  SinkFailedError,
  SinkFullError,
  safeFileName,
} from '@servent/transfer'
import { fileContent, fileSinkIn, pathIn } from '@servent/transfer/node'
import { CommandError, sentenceOf, systemCode } from '../errors.ts'
import { formatBytes, plural } from '../format.ts'
import type { Terminal } from '../terminal.ts'

/** Ours: files that are fetched at once: while one is asked for, another comes. */
const FILES_AT_ONCE = 3

/**
 * Fetches all files of a folder into one of its name, each at its place. What is there already and right stays as it is, and what an earlier
 * run has begun is gone on with. A file that cannot be fetched is named and left out.
 *
 * @throws CommandError when any was; the signal's reason
 */
export async function getFolder(
  peer: Servent,
  listing: FolderListing,
  out: string,
  terminal: Terminal,
  signal: AbortSignal
): Promise<void> {
  const folder = join(out, safeFileName(listing.name))
  await makeFolder(folder)
  const run = new FolderRun(peer, listing, folder, terminal, signal)
  const { fetched, there, failed } = await run.run()
  const { cid, size, files } = listing
  const had = there === 0 ? '' : `, ${there} of them were there`
  const about = `${folder}: ${plural(files.length - failed, 'file', 'files')}${had}, ${formatBytes(size)} in all`
  terminal.result(about, { event: 'folder', path: folder, cid, size, fetched, there, failed })
  if (failed === 0) return
  throw new CommandError(
    `${failed} of ${plural(files.length, 'file was', 'files were')} not fetched. The same command tries again.`
  )
}

class FolderRun {
  readonly #peer: Servent
  readonly #listing: FolderListing
  readonly #folder: string
  readonly #terminal: Terminal
  readonly #signal: AbortSignal
  readonly #running = new Map<ListedFile, DownloadProgress>()
  #doneBytes = 0
  #fetched = 0
  #there = 0
  #failed = 0

  constructor(peer: Servent, listing: FolderListing, folder: string, terminal: Terminal, signal: AbortSignal) {
    this.#peer = peer
    this.#listing = listing
    this.#folder = folder
    this.#terminal = terminal
    this.#signal = signal
  }

  /** @returns how many files were fetched, were there, and were not fetched */
  async run(): Promise<{ readonly fetched: number; readonly there: number; readonly failed: number }> {
    const waiting = this.#listing.files.values()
    const work = async (): Promise<void> => {
      for (const file of waiting) await this.#get(file)
    }
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, work))
    this.#terminal.endProgress()
    return { fetched: this.#fetched, there: this.#there, failed: this.#failed }
  }

  async #get(file: ListedFile): Promise<void> {
    this.#signal.throwIfAborted()
    try {
      if (await isThere(pathIn(this.#folder, file.path), file)) this.#there++
      else await this.#fetch(file)
      this.#doneBytes += file.size
    } catch (error) {
      this.#signal.throwIfAborted()
      if (!isOfOneFile(error)) throw error
      this.#failed++
      this.#terminal.note(`Not fetched: ${file.path}: ${sentenceOf(error)}`)
    } finally {
      this.#running.delete(file)
    }
  }

  async #fetch(file: ListedFile): Promise<void> {
    const { cid, size, path } = file
    const sink = await fileSinkIn(this.#folder, path, { cid, size })
    const { durationMs, sources } = await this.#peer.download(file, sink, {
      signal: this.#signal,
      onProgress: (progress) => this.#tell(file, progress),
    })
    this.#fetched++
    this.#terminal.result(`${sink.path}: ${formatBytes(size)}`, { path: sink.path, cid, size, durationMs, sources })
  }

  /** How far all of it has come. */
  #tell(file: ListedFile, progress: DownloadProgress): void {
    this.#running.set(file, progress)
    const { name, size: totalBytes } = this.#listing
    let doneBytes = this.#doneBytes
    let bytesPerSecond = 0
    for (const one of this.#running.values()) {
      doneBytes += one.doneBytes
      bytesPerSecond += one.bytesPerSecond
    }
    const leftMs = bytesPerSecond === 0 ? undefined : (1000 * (totalBytes - doneBytes)) / bytesPerSecond
    this.#terminal.progress(name, { doneBytes, totalBytes, bytesPerSecond, leftMs })
  }
}

/** Whether the file is there already: found out by its bytes, if it has as many. */
async function isThere(path: string, { cid, size }: ListedFile): Promise<boolean> {
  try {
    const content = await fileContent(path)
    return content.size === size && (await identify(content)).cid.toString() === cid
  } catch (error) {
    if (error instanceof ContentUnreadableError) return false
    throw error
  }
}

/** Whether others of the folder may still come. */
function isOfOneFile(error: unknown): boolean {
  return error instanceof DownloadError || error instanceof SinkFailedError || error instanceof SinkFullError
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    if ((await stat(folder)).isDirectory()) return
    throw new CommandError(`${folder} is a file: move it, or take another folder with --out.`, { cause: error })
  }
}
