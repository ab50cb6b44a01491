import type { FileServer } from '@servent/transfer'
import { CID } from 'multiformats/cid'
import { FolderError } from './fetch/folder-error.ts'
import type { ServentNode } from './node.ts'
import type { Lookups } from './overlays/lookups.ts'
import type { Reach } from './reach.ts'
import type { Searches } from './search/searches.ts'
import type { FolderListing, FolderPlace, LinkTarget, ListOptions, SharedFolder } from './types.ts'

/** The folders that are shared as one, and those of others. */
export class Folders {
  readonly #node: ServentNode
  readonly #server: FileServer
  readonly #reach: Reach
  readonly #searches: Searches
  readonly #lookups: Lookups

  constructor(node: ServentNode, server: FileServer, reach: Reach, searches: Searches, lookups: Lookups) {
    this.#node = node
    this.#server = server
    this.#reach = reach
    this.#searches = searches
    this.#lookups = lookups
  }

  /** @throws FolderTooBigError, FolderError; RangeError for a file that is not shared, and for paths that no folder can have */
  async share(name: string, places: readonly FolderPlace[]): Promise<SharedFolder> {
    const files = places.map(({ path, cid }) => ({ path, cid: CID.parse(cid) }))
    const { makeFolder } = await loadLate()
    const folder = await makeFolder(files, this.#server.uploads.files)
    const { cid, size, fileCount } = folder
    this.#server.addFolder(folder)
    this.#lookups.provide(cid.toString())
    return { cid: cid.toString(), name, size, fileCount }
  }

  unshare(cid: string): void {
    if (this.#server.deleteFolder(CID.parse(cid))) this.#lookups.stopProviding(cid)
  }

  /** @throws FolderError; the signal's reason */
  async list(target: LinkTarget, options: ListOptions): Promise<FolderListing> {
    const { FolderLister } = await loadLate()
    const lister = new FolderLister(target, options, {
      reach: this.#reach,
      peers: () => this.#node.getPeers(),
      find: (one, search) => this.#searches.providers(one, search),
      log: this.#node.logger.forComponent('servent:folders'),
    })
    return lister.list()
  }
}

/** What folders need comes with the structured overlays, which find who has one: a page has to be small before it is everything. */
async function loadLate(): Promise<typeof import('./overlays/lookup-services.ts')> {
  try {
    return await import('./overlays/lookup-services.ts')
  } catch (error) {
    throw new FolderError('The page has not been loaded to its end, and cannot do that. Load it again.', {
      reason: 'not-found',
      cause: error,
    })
  }
}
