import { opendir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { ContentUnreadableError } from '../errors.ts'
import type { Content } from '../types.ts'
import { fileContent } from './file-content.ts'

/** Something in a folder that is not shared, and why. */
export interface FolderProblem {
  /** Path below the folder. */
  readonly path: string
  /** A sentence for a person. */
  readonly reason: string
}

export interface FolderContents {
  readonly contents: readonly Content[]
  readonly problems: readonly FolderProblem[]
}

/** Files of one folder at most. Ours: bounds memory; beyond it a library is better split. */
const FILES_MAX = 100_000

/**
 * Finds the files in a folder and the folders below it, in the order of their paths. What cannot be shared is told and
 * skipped: unreadable files, symbolic links that lead out of the folder. Files whose names begin with a dot are hidden,
 * as the person meant them to be, and not told.
 *
 * @throws ContentUnreadableError when the folder itself cannot be read
 */
export async function folderContents(folder: string): Promise<FolderContents> {
  const walk = new Walk(await rootOf(folder))
  await walk.folder('')
  return { contents: walk.contents, problems: walk.problems }
}

class Walk {
  readonly contents: Content[] = []
  readonly problems: FolderProblem[] = []
  readonly #root: string
  /** Folders that were gone through, as they really are: a link may lead to one above it. */
  readonly #seen = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  async folder(path: string): Promise<void> {
    try {
      const real = await realpath(join(this.#root, path))
      if (!this.#isInside(real)) return this.#skip(path, 'It is a link that leads out of the folder.')
      if (this.#seen.has(real)) return
      this.#seen.add(real)
      for (const name of await namesIn(real)) await this.#entry(join(path, name))
    } catch (error) {
      if (path === '') throw new ContentUnreadableError(`${this.#root} cannot be read`, { cause: error })
      this.#skip(path, `The folder cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  async #entry(path: string): Promise<void> {
    try {
      const real = await realpath(join(this.#root, path))
      if (!this.#isInside(real)) return this.#skip(path, 'It is a link that leads out of the folder.')
      const stats = await stat(real)
      if (stats.isDirectory()) return await this.folder(path)
      if (!stats.isFile()) return this.#skip(path, 'It is not a file.')
      if (this.contents.length >= FILES_MAX) return this.#skip(path, `Only ${FILES_MAX} files of a folder are shared.`)
      this.contents.push(await fileContent(join(this.#root, path)))
    } catch (error) {
      this.#skip(path, error instanceof Error ? error.message : String(error))
    }
  }

  #isInside(real: string): boolean {
    const below = relative(this.#root, real)
    return below !== '..' && !below.startsWith(`..${sep}`)
  }

  #skip(path: string, reason: string): void {
    if (this.problems.length < FILES_MAX) this.problems.push({ path, reason })
  }
}

async function rootOf(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch (error) {
    throw new ContentUnreadableError(`${folder} cannot be read`, { cause: error })
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = []
  for await (const entry of await opendir(folder)) if (!entry.name.startsWith('.')) names.push(entry.name)
  return names.sort()
}
