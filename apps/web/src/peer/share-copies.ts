import { SinkFullError } from '@servent/transfer'
import { canCopy } from './browser-storage.ts'
import type { KeptShares } from './kept-shares.ts'

/** Folder in the origin private file system; each copy has its CID for a name. */
const FOLDER = 'servent-shares'

/** Held in common by whoever makes copies, and alone by whoever clears: one that is being made is no leftover. */
const LOCK = 'servent-share-copies'

/**
 * Copies a file into this browser, part by part.
 *
 * @throws SinkFullError when there is no room
 */
export async function makeCopy(cid: string, file: File): Promise<void> {
  await navigator.locks.request(LOCK, { mode: 'shared' }, async () => {
    const handle = await (await folder()).getFileHandle(cid, { create: true })
    try {
      // Nothing is under the name before all of it is written.
      await file.stream().pipeTo(await handle.createWritable())
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) throw error
      throw new SinkFullError('There is no room left in this browser for a copy of this file.', { cause: error })
    }
  })
}

/** Rejects with a `NotFoundError` when the browser has thrown it away. */
export async function openCopy(cid: string): Promise<File> {
  return (await (await folder()).getFileHandle(cid)).getFile()
}

/** Frees the room of a copy, unless another identity shares it too. */
export async function dropCopy(cid: string, kept: KeptShares): Promise<void> {
  if (!(await kept.isCopyUsed(cid))) await (await folder()).removeEntry(cid).catch(unlessGone)
}

/** Frees the room of copies that were never finished, or whose share was forgotten amid. */
export async function clearCopies(kept: KeptShares): Promise<void> {
  if (!canCopy()) return
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock === null) return
    const names: string[] = []
    for await (const name of (await folder()).keys()) names.push(name)
    for (const name of names) await dropCopy(name, kept)
  })
}

async function folder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true })
}

function unlessGone(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error
}
