import type { CID } from 'multiformats/cid'
import { areEqual, isSupportedCid, sha256 } from './cids.ts'
import type { DirectoryEntry } from './directory.ts'
import { FOLDER_DEPTH_MAX, FOLDER_ENTRIES_MAX } from './folder.ts'
import { decodeUnixfsNode } from './read-directory.ts'
import { isFileSize, RAW_CODE } from './shape.ts'
import { TreeError, WrongBlockError } from './tree-error.ts'
import type { FetchBlock } from './verify.ts'

/** Bytes of all blocks that are read to list one folder, at most. Ours: ten times what the largest folder with usual names has. */
const LISTING_BYTES_MAX = 67_108_864

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
