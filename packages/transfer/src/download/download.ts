import { UnsupportedProtocolError } from '@libp2p/interface'
import { hasher } from '#hasher'
import { areEqual, leafCid, sha256 } from '../dag/cids.ts'
import { CHUNK_BYTES, leafCount } from '../dag/shape.ts'
import { digestAt } from '../dag/tree.ts'
import { isRootOf, TreeError, verifyTree } from '../dag/verify.ts'
import { DownloadError } from '../errors.ts'
import { ProgressMeter } from '../progress.ts'
import type { Sink } from '../types.ts'
import { BufferPool } from './buffer-pool.ts'
import { ChunkQueue } from './chunk-queue.ts'
import type { ClientStream } from './client-stream.ts'
import { failure, StatusError, sinkFailure, sourceFailure, WrongBytesError } from './failures.ts'
import {
  type Dialer,
  type DownloadConfig,
  type DownloadOptions,
  type DownloadRequest,
  type DownloadSummary,
  defaultDownloadConfig,
} from './options.ts'
import { fetchBlock, fetchChunk, Source } from './source.ts'

/**
 * Fetches a file and puts it into a sink, each chunk once its SHA-256 is that which the CID vouches for.
 *
 * @throws DownloadError, nothing else; the sink has been aborted then
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
    throw await abortSink(request.sink, sourceFailure(error))
  }
}

/** Chunk buffers beyond one a lane: one that is hashed and one that is written while every lane receives. */
const SPARE_BUFFERS = 2

class Download {
  readonly #request: DownloadRequest
  readonly #options: DownloadOptions
  readonly #config: DownloadConfig
  readonly #sources: readonly Source[]
  readonly #queue: ChunkQueue
  readonly #progress: ProgressMeter
  readonly #ended = new AbortController()
  readonly #startedAtMs = performance.now()
  #pool = new BufferPool(0)
  #digests: Uint8Array = new Uint8Array(0)
  /** The end of the chain of writes: a sink is asked for one at a time. */
  #lastWrite: Promise<void> = Promise.resolve()
  /** Why the whole download ends early. */
  #fatal: DownloadError | undefined
  /** Why a lane gave up last: the reason if all do. */
  #lastFailure = failure('unreachable')

  constructor(dialer: Dialer, request: DownloadRequest, options: DownloadOptions) {
    this.#request = request
    this.#options = options
    this.#config = { ...defaultDownloadConfig, ...options.config }
    this.#sources = request.sources.map((peer) => new Source(peer, dialer, this.#config))
    this.#queue = new ChunkQueue(leafCount(request.size))
    this.#progress = new ProgressMeter(request.size, options.onProgress)
  }

