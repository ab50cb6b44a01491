import { basename, dirname } from 'node:path'
import { SinkFailedError, SinkFullError } from '../errors.ts'

/** Runs a step of a file's writing; rejects with `SinkFullError` or `SinkFailedError`. */
export async function orSinkError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SinkFailedError) throw error
    throw sinkErrorOf(error, basename(path), dirname(path))
  }
}

/** The system's word for an error, `ENOENT` and so on. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function sinkErrorOf(error: unknown, name: string, folder: string): Error {
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new SinkFullError(`There is not enough space in ${folder} for ${name}.`, { cause: error })
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new SinkFailedError(`There is no permission to write to ${folder}.`, { cause: error })
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SinkFailedError(`The folder ${folder} is not there.`, { cause: error })
  }
  const detail = error instanceof Error ? error.message : String(error)
  return new SinkFailedError(`${name} cannot be written: ${detail}`, { cause: error })
}
