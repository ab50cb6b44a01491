import type { Dirent } from 'node:fs'
import { opendir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { ContentUnreadableError } from '../errors.ts'
import { type FileState, stateOf } from './file-reading.ts'

/** Something in a folder that is not shared, and why. */
export interface FolderProblem {
  /** Path below the folder; empty for the folder itself. */
  readonly path: string
  /** A sentence for a person. */
  readonly reason: string
}

/** What one folder has in it. Paths are below the folder that is shared. */
export interface FolderListing {
  readonly files: ReadonlyMap<string, FileState>
  /** The folders in it, with the inode that tells whether it still is that folder. */
  readonly folders: ReadonlyMap<string, number>
  readonly problems: readonly FolderProblem[]
}

/** Files and folders of one folder at most. Ours: bounds memory; beyond it a library is better split. */
export const FILES_MAX = 100_000

/**
 * Lists one folder at `path` below `root`, which is no link, in order of names. Symbolic links to files inside of `root` are
 * followed; those to folders inside are not, for what is there is found where it is. Links that lead out are problems. Files whose
 * names begin with a dot are hidden, as the person meant them to be, and not told.
 *
 * @throws Error of the operating system when the folder cannot be read
 */
export async function listFolder(root: string, path: string): Promise<FolderListing> {
  const files = new Map<string, FileState>()
  const folders = new Map<string, number>()
  const problems: FolderProblem[] = []
  for (const entry of await entriesIn(join(root, path))) {
    const below = join(path, entry.name)
    try {
      const found = await stat(join(root, below))
      if (entry.isSymbolicLink() && !isInside(root, await realpath(join(root, below)))) {
        problems.push({ path: below, reason: 'It is a link that leads out of the folder.' })
      } else if (found.isFile()) {
        files.set(below, stateOf(found))
      } else if (!found.isDirectory()) {
        problems.push({ path: below, reason: 'It is not a file.' })
      } else if (!entry.isSymbolicLink()) {
        folders.set(below, found.ino)
      }
    } catch (error) {
      // What has gone since its name was read is not there: no more to say. A link to nowhere is.
      if (!isMissing(error) || entry.isSymbolicLink()) problems.push({ path: below, reason: sentenceOf(error) })
    }
  }
  return { files, folders, problems }
}

/**
 * A folder as it really is, and not by a link to it.
 *
 * @throws ContentUnreadableError
 */
export async function rootOf(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch (error) {
    throw new ContentUnreadableError(`${folder} cannot be read`, { cause: error })
  }
}

/** Whether something is not there, by what the operating system said. */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) || isMissing(error.cause)
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function entriesIn(folder: string): Promise<Dirent[]> {
  const entries: Dirent[] = []
  for await (const entry of await opendir(folder)) {
    if (!entry.name.startsWith('.') && entries.length < FILES_MAX) entries.push(entry)
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function isInside(root: string, real: string): boolean {
  const below = relative(root, real)
  return below !== '..' && !below.startsWith(`..${sep}`)
}
