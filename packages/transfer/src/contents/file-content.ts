import type { Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { ContentUnreadableError } from '../errors.ts'
import type { Content } from '../types.ts'

/**
 * A file on disk, read where it is. If its size or time of change is not what it was at this call, reading it fails: it
 * never gives bytes of another state.
 *
 * @throws ContentUnreadableError when it cannot be read, or is no file
 */
export async function fileContent(path: string): Promise<Content> {
  const name = basename(path)
  const first = await orUnreadable(name, () => stat(path))
  if (!first.isFile()) throw new ContentUnreadableError(`${name} is not a file`)
  // Opened once now, so that a file without permission is told of before it is shared.
  await orUnreadable(name, async () => (await open(path)).close())
  return {
    name,
    size: first.size,
    read: (start, end) => orUnreadable(name, () => readPart(path, name, first, start, end)),
  }
}

/** Opens the file for each part: shared folders hold more files than a process may have open. */
async function readPart(path: string, name: string, first: Stats, start: number, end: number): Promise<Uint8Array> {
  await using file = await open(path)
  const bytes = Buffer.allocUnsafeSlow(end - start)
  await readFully(file, bytes, start)
  // After the reading: a change amid it is noticed too.
  const now = await file.stat()
  if (now.size !== first.size || now.mtimeMs !== first.mtimeMs || now.ino !== first.ino) {
    throw new ContentUnreadableError(`${name} has changed since it was shared`)
  }
  return bytes
}

async function readFully(file: FileHandle, bytes: Uint8Array, start: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at)
    if (bytesRead === 0) throw new ContentUnreadableError('The file is shorter than it was')
    at += bytesRead
  }
}

async function orUnreadable<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ContentUnreadableError) throw error
    throw new ContentUnreadableError(`${name} cannot be read: ${sentenceOf(error)}`, { cause: error })
  }
}

function sentenceOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'it is no longer there'
  if (code === 'EACCES' || code === 'EPERM') return 'there is no permission'
  return error instanceof Error ? error.message : String(error)
}
