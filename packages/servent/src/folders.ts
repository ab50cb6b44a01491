import type { FileServer } from '@servent/transfer'
import { CID } from 'multiformats/cid'
import type { FolderListerParts } from './fetch/folder-lister.ts'
import type { FolderListing, FolderPlace, LinkTarget, ListOptions, SharedFolder } from './types.ts'

interface FoldersParts extends FolderListerParts {
  readonly server: FileServer
  provide(cid: string): void
  stopProviding(cid: string): void
}

/** The folders that are shared as one, and those of others. */
export class Folders {
  readonly #parts: FoldersParts

  constructor(parts: FoldersParts) {
    this.#parts = parts
  }

  /** @throws FolderTooBigError; RangeError for a file that is not shared, and for paths that no folder can have */
  async share(name: string, places: readonly FolderPlace[]): Promise<SharedFolder> {
    const { server, provide } = this.#parts
    const files = places.map(({ path, cid }) => ({ path, cid: CID.parse(cid) }))
    const { cid, size, fileCount } = await server.addFolder(files)
    provide(cid.toString())
    return { cid: cid.toString(), name, size, fileCount }
  }

  unshare(cid: string): void {
    const { server, stopProviding } = this.#parts
    if (server.deleteFolder(CID.parse(cid))) stopProviding(cid)
  }

  /** @throws FolderError; the signal's reason */
  async list(target: LinkTarget, options: ListOptions): Promise<FolderListing> {
    // Loaded when it is needed, for a page has to be small before it is everything.
    const { FolderLister } = await import('./fetch/folder-lister.ts')
    return new FolderLister(target, options, this.#parts).list()
  }
}