  async run(): Promise<DownloadSummary> {
    const { signal } = this.#options
    const onAbort = () => this.#end(failure('aborted', signal?.reason))
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal?.aborted) onAbort()
      this.#check()
      await this.#fetchAll()
      await this.#closeSink()
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#ended.abort()
    }
    this.#progress.finish()
    const bytesBySource = new Map(this.#sources.map((source) => [source.peer.toString(), source.bytes]))
    return { durationMs: performance.now() - this.#startedAtMs, bytesBySource }
  }

  #check(): void {
    this.#throwIfEnded()
    const { cid, size, sources } = this.#request
    if (!isRootOf(cid, size)) throw failure('corrupt', new TreeError('no file has this CID and size'))
    if (sources.length === 0) throw failure('unreachable')
  }

  async #fetchAll(): Promise<void> {
    if (this.#request.size === 0) return this.#checkEmpty()
    this.#digests = await this.#learnDigests()
    const lanes = this.#lanes()
    this.#pool = new BufferPool(lanes.length + SPARE_BUFFERS)
    // A lane ends when nothing is left to take; if another then gives a chunk back and fails, there is another round.
    while (!this.#queue.isDone) {
      const before = this.#queue.doneCount
      await Promise.all(lanes.map((source) => this.#runLane(source)))
      this.#throwIfEnded()
      if (this.#queue.doneCount === before) throw this.#lastFailure
    }
  }

  /** An empty file is known by its CID: there is nothing to ask for. */
  async #checkEmpty(): Promise<void> {
    const empty = leafCid(await sha256(new Uint8Array(0)))
    if (!areEqual(empty.bytes, this.#request.cid.bytes))
      throw failure('corrupt', new TreeError('its CID does not fit its size'))
    this.#queue.finish()
  }

  /** The source of each lane: one for every source first, then a second, and so on. */
  #lanes(): Source[] {
    const { lanesMax, lanesPerSource } = this.#config
    const wanted = Math.min(lanesMax, this.#sources.length * lanesPerSource, leafCount(this.#request.size))
    const lanes: Source[] = []
    while (lanes.length < wanted) lanes.push(...this.#sources.slice(0, wanted - lanes.length))
    return lanes
  }

  /** Learns the hash of every chunk from the first source that has the blocks above them. */
  async #learnDigests(): Promise<Uint8Array> {
    const { cid, size } = this.#request
    // The CID of a single chunk is its hash: nothing has to be asked for.
    if (leafCount(size) === 1) return verifyTree(cid, size, () => Promise.reject(new TreeError('it has no tree')))
    for (const source of this.#sources) {
      let digests: Uint8Array | undefined
      await this.#attempt(
        source,
        () => 0,
        async (stream) => {
          digests = await verifyTree(cid, size, (block) => fetchBlock(stream, block))
        }
      )
      this.#throwIfEnded()
      if (digests !== undefined) return digests
    }
    throw this.#lastFailure
  }

  /** Fetches chunks from one source until none is left to take or the source is of no more use. */
  async #runLane(source: Source): Promise<void> {
    const stores: Promise<void>[] = []
    let fetched = 0
    await this.#attempt(
      source,
      () => fetched,
      async (stream) => {
        for (let index = this.#queue.take(); index !== undefined; index = this.#queue.take()) {
          const chunk = await this.#receive(stream, index)
          fetched++
          stores.push(this.#store(source, chunk))
        }
      }
    )
    await Promise.all(stores)
  }

  /** Works on a stream to a source, on a fresh one if it fails, until `attemptsMax` have failed without getting on. */
  async #attempt(source: Source, gotten: () => number, work: (stream: ClientStream) => Promise<void>): Promise<void> {
    for (let attempt = 0, before = gotten(); attempt < this.#config.attemptsMax; attempt++) {
      if (this.#fatal !== undefined || source.banned !== undefined) return
      try {
        const stream = await source.open(this.#ended.signal)
        await work(stream)
        return stream.close()
      } catch (error) {
        const why = sourceFailure(error)
        this.#lastFailure = why
        if (why.reason === 'corrupt') return source.ban(why)
        if (isFinal(error)) return
        if (gotten() > before) attempt = 0
        before = gotten()
      }
    }
  }

  /** Receives one chunk into a buffer of the pool. If it does not come, gives both back. */
  async #receive(stream: ClientStream, index: number): Promise<Chunk> {
    const buffer = await this.#pool.take()
    let received = 0
    stream.onReceived = (bytes) => {
      received += bytes
      this.#progress.add(bytes)
    }
    try {
      this.#throwIfEnded()
      const { cid, size } = this.#request
      return { index, buffer, bytes: await fetchChunk(stream, cid, size, index, buffer) }
    } catch (error) {
      this.#discard(index, buffer, received)
      throw error
    }
  }

  /** Verifies a chunk and writes it. Never rejects: a wrong chunk bans its source, a failed write ends the download. */
  async #store(source: Source, { index, buffer, bytes }: Chunk): Promise<void> {
    const isRight = areEqual(await hasher.sha256(bytes), digestAt(this.#digests, index))
    if (!isRight) {
      const why = sourceFailure(new WrongBytesError())
      this.#lastFailure = why
      source.ban(why)
    }
    if (!isRight || this.#fatal !== undefined) return this.#discard(index, buffer, bytes.length)
    this.#lastWrite = this.#lastWrite.then(() => this.#write(index * CHUNK_BYTES, bytes))
    await this.#lastWrite
    this.#pool.giveBack(buffer)
    source.bytes += bytes.length
    this.#queue.finish()
  }

  async #write(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.#fatal !== undefined) return
    try {
      await this.#request.sink.write(offset, bytes)
    } catch (error) {
      this.#end(sinkFailure(error))
    }
  }

  #discard(index: number, buffer: Uint8Array, receivedBytes: number): void {
    this.#progress.waste(receivedBytes)
    this.#pool.giveBack(buffer)
    this.#queue.giveBack(index)
  }

  async #closeSink(): Promise<void> {
    this.#throwIfEnded()
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
    this.#ended.abort(why)
    for (const source of this.#sources) source.abort(why)
  }

  #throwIfEnded(): void {
    if (this.#fatal !== undefined) throw this.#fatal
  }
}

interface Chunk {
  readonly index: number
  readonly buffer: Uint8Array
  /** The received part of the buffer: all of it, but for the last chunk. */
  readonly bytes: Uint8Array
}

/** Whether a fresh stream would get the same answer. */
function isFinal(error: unknown): boolean {
  return error instanceof StatusError || error instanceof UnsupportedProtocolError
}

/** Aborts the sink. If that fails too, the first reason stays and both errors are told. */
async function abortSink(sink: Sink, why: DownloadError): Promise<DownloadError> {
  const [aborted] = await Promise.allSettled([sink.abort()])
  if (aborted.status === 'fulfilled') return why
  const cause = new AggregateError([why, aborted.reason], 'The download ended early, and its sink could not be aborted')
  return new DownloadError(why.message, { reason: why.reason, cause })
}
