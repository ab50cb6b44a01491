// Runs in a worker of a page: writes downloads into the origin private file system, through handles that only workers have. What they
// have written is there when the page crashes, which a writable stream of the page would lose. Chunks are hashed here, too, so that
// their buffers change hands and are not copied.
import { areEqual, sha256 } from '../dag/cids.ts'
import { CHUNK_BYTES } from '../dag/shape.ts'
import { SinkFailedError, SinkFullError } from '../errors.ts'
import type { KeptChunks } from '../types.ts'
import { chunkAt, isOf, LEAVES_AT, newJournal, OWNER_AT, readHead, readKept, uint32 } from './journal.ts'
import { downloadsFolder, OPFS_BYTES, OPFS_HANDED_OVER, OPFS_JOURNAL } from './opfs-folders.ts'
import type { OpfsAnswer, OpfsRequest } from './opfs-messages.ts'
import { writeErrorOf } from './writable-file.ts'

/** TypeScript's library for pages does not know what only workers have. */
interface SyncAccessHandle {
  read(into: Uint8Array, options: { at: number }): number
  write(bytes: Uint8Array, options: { at: number }): number
  truncate(size: number): void
  getSize(): number
  flush(): void
  close(): void
}
type WorkerFileHandle = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncAccessHandle> }

interface OpenFile {
  readonly size: number
  readonly bytes: SyncAccessHandle
  readonly journal: SyncAccessHandle
}

const files = new Map<number, OpenFile>()

addEventListener('message', ({ data }: MessageEvent<OpfsRequest & { readonly id: number }>) => {
  void answer(data).then((reply) => {
    const transfer = 'bytes' in reply ? [reply.bytes.buffer] : []
    postMessage({ ...reply, id: data.id }, { transfer })
  })
})

async function answer(request: OpfsRequest): Promise<OpfsAnswer> {
  try {
    if (request.type === 'open') return { type: 'opened', kept: await open(request) }
    if (request.type === 'over') return await noteHandedOver(request.cid)
    const file = files.get(request.file)
    if (file === undefined) throw new SinkFailedError('This download is not open any more.')
    return await answerOpen(request, file)
  } catch (error) {
    const known = error instanceof SinkFailedError || error instanceof SinkFullError ? error : writeErrorOf(error)
    return { type: 'failed', isFull: known instanceof SinkFullError, problem: known.message }
  }
}

async function answerOpen(
  request: Exclude<OpfsRequest, { type: 'open' | 'over' }>,
  file: OpenFile
): Promise<OpfsAnswer> {
  switch (request.type) {
    case 'write': {
      const { bytes, offset } = request
      const isRight = request.sha256 === undefined || areEqual(await sha256(bytes), request.sha256)
      if (isRight) {
        writeFully(file.bytes, bytes, offset)
        writeFully(file.journal, Uint8Array.of(1), chunkAt(file.size, offset / CHUNK_BYTES))
      }
      return { type: 'written', isRight, bytes }
    }
    case 'read': {
      const bytes = new Uint8Array(request.end - request.start)
      const count = file.bytes.read(bytes, { at: request.start })
      if (count !== bytes.length) throw new SinkFailedError('What was kept of this file is shorter than it was.')
      return { type: 'bytes', bytes }
    }
    case 'leaves':
      writeFully(file.journal, request.leaves, LEAVES_AT)
      return { type: 'done' }
    case 'end':
      files.delete(request.file)
      end(file)
      return { type: 'done' }
  }
}

async function open({ file, cid, size, name }: Extract<OpfsRequest, { type: 'open' }>): Promise<KeptChunks> {
  const folder = await (await downloadsFolder()).getDirectoryHandle(cid, { create: true })
  const journal = await accessTo(folder, OPFS_JOURNAL)
  try {
    const kept = keptIn(journal, { cid, size })
    if (kept === undefined) {
      journal.truncate(0)
      writeFully(journal, newJournal({ cid, size }, 0, name), 0)
    } else writeFully(journal, uint32(0), OWNER_AT)
    files.set(file, { size, journal, bytes: await accessTo(folder, OPFS_BYTES) })
    return kept ?? { chunks: [], leaves: undefined }
  } catch (error) {
    journal.close()
    throw error
  }
}

/** What an earlier run left; undefined when there was none, or of another file. */
function keptIn(journal: SyncAccessHandle, file: { cid: string; size: number }): KeptChunks | undefined {
  const bytes = new Uint8Array(journal.getSize())
  journal.read(bytes, { at: 0 })
  const head = readHead(bytes)
  return head !== undefined && isOf(head, file) ? readKept(bytes, file.size) : undefined
}

async function accessTo(folder: FileSystemDirectoryHandle, name: string): Promise<SyncAccessHandle> {
  const handle = (await folder.getFileHandle(name, { create: true })) as WorkerFileHandle
  return handle.createSyncAccessHandle()
}

function end({ bytes, journal }: OpenFile): void {
  try {
    bytes.flush()
    journal.flush()
  } finally {
    bytes.close()
    journal.close()
  }
}

async function noteHandedOver(cid: string): Promise<OpfsAnswer> {
  const journal = await accessTo(await (await downloadsFolder()).getDirectoryHandle(cid), OPFS_JOURNAL)
  try {
    writeFully(journal, uint32(OPFS_HANDED_OVER), OWNER_AT)
  } finally {
    journal.close()
  }
  return { type: 'done' }
}

/**
 * A browser may write less than it was given when there is no room for more. In a private window Chromium then says that it wrote far
 * more: its error number, read as an unsigned one.
 */
function writeFully(handle: SyncAccessHandle, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length; ) {
    const count = handle.write(bytes.subarray(at), { at: offset + at })
    if (count === 0 || count > bytes.length - at) throw new SinkFullError('There is not enough space for this file.')
    at += count
  }
}
