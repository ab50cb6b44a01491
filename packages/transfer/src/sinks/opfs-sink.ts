import { SinkFullError } from '../errors.ts'
import { safeFileName } from '../names.ts'
import type { Sink } from '../types.ts'
import { type Deliver, deliverAsDownload } from './deliver.ts'
import { orWriteError, writeAt } from './writable-file.ts'

/** The folder of the origin private file system that downloads are written in. */
const FOLDER = 'servent-downloads'

/**
 * Writes a download into the origin private file system and, when it is whole, hands it over as an ordinary download
 * that the browser reads from there. The file stays until the page has gone, for nothing tells when it has been read;
 * `clearOldDownloads` removes it the next time.
 *
 * @throws SinkFullError when the origin has no room for `size` bytes; SinkFailedError
 */
export async function opfsSink(name: string, size: number, deliver: Deliver = deliverAsDownload): Promise<Sink> {
  return orWriteError(async () => {
    await checkRoom(size)
    const folder = await downloadsFolder()
    const id = crypto.randomUUID()
    const release = await hold(id)
    const handle = await folder.getFileHandle(id, { create: true })
    const writable = await handle.createWritable()
    const abort = (): Promise<void> =>
      orWriteError(async () => {
        try {
          await abortWriting(writable)
          await folder.removeEntry(id)
        } finally {
          release()
        }
      })
    return {
      write: (offset, bytes) => writeAt(writable, offset, bytes),
      close: () =>
        orWriteError(async () => {
          await writable.close()
          deliver(await handle.getFile(), safeFileName(name))
        }),
      suspend: abort,
      abort,
    }
  })
}

/** Removes the files of downloads whose page has gone. To be called when a page starts. Returns how many there were. */
export async function clearOldDownloads(): Promise<number> {
  const folder = await downloadsFolder()
  const ids: string[] = []
  for await (const id of folder.keys()) ids.push(id)
  let removed = 0
  for (const id of ids) {
    const isRemoved = await navigator.locks.request(lockName(id), { ifAvailable: true }, async (lock) => {
      if (lock === null) return false
      await folder.removeEntry(id)
      return true
    })
    if (isRemoved) removed++
  }
  return removed
}

async function downloadsFolder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory()
  return root.getDirectoryHandle(FOLDER, { create: true })
}

async function checkRoom(size: number): Promise<void> {
  const { quota, usage } = await navigator.storage.estimate()
  if (quota !== undefined && usage !== undefined && size > quota - usage) {
    throw new SinkFullError('There is not enough space for this file.')
  }
}

/** A writable that has been closed, or has failed, cannot be aborted any more, and need not be. */
async function abortWriting(writable: FileSystemWritableFileStream): Promise<void> {
  try {
    await writable.abort()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

/** Holds a lock in the name of a file for as long as the page lives, or until released: other pages leave the file alone. */
function hold(id: string): Promise<() => void> {
  return new Promise((held, failed) => {
    const request = navigator.locks.request(lockName(id), () => new Promise<void>((release) => held(release)))
    request.catch(failed)
  })
}

function lockName(id: string): string {
  return `servent-download-${id}`
}
