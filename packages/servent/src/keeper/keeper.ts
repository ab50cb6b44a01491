import { setTimeout as delay } from 'node:timers/promises'
import {
  type Content,
  ContentUnreadableError,
  DownloadError,
  type Identity,
  identify,
  SinkFailedError,
  SinkFullError,
} from '@servent/transfer'
import { fileContent, fileSink } from '@servent/transfer/node'
import { CID } from 'multiformats/cid'
import { LibraryFullError } from '../shares.ts'
import type { DownloadProgress, Hit, LinkTarget, Servent, UploadStatus } from '../types.ts'
import { KeeperError } from './keeper-error.ts'
import type { KeptFile } from './kept-index.ts'
import { KeptStore } from './kept-store.ts'

/** Ours: files that are looked for and fetched at once, at most. */
const FETCHES_MAX = 64

/** Ours: how long to wait for answers to "who has it?", in milliseconds. */
const FIND_WAIT_MS = 5_000

/** Ours: the first wait before a file is looked for again, in milliseconds; then twice as long each time, up to the second. */
const RETRY_MS = { first: 5_000, most: 300_000 } as const

/** What is told of what a keeper does. */
export interface KeeperListener {
  /** A file is whole and offered. */
  onKept?(file: KeptFile): void
  /** A file is offered no more: `evicted` to make room, `dropped` because someone said so. */
  onRemoved?(file: KeptFile, why: 'evicted' | 'dropped'): void
  /** What is going on, a sentence for a person. */
  onStep?(name: string, sentence: string): void
  onProgress?(name: string, progress: DownloadProgress): void
  /** What went wrong, a sentence for a person. */
  onProblem?(sentence: string): void
}

export interface KeeperOptions {
  /** Where files are kept; one keeper at a time can have it. */
  readonly folder: string
  /** Bytes of all files together, at any moment. */
  readonly budgetBytes: number
  readonly listener?: KeeperListener
}

/**
 * Keeps files for others: fetches what it is asked to keep and offers it, within a budget of disk space. When that is used up, what was
 * served or asked for the longest ago goes. What was kept when it was stopped is offered again, and what was begun goes on.
 *
 * Made for a peer with option `keeper`, which tells others what it is.
 */
export class Keeper {
  readonly #peer: Servent
  readonly #listener: KeeperListener
  readonly #store: KeptStore
  readonly #stopped = new AbortController()
  readonly #fetches = new Map<string, { readonly cancel: AbortController; readonly done: Promise<KeptFile> }>()

