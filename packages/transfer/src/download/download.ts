import { UnsupportedProtocolError } from '@libp2p/interface'
import { areEqual, leafCid, sha256 } from '../dag/cids.ts'
import { leafCount, spanBytes } from '../dag/shape.ts'
import { buildTree } from '../dag/tree.ts'
import { isRootOf, TreeError, verifyTree, WrongBlockError } from '../dag/verify.ts'
import { ContentUnreadableError, DownloadError } from '../errors.ts'
import { ProgressMeter } from '../progress.ts'
import type { Sink, TransferProgress } from '../types.ts'
import { hasChunk } from './availability.ts'
import { BufferPool } from './buffer-pool.ts'
import { ChunkPicker } from './chunk-picker.ts'
import { ChunkStore } from './chunk-store.ts'
import type { ClientStream } from './client-stream.ts'
import { CutError, failure, StatusError, sinkFailure, sourceFailure, WrongBytesError } from './failures.ts'
import { knownLeaves, rightChunks } from './kept.ts'
import {
  type Dialer,
  type DownloadConfig,
  type DownloadOptions,
  type DownloadProgress,
  type DownloadRequest,
  type DownloadSummary,
  defaultDownloadConfig,
} from './options.ts'
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
    throw await suspended(request.sink, sourceFailure(error))
  }
}

/** Chunk buffers beyond one a lane: one that is hashed and one that is written while every lane receives. */
const SPARE_BUFFERS = 2

/** A chunk on its way from a source. */
interface Flight {
  readonly index: number
  readonly source: Source
  buffer: Uint8Array<ArrayBuffer>
  stream: ClientStream | undefined
  /** Bytes that have come. */
  received: number
  /** Whether the chunk came from another source meanwhile. */
  isCut: boolean
}

class Download implements PoolUser {
  readonly #request: DownloadRequest
  readonly #options: DownloadOptions
  readonly dialer: Dialer
  readonly config: DownloadConfig
  readonly #picker: ChunkPicker
  readonly #store: ChunkStore
  readonly #sources = new SourcePool(this)
  readonly #buffers = new BufferPool(SPARE_BUFFERS)
  readonly #flights = new Set<Flight>()
  /** Chunks that are verified and written. */
  readonly #keeping = new Set<Promise<void>>()
  readonly #progress: ProgressMeter
  /** Lanes that have nothing to do wait for it. */
  readonly #changed = new Wakeup()
  readonly #outcome = Promise.withResolvers<void>()
  readonly #ended = new AbortController()
  readonly #startedAtMs = performance.now()
  #lastProgress: DownloadProgress | undefined
  #learning: Promise<void> | undefined
  #endServing: () => void = () => undefined
  #keptBytes = 0
  #wastedBytes = 0
  /** Why the whole download ends early. */
  #fatal: DownloadError | undefined

  constructor(dialer: Dialer, request: DownloadRequest, options: DownloadOptions) {
    this.dialer = dialer
    this.#request = request
    this.#options = options
    this.config = { ...defaultDownloadConfig, ...options.config }
    // A size that no file can have is refused before it is asked for; until then it counts as one chunk.
    const size = isRootOf(request.cid, request.size) ? request.size : 0
    this.#picker = new ChunkPicker(leafCount(size))
    this.#store = new ChunkStore(request.sink, size)
    this.#progress = new ProgressMeter(size, (transfer) => this.#report(transfer))
    // Whoever waits for it is told; nobody does once the download has ended.
    this.#outcome.promise.catch(() => undefined)
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
      await this.#closeSink()
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#endServing()
      this.#ended.abort()
      this.#sources.stop()
      // What has come is kept, too.
      await Promise.all(this.#keeping)
    }
    return this.#summary()
  }

  onSource(source: Source): void {
    source.onAvailable = () => {
      this.#picker.update(source)
      this.#changed.wake()
    }
    source.onRetired = () => {
      if (source.state === 'banned' && source.why !== undefined) this.bans?.add(source.peer, source.why.message)
      this.#changed.wake()
      this.onChange()
    }
  }

