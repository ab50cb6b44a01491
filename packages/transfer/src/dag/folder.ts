import type { CID } from 'multiformats/cid'
import { type Directory, type DirectoryEntry, encodeDirectory } from './directory.ts'
import { FolderTooBigError } from './folder-too-big.ts'

/** Files and folders below one folder at most. Ours: what a person can still look through, and what is asked of a peer for one link. */
export const FOLDER_ENTRIES_MAX = 10_000

/** Folders that a file may be in, one in the other, the outermost not counted. Ours: deeper ones meet the limits of paths. */
export const FOLDER_DEPTH_MAX = 16

/** A file at its place in a folder. */
export interface FolderEntry {
  /** Below the folder, its parts separated by `/`. */
  readonly path: string
  readonly cid: CID
  /** Bytes of all its blocks. */
  readonly blockBytes: number
}

/** The directories of a folder. */
export interface FolderTree {
  /** What names the folder. */
  readonly cid: CID
  /** The blocks of all directories, by CID text. */
  readonly blocks: ReadonlyMap<string, Uint8Array>
}

type Branch = Map<string, Branch | FolderEntry>

/**
 * Makes one folder of files, each at its path.
 *
 * @throws FolderTooBigError; RangeError for a path that no file can have, or that two have
 */
export async function buildFolder(files: readonly FolderEntry[]): Promise<FolderTree> {
  const root: Branch = new Map()
  for (const file of files) place(root, file)
  const blocks = new Map<string, Uint8Array>()
  let entryCount = 0
  const encodeBranch = async (branch: Branch): Promise<Directory> => {
    entryCount += branch.size
    if (entryCount > FOLDER_ENTRIES_MAX) {
      throw new FolderTooBigError(`A folder with over ${FOLDER_ENTRIES_MAX} files cannot be shared as one.`)
    }
    const entries: DirectoryEntry[] = []
    for (const [name, child] of branch) {
      const { cid, blockBytes } = child instanceof Map ? await encodeBranch(child) : child
      entries.push({ name, cid, blockBytes })
    }
    const directory = await encodeDirectory(entries)
    blocks.set(directory.cid.toString(), directory.block)
    return directory
  }
  const { cid } = await encodeBranch(root)
  return { cid, blocks }
}

function place(root: Branch, file: FolderEntry): void {
  const folders = file.path.split('/')
  const name = folders.pop() ?? ''
  if (folders.length > FOLDER_DEPTH_MAX) {
    throw new FolderTooBigError(
      `A folder with over ${FOLDER_DEPTH_MAX} folders one in the other cannot be shared as one.`
    )
  }
  let branch = root
  for (const folder of folders) {
    const below = branch.get(folder) ?? new Map()
    if (!(below instanceof Map)) throw new RangeError(`"${file.path}" is below a file.`)
    branch.set(folder, below)
    branch = below
  }
  if (branch.has(name)) throw new RangeError(`Two files of a folder have the path "${file.path}".`)
  branch.set(name, file)
}