  private constructor(peer: Servent, store: KeptStore, listener: KeeperListener) {
    this.#peer = peer
    this.#store = store
    this.#listener = listener
    peer.addEventListener('upload', this.#onUpload)
  }

  /**
   * Offers what is kept, and goes on with what was begun; resolves when all that is whole is offered.
   *
   * @throws KeeperError `in-use`, `unusable`
   */
  static async start(peer: Servent, { folder, budgetBytes, listener = {} }: KeeperOptions): Promise<Keeper> {
    const store = await KeptStore.open(folder, {
      budgetBytes,
      onEvict: (file) => {
        peer.unshare(file.cid)
        listener.onRemoved?.(file, 'evicted')
      },
      onProblem: (sentence) => listener.onProblem?.(sentence),
    })
    const keeper = new Keeper(peer, store, listener)
    for (const file of store.files) {
      if (!file.isWhole || !(await keeper.#offer(file))) keeper.#goOn(file)
    }
    return keeper
  }

  get isStopped(): boolean {
    return this.#stopped.signal.aborted
  }

  /** What is kept and what is being fetched, last used first. */
  get files(): readonly KeptFile[] {
    return this.#store.files
  }

  /** Bytes of the budget that are taken. */
  get usedBytes(): number {
    return this.#store.usedBytes
  }

  /**
   * Fetches a file and keeps it. For as long as nobody has it, it is looked for again and again. Resolves when it is offered.
   *
   * @throws KeeperError when there is no room for it, or it was given up meanwhile
   * @throws the reason when the keeper is stopped or the file dropped
   */
  async keep(target: LinkTarget): Promise<KeptFile> {
    const { cid } = target
    const known = this.#store.get(cid)
    if (known?.isWhole) {
      this.#store.use(cid)
      return known
    }
    const running = this.#fetches.get(cid)
    if (running !== undefined) return running.done
    if (this.#fetches.size >= FETCHES_MAX) {
      throw new KeeperError(`${FETCHES_MAX} files are being fetched already.`, { reason: 'too-many' })
    }
    const cancel = new AbortController()
    const done = this.#fetch(target, AbortSignal.any([cancel.signal, this.#stopped.signal])).finally(() => {
      this.#fetches.delete(cid)
      this.#store.release(cid)
    })
    this.#fetches.set(cid, { cancel, done })
    return done
  }

  /** Keeps a file no more. False when it was not kept. */
  async drop(cid: string): Promise<boolean> {
    const running = this.#fetches.get(cid)
    running?.cancel.abort(new Error('It is to be kept no more'))
    await running?.done.catch(() => undefined)
    const file = this.#store.get(cid)
    if (file === undefined || !(await this.#store.remove(cid))) return false
    this.#peer.unshare(cid)
    this.#listener.onRemoved?.(file, 'dropped')
    return true
  }

  /** Ends what is being fetched, so that it can go on another time. The peer still offers what it has. */
  async stop(): Promise<void> {
    this.#peer.removeEventListener('upload', this.#onUpload)
    this.#stopped.abort(new Error('The keeper has been stopped'))
    await Promise.allSettled([...this.#fetches.values()].map(({ done }) => done))
    await this.#store.close()
  }

  readonly #onUpload = ({ detail }: CustomEvent<UploadStatus>): void => this.#store.use(detail.cid)

  #goOn({ cid, name, size }: KeptFile): void {
    this.keep({ cid, name, size }).catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) this.#problem(error)
    })
  }

  async #fetch(target: LinkTarget, signal: AbortSignal): Promise<KeptFile> {
    for (let waitMs: number = RETRY_MS.first; ; waitMs = Math.min(RETRY_MS.most, 2 * waitMs)) {
      const failure = await this.#attempt(target, signal)
      const file = this.#store.get(target.cid)
      if (failure === undefined && file !== undefined) return file
      // What waits may be given up for something else.
      this.#store.release(target.cid)
      this.#listener.onStep?.(target.name, `${failure} Trying again in ${waitMs / 1000} seconds.`)
      await delay(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      if (file !== undefined && this.#store.get(target.cid) === undefined) {
        throw new KeeperError(`${target.name} was given up to make room.`, { reason: 'no-room' })
      }
    }
  }

  /** Tries once; resolves with why not, when another try may help. */
  async #attempt(target: LinkTarget, signal: AbortSignal): Promise<string | undefined> {
    const hit = await this.#find(target, signal)
    signal.throwIfAborted()
    if (hit === undefined) return `Nobody who is here now has ${target.name}.`
    const { cid, size } = hit
    await this.#store.reserve({ cid, name: target.name, size }, target.size !== undefined)
    try {
      const sink = await fileSink(this.#store.pathOf(cid), { cid: CID.parse(cid), size })
      await this.#peer.download(hit, sink, {
        signal,
        onStep: (step) => this.#listener.onStep?.(target.name, step),
        onProgress: (progress) => this.#listener.onProgress?.(target.name, progress),
      })
    } catch (error) {
      signal.throwIfAborted()
      if (isPassing(error)) return error.message
      throw error
    }
    await this.#store.setWhole(cid, true)
    const file = this.#store.get(cid)
    return file !== undefined && (await this.#offer(file)) ? undefined : `${target.name} was changed on the disk.`
  }

  async #find(target: LinkTarget, signal: AbortSignal): Promise<Hit | undefined> {
    for await (const hit of this.#peer.find(target, { signal, waitMs: FIND_WAIT_MS })) {
      if (target.size === undefined || hit.size === target.size) return hit
    }
    return undefined
  }

  /** Offers a file that is whole. False when what is on the disk is something else: then it is gone, and to be fetched anew. */
  async #offer(file: KeptFile): Promise<boolean> {
    try {
      const content = await fileContent(this.#store.pathOf(file.cid), { identities: this.#store.identities })
      const identity = await identify(content, { signal: this.#stopped.signal })
      if (identity.cid.toString() !== file.cid) {
        this.#listener.onProblem?.(`${file.name} was changed on the disk: it is fetched again.`)
        await this.#store.setWhole(file.cid, false)
        return false
      }
      await this.#peer.share(named(content, file.name, identity))
      this.#listener.onKept?.(file)
      return true
    } catch (error) {
      if (!(error instanceof ContentUnreadableError || error instanceof LibraryFullError)) throw error
      this.#problem(error)
      // It stays, for another start.
      return true
    }
  }

  #problem(error: unknown): void {
    this.#listener.onProblem?.(error instanceof Error ? error.message : String(error))
  }
}

/** Whether another try may go better: others come, and a disk may have room again. */
function isPassing(error: unknown): error is Error {
  return error instanceof DownloadError || error instanceof SinkFullError || error instanceof SinkFailedError
}

/** A kept file under the name that it is offered as. */
function named({ size, read }: Content, name: string, identity: Identity): Content {
  return { name, size, read, identify: async () => identity }
}
