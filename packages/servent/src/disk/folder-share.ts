import { availableParallelism } from 'node:os'
import { sep } from 'node:path'
import type { Content, TransferProgress } from '@servent/transfer'
import { type FileContentOptions, type FolderProblem, type FolderWatch, watchFolder } from '@servent/transfer/node'
import type { FolderPlace, Servent, Share } from '../types.ts'

/** What is told of a folder that is shared. Paths are below it. */
export interface FolderShareListener {
  /** A file is offered now; `isChange` when another state of it was before. */
  onShared(path: string, share: Share, isChange: boolean): void
  /** A file is gone from the folder, or cannot be read any more: not offered from there. */
  onUnshared(path: string, share: Share): void
  /** Something is not shared, or changes there are not noticed at once. */
  onProblem(problem: FolderProblem): void
  onProgress?(path: string, progress: TransferProgress): void
}

interface SharedFile {
  readonly share: Share
  readonly content: Content
}

interface Job {
  readonly path: string
  readonly content: Content
  readonly cancel: AbortController
}

/**
 * Shares every file of a folder, and follows what happens there: files that come are offered, files that change are offered as
 * they are now, files that go are not any more. As many are hashed at once as there are cores.
 *
 * 1. A content that several files have is offered for as long as one of them is there.
 * 2. What is told follows what is offered, path by path.
 */
export class FolderShare {
  readonly #peer: Servent
  readonly #listener: FolderShareListener
  readonly #stopped = new AbortController()
  /** The newest of each path; an older one ends without a trace. */
  readonly #jobs = new Map<string, Job>()
  readonly #queue: Job[] = []
  readonly #shared = new Map<string, SharedFile>()
  /** Paths by content. */
  readonly #paths = new Map<string, Set<string>>()
  readonly #idle: (() => void)[] = []
  #running = 0
  #watch: FolderWatch | undefined

  private constructor(peer: Servent, listener: FolderShareListener) {
    this.#peer = peer
    this.#listener = listener
  }

  /**
   * Begins; resolves when the files that are there have been found, and not yet shared.
   *
   * @throws ContentUnreadableError when the folder cannot be read
   */
  static async start(
    peer: Servent,
    folder: string,
    listener: FolderShareListener,
    options: FileContentOptions = {}
  ): Promise<FolderShare> {
    const share = new FolderShare(peer, listener)
    await share.#start(folder, options)
    return share
  }

  /** Files that are offered. */
  get fileCount(): number {
    return this.#shared.size
  }

  /** What is offered, and where it is in the folder, in order of the paths. */
  get places(): FolderPlace[] {
    const paths = [...this.#shared.keys()].sort()
    return paths.flatMap((path) => {
      const cid = this.#shared.get(path)?.share.cid
      return cid === undefined ? [] : [{ path: path.replaceAll(sep, '/'), cid }]
    })
  }

  /** Resolves when nothing that was found is waiting to be shared. */
  async idle(): Promise<void> {
    while (this.#jobs.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Follows no more. What is offered stays so. */
  stop(): void {
    this.#watch?.stop()
    this.#stopped.abort(new Error('The folder is followed no more'))
    this.#queue.length = 0
    for (const job of this.#jobs.values()) this.#end(job)
  }

  async #start(folder: string, options: FileContentOptions): Promise<void> {
    const begin = (path: string, content: Content): void => this.#begin(path, content)
    const listener = {
      onAdded: begin,
      onChanged: begin,
      onRemoved: (path: string) => this.#remove(path),
      onProblem: (problem: FolderProblem) => this.#listener.onProblem(problem),
    }
    this.#watch = await watchFolder(folder, listener, options)
  }

  #begin(path: string, content: Content): void {
    this.#jobs.get(path)?.cancel.abort()
    const job = { path, content, cancel: new AbortController() }
    this.#jobs.set(path, job)
    this.#queue.push(job)
    this.#next()
  }

  #next(): void {
    while (this.#running < availableParallelism()) {
      const job = this.#queue.shift()
      if (job === undefined) return
      this.#running++
      void this.#share(job).finally(() => {
        this.#running--
        this.#end(job)
        this.#next()
      })
    }
  }

  #end(job: Job): void {
    if (this.#jobs.get(job.path) === job) this.#jobs.delete(job.path)
    if (this.#jobs.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #share({ path, content, cancel }: Job): Promise<void> {
    const signal = AbortSignal.any([cancel.signal, this.#stopped.signal])
    const onProgress = (progress: TransferProgress): void => this.#listener.onProgress?.(path, progress)
    try {
      const share = await this.#peer.share(content, { signal, onProgress })
      if (signal.aborted) this.#release(share.cid)
      else this.#told(path, { share, content })
    } catch (error) {
      if (signal.aborted) return
      this.#remove(path)
      this.#listener.onProblem({ path, reason: error instanceof Error ? error.message : String(error) })
    }
  }

  #told(path: string, file: SharedFile): void {
    const before = this.#shared.get(path)
    this.#shared.set(path, file)
    const { cid } = file.share
    const paths = this.#paths.get(cid) ?? new Set()
    this.#paths.set(cid, paths.add(path))
    if (before !== undefined && before.share.cid !== cid) this.#leave(path, before.share.cid)
    // Offered again only because another file of the same content has gone, it is nothing new.
    if (before?.content !== file.content) this.#listener.onShared(path, file.share, before !== undefined)
  }

  #remove(path: string): void {
    this.#jobs.get(path)?.cancel.abort()
    const file = this.#shared.get(path)
    if (file === undefined) return
    this.#shared.delete(path)
    this.#leave(path, file.share.cid)
    this.#listener.onUnshared(path, file.share)
  }

  /** A path has this content no more. */
  #leave(path: string, cid: string): void {
    this.#paths.get(cid)?.delete(path)
    this.#release(cid)
  }

  /** Offers a content no more, or from another file that has it. */
  #release(cid: string): void {
    const [other] = this.#paths.get(cid) ?? []
    const file = other === undefined ? undefined : this.#shared.get(other)
    if (other !== undefined && file !== undefined) {
      if (!this.#jobs.has(other)) this.#begin(other, file.content)
      return
    }
    this.#paths.delete(cid)
    this.#peer.unshare(cid)
  }
}
