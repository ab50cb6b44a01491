import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SinkFailedError, SinkFullError } from '../errors.ts'
import { numberedName } from '../names.ts'
import type { Sink } from '../types.ts'

/** Names that are tried before giving up. */
const NAMES_MAX = 1_000

/** Writes a download to disk: into `name.part` until it is whole, then under its name. Never overwrites a file. */
export interface FileSink extends Sink {
  /** Where the file is once the sink is closed: the path asked for, or `name (2).ext` if that was taken. Until then the part file. */
  readonly path: string
}

/**
 * Creates `path.part`, at once, so that a place that cannot be written to is told of before anything is fetched.
 *
 * @throws SinkFailedError with a sentence for a person; SinkFullError
 */
export async function fileSink(path: string): Promise<FileSink> {
  return orSinkError(path, async () => {
    const part = await createNew(path, '.part')
    return new DiskSink(path, part.path, part.file)
  })
}

class DiskSink implements FileSink {
  readonly #wanted: string
  readonly #part: string
  readonly #file: FileHandle
  #final: string | undefined

  constructor(wanted: string, part: string, file: FileHandle) {
    this.#wanted = wanted
    this.#part = part
    this.#file = file
  }

  get path(): string {
    return this.#final ?? this.#part
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return orSinkError(this.#wanted, async () => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, offset + at)
        at += bytesWritten
      }
    })
  }

  close(): Promise<void> {
    return orSinkError(this.#wanted, async () => {
      await this.#file.sync()
      await this.#file.close()
      // The name is taken by an empty file first, for renaming would replace a file that came meanwhile.
      const final = await createNew(this.#wanted, '')
      await final.file.close()
      await rename(this.#part, final.path)
      this.#final = final.path
    })
  }

  async abort(): Promise<void> {
    if (this.#final !== undefined) return
    await orSinkError(this.#wanted, async () => {
      await this.#file.close()
      await unlink(this.#part)
    })
  }
}

/** Creates a file that was not there, under the first free one of `name`, `name (2)`, … */
async function createNew(path: string, suffix: string): Promise<{ path: string; file: FileHandle }> {
  for (let number = 1; number <= NAMES_MAX; number++) {
    const candidate = join(dirname(path), numberedName(basename(path), number)) + suffix
    try {
      return { path: candidate, file: await open(candidate, 'wx') }
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
  throw new SinkFailedError(`There are too many files named like ${basename(path)}.`)
}

async function orSinkError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SinkFailedError) throw error
    throw sinkErrorOf(error, basename(path), dirname(path))
  }
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

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
