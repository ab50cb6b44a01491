import { decode } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { FolderTooBigError } from '../dag/directory.ts'
import { buildFolder, type FolderEntry, type FolderTree } from '../dag/folder.ts'
import type { KnownIdentity } from './shared-files.ts'

/** Bytes of the directories of all shared folders at most. Ours: some 500 000 names. */
const DIRECTORIES_BYTES_MAX = 67_108_864

/** A file that is shared, at its place in a folder. */
export interface FolderFile {
  /** Below the folder, its parts separated by `/`. */
  readonly path: string
  readonly cid: CID
}

/** A folder that is shared. */
export interface SharedFolderInfo {
  readonly cid: CID
  /** Bytes of all its files. */
  readonly size: number
  readonly fileCount: number
}

/** The directories of the folders that are shared. Folders may have directories in common. */
export class SharedFolders {
  readonly #folders = new Map<string, FolderTree>()
  readonly #blocks = new Map<string, { readonly block: Uint8Array; count: number }>()
  #bytes = 0

  /**
   * @param identityOf - of the files that are shared
   * @throws FolderTooBigError; RangeError for a file that is not shared, and for paths that cannot be
   */
  async add(
    files: readonly FolderFile[],
    identityOf: (cid: CID) => KnownIdentity | undefined
  ): Promise<SharedFolderInfo> {
    let size = 0
    const entries = files.map(({ path, cid }): FolderEntry => {
      const identity = identityOf(cid)
      if (identity === undefined) throw new RangeError(`"${path}" is not shared.`)
      size += identity.size
      return { path, cid: identity.cid, blockBytes: blockBytesOf(identity) }
    })
    const tree = await buildFolder(entries)
    this.#put(tree)
    return { cid: tree.cid, size, fileCount: files.length }
  }

  /** False if it was not shared. */
  delete(cid: CID): boolean {
    const tree = this.#folders.get(cid.toString())
    if (tree === undefined) return false
    this.#folders.delete(cid.toString())
    for (const text of tree.blocks.keys()) {
      const kept = this.#blocks.get(text)
      if (kept === undefined || --kept.count > 0) continue
      this.#blocks.delete(text)
      this.#bytes -= kept.block.length
    }
    return true
  }

  /** A directory, by its CID of version 1 as text. */
  block(cid: string): Uint8Array | undefined {
    return this.#blocks.get(cid)?.block
  }

  #put(tree: FolderTree): void {
    const cid = tree.cid.toString()
    if (this.#folders.has(cid)) return
    const fresh = [...tree.blocks].filter(([text]) => !this.#blocks.has(text))
    const bytes = fresh.reduce((total, [, block]) => total + block.length, 0)
    if (this.#bytes + bytes > DIRECTORIES_BYTES_MAX) {
      throw new FolderTooBigError('No more folders can be shared as one: stop sharing another first.')
    }
    this.#bytes += bytes
    this.#folders.set(cid, tree)
    for (const [text, block] of tree.blocks) {
      const kept = this.#blocks.get(text) ?? { block, count: 0 }
      kept.count++
      this.#blocks.set(text, kept)
    }
  }
}

/** Bytes of all blocks of a file, equal ones as often as they stand in it. */
function blockBytesOf({ cid, size, blocks }: KnownIdentity): number {
  const root = blocks.get(cid.toString())
  if (root === undefined) return size
  return decode(root).Links.reduce((total, { Tsize = 0 }) => total + Tsize, root.length)
}
