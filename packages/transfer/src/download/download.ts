import { areEqual, leafCid, sha256 } from '../dag/cids.ts'
import { leafCount, spanBytes } from '../dag/shape.ts'
import { TreeError, WrongBlockError } from '../dag/tree-error.ts'
import { isRootOf, verifyTree } from '../dag/verify.ts'
import type { DownloadError } from '../errors.ts'
import type { ProgressMeter } from '../progress.ts'
import type { PartialServing } from '../serve/partial-file.ts'
import { ChunkFetcher, type FetcherUser } from './chunk-fetcher.ts'
import { ChunkPicker } from './chunk-picker.ts'
import { ChunkStore } from './chunk-store.ts'
import type { ClientStream } from './client-stream.ts'
import { CutError, failure, isFinal, sinkFailure, sourceFailure } from './failures.ts'
import { knownLeaves, rightChunks } from './kept.ts'
import {
  type Dialer,
  type DownloadConfig,
  type DownloadOptions,
  type DownloadRequest,
  type DownloadSummary,
  defaultDownloadConfig,
} from './options.ts'
import { ProgressReport } from './progress-report.ts'
import { serveWhileFetching } from './serve-while-fetching.ts'
import type { Source } from './source.ts'
import { type PoolUser, SourcePool } from './source-pool.ts'
import { Wakeup } from './wakeup.ts'

/**
 * Fetches a file from all its sources at once and puts it into a sink, each chunk once its SHA-256 is that which the CID
 * vouches for. What an earlier run left in the sink is checked, and not fetched again.
 *
 * @throws DownloadError, nothing else; the sink has been suspended then
 */
export async function download(
  dialer: Dialer,
  request: DownloadRequest,
  options: DownloadOptions = {}
): Promise<DownloadSummary> {
  const run = new Download(dialer, request, options)
  try {
    return await run.run()
  } catch (error) {
    throw await run.store.suspend(sourceFailure(error))
  }
}

/** How long others are told to wait for a file that is whole, in milliseconds. Ours: a big one is hashed in that time. */
const SHARED_WITHIN_MS = 60_000

class Download implements PoolUser, FetcherUser {
  readonly #request: DownloadRequest
  readonly #options: DownloadOptions
  readonly dialer: Dialer
  readonly config: DownloadConfig
  readonly picker: ChunkPicker
  readonly store: ChunkStore
  readonly progress: ProgressMeter
  readonly #report: ProgressReport
  readonly changed = new Wakeup()
  readonly #sources = new SourcePool(this)
  readonly #fetcher = new ChunkFetcher(this)
  readonly #outcome = Promise.withResolvers<void>()
  readonly #ended = new AbortController()
  readonly #startedAtMs = performance.now()
  #learning: Promise<void> | undefined
  #serving: PartialServing | undefined
  #keptBytes = 0
  /** Why the whole download ends early. */
  #fatal: DownloadError | undefined

  constructor(dialer: Dialer, request: DownloadRequest, options: DownloadOptions) {
    this.dialer = dialer
    this.#request = request
    this.#options = options
    this.config = { ...defaultDownloadConfig, ...options.config }
    // A size that no file can have is refused before it is asked for; until then it counts as one chunk.
    const size = isRootOf(request.cid, request.size) ? request.size : 0
    this.picker = new ChunkPicker(leafCount(size), this.config.fetchersMax)
    this.store = new ChunkStore(request.sink, size)
    this.#report = new ProgressReport(size, () => this.#details(), options.onProgress)
    this.progress = this.#report.meter
    // Whoever waits for it is told; nobody does once the download has ended.
    this.#outcome.promise.catch(() => undefined)
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  get file(): DownloadRequest {
    return this.#request
  }

  get bans(): DownloadOptions['bans'] {
    return this.#options.bans
  }

  async run(): Promise<DownloadSummary> {
    const { signal } = this.#options
    const onAbort = () => this.#end(failure('aborted', signal?.reason))
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal?.aborted) onAbort()
      await this.#fetchAll()
      this.#throwIfEnded()
      this.#serving?.pause()
      await this.store.close()
      // An app that shares it needs a moment for that, and one that does not may forget to say so.
      AbortSignal.timeout(SHARED_WITHIN_MS).addEventListener('abort', () => this.#serving?.end())
    } catch (error) {
      this.#serving?.end()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#report.end()
      this.#ended.abort()
      this.#sources.stop()
      // What has come is kept, too.
      await this.#fetcher.settled()
    }
    return this.#summary()
  }

  onSource(source: Source): void {
    source.onAvailable = () => {
      this.picker.update(source)
      this.changed.wake()
    }
    source.onRetired = () => {
      if (source.state === 'banned' && source.why !== undefined) this.bans?.add(source.peer, source.why.message)
      this.changed.wake()
      this.onChange()
    }
  }

  onChange(): void {
    this.#report.now()
  }

  onChunk(index: number): void {
    this.#serving?.onChunk(index)
    this.#sources.onChunk()
    this.changed.wake()
    this.#report.soon()
    if (this.store.isComplete) this.#outcome.resolve()
  }

  onSinkFailure(why: DownloadError): void {
    this.#end(why)
  }

