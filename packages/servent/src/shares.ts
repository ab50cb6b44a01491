import { Library } from '@servent/library'
import { type Content, type FileServer, identify, sha1Text, type TransferOptions } from '@servent/transfer'
import type { CID } from 'multiformats/cid'
import type { Share } from './types.ts'

interface Entry {
  readonly share: Omit<Share, 'uploadCount'>
  readonly cid: CID
  /** File index in the library, as Gnutella names it. */
  readonly index: number
}

/** Thrown when a library can take no more files. */
export class LibraryFullError extends Error {
  override readonly name = 'LibraryFullError'
}

/** What this peer shares: known to the overlays by its words, and to the file server by its content. */
export class Shares {
  readonly library = new Library()
  readonly #server: FileServer
  readonly #entries = new Map<string, Entry>()

  constructor(server: FileServer) {
    this.#server = server
  }

  get list(): Share[] {
    return [...this.#entries.values()].map((entry) => this.#withCount(entry))
  }

  get(cid: string): Share | undefined {
    const entry = this.#entries.get(cid)
    return entry && this.#withCount(entry)
  }

  /**
   * Hashes a file and offers it. The same content twice is one share, read from where it was added last.
   *
   * @throws ContentUnreadableError, LibraryFullError, or the signal's reason
   */
  async add(content: Content, options: TransferOptions): Promise<Share> {
    const identity = await identify(content, options)
    const { cid, sha1, size } = identity
    const file = this.library.add({ name: content.name, size, sha1, cid: cid.bytes })
    if (file === undefined) throw new LibraryFullError(`No more than ${this.library.filesMax} files can be shared.`)
    this.#server.add(identity, content)
    const text = cid.toString()
    const entry = this.#entries.get(text) ?? {
      share: { cid: text, name: file.name, size, sha1: sha1Text(sha1) },
      cid,
      index: file.index,
    }
    this.#entries.set(text, entry)
    return this.#withCount(entry)
  }

  /** Offers it no more. False if it was not shared. */
  remove(cid: string): boolean {
    const entry = this.#entries.get(cid)
    if (entry === undefined) return false
    this.#entries.delete(cid)
    this.library.remove(entry.index)
    this.#server.delete(entry.cid)
    return true
  }

  #withCount(entry: Entry): Share {
    return { ...entry.share, uploadCount: this.#server.uploadCount(entry.cid) }
  }
}
