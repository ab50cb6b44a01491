import type { Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { ContentUnreadableError } from '../errors.ts'

/** What tells that a file is still the one it was, without reading it. */
export type FileState = Pick<Stats, 'size' | 'mtimeMs' | 'ino'>

export function stateOf({ size, mtimeMs, ino }: FileState): FileState {
  return { size, mtimeMs, ino }
}

export function isSameState(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino
}

/** @throws ContentUnreadableError when the file that is open is not as it was */
export async function mustBeAsItWas(file: FileHandle, name: string, first: FileState): Promise<void> {
  if (!isSameState(await file.stat(), first))
    throw new ContentUnreadableError(`${name} has changed since it was shared`)
}

/** Fills `bytes` from `start` on. */
export async function readFully(file: FileHandle, bytes: Uint8Array, start: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at)
    if (bytesRead === 0) throw new ContentUnreadableError('The file is shorter than it was')
    at += bytesRead
  }
}

/** Says of whatever goes wrong in `work` that the file cannot be read, and why. */
export async function orUnreadable<T>(name: string, work: () => Promise<T>): Promise<T> {
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
