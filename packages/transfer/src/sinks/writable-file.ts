import { SinkFailedError, SinkFullError } from '../errors.ts'

/** What a browser's error on writing a file means. The message is a sentence for a person. */
export function writeErrorOf(error: unknown): Error {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'QuotaExceededError')
    return new SinkFullError('There is not enough space for this file.', { cause: error })
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    return new SinkFailedError('The browser does not permit to write there.', { cause: error })
  }
  if (name === 'NotFoundError')
    return new SinkFailedError('The file was removed while it was written.', { cause: error })
  const detail = error instanceof Error ? error.message : String(error)
  return new SinkFailedError(`The file cannot be written: ${detail}`, { cause: error })
}

/** Runs a step of a file's writing; rejects with `SinkFullError` or `SinkFailedError`. */
export async function orWriteError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SinkFullError || error instanceof SinkFailedError) throw error
    throw writeErrorOf(error)
  }
}

/** Writes one chunk at its place. */
export function writeAt(writable: FileSystemWritableFileStream, position: number, bytes: Uint8Array): Promise<void> {
  return orWriteError(() => writable.write({ type: 'write', position, data: bytes as Uint8Array<ArrayBuffer> }))
}
