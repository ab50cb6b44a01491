import type { CID } from 'multiformats/cid'
import type { FolderTree } from '../dag/folder.ts'
import { FolderTooBigError } from '../dag/folder-too-big.ts'

/** Bytes of the directories of all shared folders at most. Ours: some 500 000 names. */
const DIRECTORIES_BYTES_MAX = 67_108_864

/** The directories of the folders that are shared. Folders may have directories in common. */
export class SharedFolders {
  readonly #folders = new Map<string, FolderTree>()
  readonly #blocks = new Map<string, { readonly block: Uint8Array; count: number }>()
  #bytes = 0

  /** @throws FolderTooBigError when there is no more room for lists of folders */
  add(tree: FolderTree): void {
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
}
