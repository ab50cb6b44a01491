import type { CID } from 'multiformats/cid'
import { areEqual, isSupportedCid, sha256 } from './cids.ts'
import {
  type Directory,
  type DirectoryEntry,
  decodeUnixfsNode,
  encodeDirectory,
  FolderTooBigError,
} from './directory.ts'
import { isFileSize, RAW_CODE } from './shape.ts'
import { TreeError, WrongBlockError } from './tree-error.ts'
import type { FetchBlock } from './verify.ts'

/** Files and folders below one folder at most. Ours: what a person can still look through, and what is asked of a peer for one link. */
const FOLDER_ENTRIES_MAX = 10_000

/** Folders that a file may be in, one in the other, the outermost not counted. Ours: deeper ones meet the limits of paths. */
export const FOLDER_DEPTH_MAX = 16

/** Bytes of all blocks that are read to list one folder, at most. Ours: ten times what the largest folder with usual names has. */
const LISTING_BYTES_MAX = 67_108_864

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

/** A file that a folder names. */
export interface ListedFile {
  /** Below the folder, its parts separated by `/`. Anybody may have made it up. */
  readonly path: string
  readonly cid: CID
  /** Bytes, by the word of whoever made the folder. */
  readonly size: number
}

/** What is named is a file. */
export class NotAFolderError extends TreeError {
  constructor() {
    super('this is a file, not a folder')
  }
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

/**
 * Lists all files below a folder, those of the folders in it, too, in the order of the blocks. Each block is checked against the hash
 * that named it. Blocks are asked for many at a time: it is for `fetchBlock` to bound how many are under way.
 *
 * @throws NotAFolderError for the CID of a file; WrongBlockError when the source lied; TreeError for what no folder is, or is too big;
 * and whatever `fetchBlock` throws
 */
export async function listFolder(root: CID, fetchBlock: FetchBlock): Promise<ListedFile[]> {
  if (!isSupportedCid(root)) throw new TreeError('its CID is not one of SHA-256 over UnixFS')
  if (root.code === RAW_CODE) throw new NotAFolderError()
  const read = verifiedReader(fetchBlock)
  let entryCount = 0
  const walk = async (entries: readonly DirectoryEntry[], parents: readonly string[]): Promise<ListedFile[]> => {
    entryCount += entries.length
    if (entryCount > FOLDER_ENTRIES_MAX) throw new TreeError(`the folder has over ${FOLDER_ENTRIES_MAX} files`)
    if (parents.length > FOLDER_DEPTH_MAX) throw new TreeError(`folders are over ${FOLDER_DEPTH_MAX} deep`)
    const below = await Promise.all(
      entries.map(async ({ name, cid, blockBytes }): Promise<ListedFile[]> => {
        const path = [...parents, name]
        const node = cid.code === RAW_CODE ? ({ type: 'file', size: blockBytes } as const) : await read(cid)
        return node.type === 'directory' ? walk(node.entries, path) : [listed(path, cid, node.size)]
      })
    )
    return below.flat()
  }
  const node = await read(root)
  if (node.type === 'file') throw new NotAFolderError()
  return walk(node.entries, [])
}

function listed(path: readonly string[], cid: CID, size: number): ListedFile {
  if (!isFileSize(size)) throw new TreeError('a file of a folder has a size that none can have')
  return { path: path.join('/'), cid, size }
}

function verifiedReader(fetchBlock: FetchBlock) {
  let bytes = 0
  return async (cid: CID) => {
    const block = await fetchBlock(cid)
    bytes += block.length
    if (bytes > LISTING_BYTES_MAX) throw new TreeError('the list of the folder is over 64 MiB')
    if (!areEqual(await sha256(block), cid.multihash.digest)) throw new WrongBlockError()
    return decodeUnixfsNode(block)
  }
}
