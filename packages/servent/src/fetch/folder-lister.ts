import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { BlockSource, listFolder, NotAFolderError, TreeError, WrongBlockError } from '@servent/transfer'
import { CID } from 'multiformats/cid'
import { identityOf } from '../identity.ts'
import { PushQueue } from '../queue.ts'
import type { Reach } from '../reach.ts'
import type { FolderListing, Hit, LinkTarget, ListedFile, ListOptions, SearchOptions } from '../types.ts'
import { FolderError } from './folder-error.ts'
import { SourceDialer } from './source-dialer.ts'

/** Peers that are asked for one folder at most. Ours: those of a tab, and as many again. */
const PEERS_MAX = 64

/** Peers that are asked at once. Ours: a dial that leads nowhere takes a while. */
const ASKED_AT_ONCE = 8

/** Multicodec of a leaf: a file of one chunk. */
const RAW_CODE = 0x55

/** What is asked of the servent to list folders. */
export interface FolderListerParts {
  readonly reach: Reach
  /** Who is connected. */
  peers(): PeerId[]
  /** Who provides a content. */
  find(target: LinkTarget, options: SearchOptions): AsyncGenerator<Hit>
  log(format: string, ...args: unknown[]): void
}

/** One list of one folder: finds somebody who has it, and reads it. */
export class FolderLister {
  readonly #parts: FolderListerParts
  readonly #target: LinkTarget
  readonly #root: CID
  readonly #options: ListOptions
  readonly #dialer: SourceDialer
  readonly #ended = new AbortController()
  readonly #signal: AbortSignal
  readonly #asked = new Set<string>()
  readonly #waiting: PeerId[] = []
  /** Those that have given the first block, and what they gave. */
  readonly #holders = new PushQueue<{ readonly source: BlockSource; readonly block: Uint8Array }>(PEERS_MAX)
  #asking = 0
  #isLooking = true

  constructor(target: LinkTarget, options: ListOptions, parts: FolderListerParts) {
    this.#parts = parts
    this.#target = target
    this.#root = CID.parse(target.cid)
    this.#options = options
    const { onStep = () => undefined, signal } = options
    this.#signal = AbortSignal.any([this.#ended.signal, ...(signal ? [signal] : [])])
    this.#dialer = new SourceDialer({ reach: parts.reach, onStep, size: 0, push: () => false })
  }

  /** @throws FolderError; the signal's reason */
  async list(): Promise<FolderListing> {
    const { signal } = this.#options
    signal?.throwIfAborted()
    if (this.#root.code === RAW_CODE) throw notAFolder()
    const end = (): void => this.#holders.end()
    signal?.addEventListener('abort', end)
    try {
      this.#addConnected()
      void this.#find()
      for await (const { source, block } of this.#holders) {
        const listing = await this.#listFrom(source, block)
        if (listing !== undefined) return listing
      }
      signal?.throwIfAborted()
      throw new FolderError(`Nobody who is here now has ${this.#target.name}.`, { reason: 'not-found' })
    } finally {
      signal?.removeEventListener('abort', end)
      this.#ended.abort(new Error('The folder has been listed'))
    }
  }

  /** Undefined when this peer gives no more. */
  async #listFrom(source: BlockSource, rootBlock: Uint8Array): Promise<FolderListing | undefined> {
    const root = this.#root.toV1()
    try {
      const listed = await listFolder(this.#root, async (cid) => (cid.equals(root) ? rootBlock : source.fetch(cid)))
      return this.#listingOf(listed, source.peer)
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      if (error instanceof NotAFolderError) throw notAFolder(error)
      if (error instanceof TreeError && !(error instanceof WrongBlockError)) {
        throw new FolderError(`This folder cannot be read: ${error.message}.`, { reason: 'unreadable', cause: error })
      }
      this.#parts.log('%p gives no more of a folder: %s', source.peer, error)
      return undefined
    } finally {
      source.close()
    }
  }

  #listingOf(listed: Awaited<ReturnType<typeof listFolder>>, from: PeerId): FolderListing {
    // Who has the list has the files.
    const sources = [{ peer: identityOf(from.toString()), findings: [], pushPaths: [] }]
    const files = listed.map(({ path, cid, size }): ListedFile => {
      return { path, cid: cid.toString(), name: path.slice(path.lastIndexOf('/') + 1), size, sources }
    })
    const { cid, name } = this.#target
    return { cid, name, size: files.reduce((total, file) => total + file.size, 0), files }
  }

  /** Asks those who are found, too, and ends the wait when nobody is left. Never rejects. */
  async #find(): Promise<void> {
    const { waitMs } = this.#options
    try {
      // The size of a directory nobody asks for, but a look-up is only made of what has one.
      const target = { ...this.#target, size: 0 }
      const options = { signal: this.#signal, ...(waitMs === undefined ? {} : { waitMs }) }
      for await (const { sources } of this.#parts.find(target, options)) {
        for (const { peer } of sources) this.#add(peerIdFromString(peer.id))
      }
    } catch (error) {
      if (!this.#signal.aborted) this.#parts.log('sources of a folder not found: %s', error)
    }
    // Others have connected meanwhile.
    this.#addConnected()
    this.#isLooking = false
    this.#endIfOver()
  }

  #addConnected(): void {
    for (const peer of this.#parts.peers()) this.#add(peer)
  }

  #add(peer: PeerId): void {
    if (this.#asked.has(peer.toString()) || this.#asked.size >= PEERS_MAX) return
    this.#asked.add(peer.toString())
    this.#waiting.push(peer)
    this.#askNext()
  }

  #askNext(): void {
    while (this.#asking < ASKED_AT_ONCE) {
      const peer = this.#waiting.shift()
      if (peer === undefined) return
      this.#asking++
      void this.#ask(peer).finally(() => {
        this.#asking--
        this.#askNext()
        this.#endIfOver()
      })
    }
  }

  /** Never rejects. */
  async #ask(peer: PeerId): Promise<void> {
    const source = new BlockSource(this.#dialer, peer, this.#signal)
    try {
      this.#holders.push({ source, block: await source.fetch(this.#root) })
    } catch (error) {
      if (!this.#signal.aborted) this.#parts.log('%p does not give a folder: %s', peer, error)
      source.close()
    }
  }

  #endIfOver(): void {
    if (!this.#isLooking && this.#asking === 0 && this.#waiting.length === 0) this.#holders.end()
  }
}

function notAFolder(cause?: unknown): FolderError {
  return new FolderError('This link names a file, not a folder.', { reason: 'not-a-folder', cause })
}