  onChange(): void {
    if (!this.#ended.signal.aborted) this.#progress.report()
  }

  onExhausted(why: DownloadError): void {
    // The last chunks may still be on their way to the sink.
    if (!this.#picker.isDone) this.#end(why)
  }

  /** Fetches from one source until none is left to take or the source is of no more use. */
  async work(source: Source): Promise<void> {
    const stream = await this.#connect(source)
    if (stream !== undefined) {
      source.state = 'active'
      this.onChange()
      const lanes = Math.min(this.config.lanesPerSource, this.#picker.count - this.#picker.doneCount)
      await Promise.all(
        Array.from({ length: lanes }, (_, lane) => this.#runLane(source, lane === 0 ? stream : undefined))
      )
      await Promise.all(this.#keeping)
    }
    this.#picker.remove(source)
  }

  async #fetchAll(): Promise<void> {
    const { cid, size, sink, sources } = this.#request
    this.#throwIfEnded()
    if (!isRootOf(cid, size)) throw failure('corrupt', new TreeError('no file has this CID and size'))
    if (size === 0) return this.#checkEmpty()
    const leaves = await knownLeaves(sink, cid, size)
    if (leaves !== undefined) await this.#recall(leaves)
    this.#throwIfEnded()
    if (this.#store.isComplete) return
    this.#sources.start(sources)
    await this.#outcome.promise
  }

  /** An empty file is known by its CID: there is nothing to ask for. */
  async #checkEmpty(): Promise<void> {
    const leaf = await sha256(new Uint8Array(0))
    if (!areEqual(leafCid(leaf).bytes, this.#request.cid.bytes))
      throw failure('corrupt', new TreeError('its CID does not fit its size'))
    this.#store.leaves = leaf
    this.#picker.finish(0)
  }

  /** The hashes are known: finds out what is here already, and serves it to others. */
  async #recall(leaves: Uint8Array): Promise<void> {
    const { sink, size } = this.#request
    this.#store.leaves = leaves
    for await (const index of rightChunks(sink, leaves, size)) {
      this.#throwIfEnded()
      this.#picker.finish(index)
      this.#store.has(index)
      this.#keptBytes += spanBytes(size, 0, index)
      this.#progress.keep(spanBytes(size, 0, index))
    }
    await this.#serve(leaves)
  }

  async #serve(leaves: Uint8Array): Promise<void> {
    const { server, name = 'download' } = this.#options
    const { cid, size, sink } = this.#request
    if (server === undefined || sink.read === undefined || this.#ended.signal.aborted) return
    const { blocks } = await buildTree(leaves, size)
    const { available } = this.#store
    const read = async (start: number, end: number): Promise<Uint8Array> => {
      try {
        return (await sink.read?.(start, end)) ?? new Uint8Array(0)
      } catch (error) {
        throw new ContentUnreadableError(`${name} cannot be read where it is written`, { cause: error })
      }
    }
    this.#endServing = server.addPartial({ name, cid: cid.toV1(), size, leaves, blocks, available, read })
  }

  /** Opens the first stream to a source, and learns the hashes of the chunks if nobody told them yet. */
  async #connect(source: Source): Promise<ClientStream | undefined> {
    while (this.#isWorking(source)) {
      let stream: ClientStream | undefined
      try {
        stream = await source.open(this.#ended.signal)
        await this.#learn(source, stream)
        return stream
      } catch (error) {
        stream?.close()
        this.#onFailure(source, error)
      }
    }
    return undefined
  }

  /** One source is asked at a time; the others wait for what comes of it. */
  async #learn(source: Source, stream: ClientStream): Promise<void> {
    while (this.#store.leaves === undefined) {
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
    if (this.#store.isComplete) this.#outcome.resolve()
  }

  async #runLane(source: Source, opened: ClientStream | undefined): Promise<void> {
    let stream = opened
    this.#buffers.resize(1)
    while (this.#isWorking(source)) {
      const index = this.#picker.take(source)
      stream = index === undefined ? await this.#idle(source, stream) : await this.#fetch(source, index, stream)
    }
    stream?.close()
    this.#buffers.resize(-1)
  }

  /** Fetches one chunk. Returns the stream if it can be used again. Never rejects. */
  async #fetch(source: Source, index: number, opened: ClientStream | undefined): Promise<ClientStream | undefined> {
    const buffer = await this.#buffers.take()
    const flight: Flight = {
      index,
      source,
      buffer,
      stream: opened,
      received: 0,
      isCut: this.#picker.isChunkDone(index),
    }
    this.#flights.add(flight)
    try {
      if (flight.isCut || !this.#isWorking(source)) throw new CutError()
      flight.stream ??= await source.open(this.#ended.signal)
      if (flight.isCut) throw new CutError()
      const bytes = await source.fetchChunk(flight.stream, index, buffer, (count) => {
        flight.received += count
        this.#progress.add(count)
      })
      source.failures = 0
      const keeping = this.#keep(flight, bytes)
      this.#keeping.add(keeping)
      void keeping.then(() => this.#keeping.delete(keeping))
      return flight.stream
    } catch (error) {
      this.#discard(flight)
      const isElsewhere = error instanceof StatusError && error.status === 416 && !hasChunk(source.available, index)
      if (isElsewhere || (error instanceof CutError && flight.stream?.isUsable === true)) return flight.stream
      this.#onFailure(source, error)
      return undefined
    }
  }

  /** Verifies a chunk and writes it. Never rejects: a wrong chunk bans its source, a failed write ends the download. */
  async #keep(flight: Flight, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { index, source } = flight
    try {
      const { isRight, buffer } = await this.#store.put(index, bytes, flight.buffer)
      flight.buffer = buffer
      if (!isRight) this.#ban(source, sourceFailure(new WrongBytesError()))
      if (!isRight || this.#picker.isChunkDone(index)) return this.#discard(flight)
    } catch (error) {
      return this.#end(sinkFailure(error))
    }
    this.#flights.delete(flight)
    this.#picker.finish(index)
    this.#buffers.giveBack(flight.buffer)
    source.verifiedBytes += bytes.length
    this.#cutOthers(index)
    this.#sources.onChunk()
    this.#changed.wake()
    if (this.#store.isComplete) this.#outcome.resolve()
  }

  /** A chunk is here: whoever else sends it need not go on. */
  #cutOthers(index: number): void {
    for (const flight of this.#flights) {
      if (flight.index !== index) continue
      flight.isCut = true
      flight.stream?.abort(new CutError())
    }
  }

  #discard(flight: Flight): void {
    this.#flights.delete(flight)
    this.#progress.waste(flight.received)
    this.#wastedBytes += flight.received
    this.#buffers.giveBack(flight.buffer)
    this.#picker.giveBack(flight.index, flight.source)
    this.#changed.wake()
  }

  /** A lane has nothing to fetch until something changes, or until a source that has only part of the file has more of it. */
  async #idle(source: Source, stream: ClientStream | undefined): Promise<ClientStream | undefined> {
    const { pollMs, pollsMax } = this.config
    const changed = this.#changed.next
    if (source.available === undefined || source.isPolled) await changed
    else {
      source.isPolled = true
      await passed(source.polledAtMs + pollMs - performance.now(), changed)
      const isDue = this.#isWorking(source) && performance.now() - source.polledAtMs >= pollMs
      const polled = isDue ? await this.#poll(source, stream, pollsMax) : stream
      source.isPolled = false
      return polled
    }
    return stream
  }

  async #poll(source: Source, opened: ClientStream | undefined, pollsMax: number): Promise<ClientStream | undefined> {
    source.polledAtMs = performance.now()
    if (source.polls++ >= pollsMax) {
      const sentence = 'The peer has only part of this file, and nothing of it that is missing here.'
      source.leave(new DownloadError(sentence, { reason: 'not-found' }))
      return undefined
    }
    try {
      const stream = opened ?? (await source.open(this.#ended.signal))
      await source.askAvailable(stream)
      return stream
    } catch (error) {
      this.#onFailure(source, error)
      return undefined
    }
  }

  /** Decides what becomes of a source of which a stream has failed. */
  #onFailure(source: Source, error: unknown): void {
    if (error instanceof CutError || this.#fatal !== undefined || !source.isInUse) return
    const why = sourceFailure(error)
    // The right block of something that is no file of this size: no source is to blame.
    if (error instanceof TreeError && !(error instanceof WrongBlockError)) return this.#end(why)
    if (why.reason === 'corrupt') return this.#ban(source, why)
    source.failures++
    if (isFinal(error) || source.failures >= this.config.attemptsMax) source.leave(why)
  }

  #ban(source: Source, why: DownloadError): void {
    if (source.state !== 'banned') source.retire('banned', why)
  }

  #isWorking(source: Source): boolean {
    return this.#fatal === undefined && source.isInUse && !this.#picker.isDone
  }

  #report(transfer: TransferProgress): void {
    const { doneCount: chunksDone, count: chunksTotal } = this.#picker
    const sources = this.#sources.progress
    const { onProgress } = this.#options
    this.#lastProgress = {
      ...transfer,
      chunksDone,
      chunksTotal,
      keptBytes: this.#keptBytes,
      wastedBytes: this.#wastedBytes,
      sources,
    }
    onProgress?.(this.#lastProgress)
  }

  #summary(): DownloadSummary {
    this.#progress.finish()
    const { leaves } = this.#store
    if (leaves === undefined || this.#lastProgress === undefined) throw new Error('A download that is done has told so')
    return {
      durationMs: performance.now() - this.#startedAtMs,
      bytesBySource: this.#sources.verifiedBytes,
      progress: this.#lastProgress,
      leaves,
    }
  }

  async #closeSink(): Promise<void> {
    try {
      await this.#request.sink.close()
    } catch (error) {
      throw sinkFailure(error)
    }
  }

  /** Ends the whole download early. */
  #end(why: DownloadError): void {
    if (this.#fatal !== undefined) return
    this.#fatal = why
    this.#outcome.reject(why)
    this.#ended.abort(why)
    this.#sources.stop(why)
    this.#changed.wake()
  }

  #throwIfEnded(): void {
    if (this.#fatal !== undefined) throw this.#fatal
  }
}

/** Whether a fresh stream would get the same answer. */
function isFinal(error: unknown): boolean {
  return error instanceof StatusError || error instanceof UnsupportedProtocolError
}

/** Resolves after some time, or as soon as something else does. */
function passed(ms: number, sooner: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void sooner.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Lets the sink keep what it has. If that fails too, the first reason stays and both errors are told. */
async function suspended(sink: Sink, why: DownloadError): Promise<DownloadError> {
  const [kept] = await Promise.allSettled([sink.suspend()])
  if (kept.status === 'fulfilled') return why
  const cause = new AggregateError(
    [why, kept.reason],
    'The download ended early, and its sink could not keep what came'
  )
  return new DownloadError(why.message, { reason: why.reason, cause })
}