  onExhausted(why: DownloadError): void {
    // The last chunks may still be on their way to the sink.
    if (!this.picker.isDone) this.#end(why)
  }

  /** Fetches from one source until none is left to take or the source is of no more use. */
  async work(source: Source): Promise<void> {
    const stream = await this.#connect(source)
    if (stream !== undefined) {
      source.state = 'active'
      this.onChange()
      await this.#fetcher.run(source, stream)
    }
    this.picker.remove(source)
  }

  async #fetchAll(): Promise<void> {
    const { cid, size, sink, sources } = this.#request
    this.#throwIfEnded()
    if (!isRootOf(cid, size)) throw failure('corrupt', new TreeError('no file has this CID and size'))
    if (size === 0) return this.#checkEmpty()
    const leaves = await knownLeaves(sink, cid, size)
    if (leaves !== undefined) await this.#recall(leaves)
    this.#throwIfEnded()
    if (this.store.isComplete) return
    this.#sources.start(sources)
    await this.#outcome.promise
  }

  /** An empty file is known by its CID: there is nothing to ask for. */
  async #checkEmpty(): Promise<void> {
    const leaf = await sha256(new Uint8Array(0))
    if (!areEqual(leafCid(leaf).bytes, this.#request.cid.bytes))
      throw failure('corrupt', new TreeError('its CID does not fit its size'))
    this.store.leaves = leaf
    this.picker.finish(0)
  }

  /** The hashes are known: finds out what is here already, and serves it to others. */
  async #recall(leaves: Uint8Array): Promise<void> {
    const { sink, size } = this.#request
    for await (const index of rightChunks(sink, leaves, size)) {
      this.#throwIfEnded()
      this.picker.finish(index)
      this.store.has(index)
      this.#keptBytes += spanBytes(size, 0, index)
      this.progress.keep(spanBytes(size, 0, index))
    }
    // From here on chunks are fetched.
    this.store.leaves = leaves
    const serving = await serveWhileFetching(this.#request, this.#options, this.store, leaves)
    if (this.#ended.signal.aborted) serving?.end()
    else this.#serving = serving
  }

  /** Opens the first stream to a source, and learns the hashes of the chunks if nobody told them yet. */
  async #connect(source: Source): Promise<ClientStream | undefined> {
    while (this.isWorking(source)) {
      let stream: ClientStream | undefined
      try {
        stream = await source.open(this.#ended.signal)
        await this.#learn(source, stream)
        return stream
      } catch (error) {
        stream?.close()
        this.onFailure(source, error)
      }
    }
    return undefined
  }

  /** One source is asked at a time; the others wait for what comes of it. */
  async #learn(source: Source, stream: ClientStream): Promise<void> {
    while (this.store.leaves === undefined) {
      if (this.#learning !== undefined) {
        await Promise.allSettled([this.#learning])
        continue
      }
      this.#learning = this.#learnFrom(source, stream)
      try {
        await this.#learning
      } finally {
        this.#learning = undefined
      }
    }
  }

  async #learnFrom(source: Source, stream: ClientStream): Promise<void> {
    const { cid, size, sink } = this.#request
    const leaves = await verifyTree(cid, size, (block) => source.fetchBlock(stream, block))
    try {
      await sink.keepLeaves?.(leaves)
    } catch (error) {
      return this.#end(sinkFailure(error))
    }
    await this.#recall(leaves)
    if (this.store.isComplete) this.#outcome.resolve()
  }

  /** Decides what becomes of a source of which a stream has failed. */
  onFailure(source: Source, error: unknown): void {
    if (error instanceof CutError || this.#fatal !== undefined) return
    const why = sourceFailure(error)
    // The right block of something that is no file of this size: no source is to blame.
    if (error instanceof TreeError && !(error instanceof WrongBlockError)) return this.#end(why)
    if (why.reason === 'corrupt' && source.state !== 'banned') return source.retire('banned', why)
    if (!source.isInUse) return
    source.failures++
    if (isFinal(error) || source.failures >= this.config.attemptsMax) source.leave(why)
  }

  isWorking(source: Source): boolean {
    return this.#fatal === undefined && source.isInUse && !this.picker.isDone
  }

  #details() {
    const { doneCount: chunksDone, count: chunksTotal } = this.picker
    const { wastedBytes } = this.#fetcher
    return { chunksDone, chunksTotal, keptBytes: this.#keptBytes, wastedBytes, sources: this.#sources.progress }
  }

  #summary(): DownloadSummary {
    const { leaves } = this.store
    if (leaves === undefined) throw new Error('A file that is whole has hashes that are known')
    return {
      durationMs: performance.now() - this.#startedAtMs,
      bytesBySource: this.#sources.verifiedBytes,
      progress: this.#report.finish(),
      leaves,
      endServing: () => this.#serving?.end(),
    }
  }

  /** Ends the whole download early. */
  #end(why: DownloadError): void {
    if (this.#fatal !== undefined) return
    this.#fatal = why
    this.#outcome.reject(why)
    this.#ended.abort(why)
    this.#sources.stop(why)
    this.changed.wake()
  }

  #throwIfEnded(): void {
    if (this.#fatal !== undefined) throw this.#fatal
  }
}
