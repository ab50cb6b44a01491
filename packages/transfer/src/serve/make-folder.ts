import { decode } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { buildFolder, type FolderEntry, type FolderTree } from '../dag/folder.ts'
import type { KnownIdentity, SharedFiles } from './shared-files.ts'

/** A file that is shared, at its place in a folder. */
export interface FolderFile {
  /** Below the folder, its parts separated by `/`. */
  readonly path: string
  readonly cid: CID
}

/** A folder of files that are shared. */
export interface MadeFolder extends FolderTree {
  /** Bytes of all its files. */
  readonly size: number
  readonly fileCount: number
}

/**
 * Makes one folder of files that are shared.
 *
 * @throws FolderTooBigError; RangeError for a file that is not shared, and for paths that no folder can have
 */
export async function makeFolder(files: readonly FolderFile[], shared: SharedFiles): Promise<MadeFolder> {
  let size = 0
  const entries = files.map(({ path, cid }): FolderEntry => {
    const identity = shared.file(cid)?.file?.identity
    if (identity === undefined) throw new RangeError(`"${path}" is not shared.`)
    size += identity.size
    return { path, cid: identity.cid, blockBytes: blockBytesOf(identity) }
  })
  return { ...(await buildFolder(entries)), size, fileCount: files.length }
}

/** Bytes of all blocks of a file, equal ones as often as they stand in it. */
function blockBytesOf({ cid, size, blocks }: KnownIdentity): number {
  const root = blocks.get(cid.toString())
  if (root === undefined) return size
  return decode(root).Links.reduce((total, { Tsize = 0 }) => total + Tsize, root.length)
}
