import { hasChunk } from '../dag/availability.ts'
import { DownloadError } from '../errors.ts'
import type { ProgressMeter } from '../progress.ts'
import { BufferPool } from './buffer-pool.ts'
import type { ChunkPicker } from './chunk-picker.ts'
import type { ChunkStore } from './chunk-store.ts'
import type { ClientStream } from './client-stream.ts'
import { CutError, StatusError, sinkFailure, sourceFailure, WrongBytesError } from './failures.ts'
import type { DownloadConfig } from './options.ts'
import type { Source } from './source.ts'
import type { Wakeup } from './wakeup.ts'

/** Chunk buffers beyond one a lane: one that is hashed and one that is written while every lane receives. */
const SPARE_BUFFERS = 2

/** What fetching needs of the download that it is for. */
export interface FetcherUser {
  readonly config: DownloadConfig
  readonly picker: ChunkPicker
  readonly store: ChunkStore
  readonly progress: ProgressMeter
  /** Lanes that have nothing to do wait for it. */
  readonly changed: Wakeup
  /** Fires when the download has ended. */
  readonly signal: AbortSignal
  /** Whether a source is to be asked for anything more. */
  isWorking(source: Source): boolean
  /** A stream of a source has failed, or the source lied. */
  onFailure(source: Source, error: unknown): void
  /** A chunk is verified and written. */
  onChunk(index: number): void
  /** The sink has failed, and with it the download. */
  onSinkFailure(why: DownloadError): void
}

/** One of the streams that a source is asked over, again and again a fresh one. */
interface Lane {
  stream: ClientStream | undefined
  /** Whether it ends, because the source gives no more streams. */
  isSurplus: boolean
}

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

/** Fetches chunks over several streams at once, and has each verified and written while the next is on its way. */
export class ChunkFetcher {
  readonly #user: FetcherUser
  readonly #buffers = new BufferPool(SPARE_BUFFERS)
  readonly #flights = new Set<Flight>()
  /** Chunks that are being verified and written. */
  readonly #keeping = new Set<Promise<void>>()
  #wastedBytes = 0

  constructor(user: FetcherUser) {
    this.#user = user
  }

  /** Bytes that came and were of no use. */
  get wastedBytes(): number {
    return this.#wastedBytes
  }

  /** Fetches from one source, until there is nothing more to fetch or the source is of no more use. Never rejects. */
  async run(source: Source, stream: ClientStream): Promise<void> {
    const { config, picker } = this.#user
    const lanes = Math.max(1, Math.min(config.lanesPerSource, picker.count - picker.doneCount))
    await Promise.all(
      Array.from({ length: lanes }, (_, lane) => this.#runLane(source, lane === 0 ? stream : undefined))
    )
    await this.settled()
  }

  /** Resolves when what has come is verified and written. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#keeping)
  }

  async #runLane(source: Source, opened: ClientStream | undefined): Promise<void> {
    const { picker } = this.#user
    const lane: Lane = { stream: opened, isSurplus: false }
    source.lanes++
    this.#buffers.resize(1)
    while (this.#user.isWorking(source) && !lane.isSurplus) {
      const index = picker.take(source)
      lane.stream = index === undefined ? await this.#idle(source, lane.stream) : await this.#fetch(source, index, lane)
    }
    lane.stream?.close()
    source.lanes--
    this.#buffers.resize(-1)
  }

  /** Fetches one chunk. Returns the stream if it can be used again. Never rejects. */
  async #fetch(source: Source, index: number, lane: Lane): Promise<ClientStream | undefined> {
    const { picker, progress, signal } = this.#user
    const buffer = await this.#buffers.take()
    const isCut = picker.isChunkDone(index)
    const flight: Flight = { index, source, buffer, stream: lane.stream, received: 0, isCut }
    this.#flights.add(flight)
    try {
      if (flight.isCut || !this.#user.isWorking(source)) throw new CutError()
      flight.stream ??= await source.open(signal)
      if (flight.isCut) throw new CutError()
      const bytes = await source.fetchChunk(flight.stream, index, buffer, (count) => {
        flight.received += count
        progress.add(count)
      })
      source.failures = 0
      const keeping = this.#keep(flight, bytes)
      this.#keeping.add(keeping)
      void keeping.then(() => this.#keeping.delete(keeping))
      return flight.stream
    } catch (error) {
      this.#discard(flight)
      const status = error instanceof StatusError ? error.status : undefined
      const isElsewhere = status === 416 && !hasChunk(source.available, index)
      if (isElsewhere || (error instanceof CutError && flight.stream?.isUsable === true)) return flight.stream
      // So many streams at once are too many for it: the others go on.
      lane.isSurplus = status === 429 && source.lanes > 1
      if (!lane.isSurplus) this.#user.onFailure(source, error)
      return undefined
    }
  }

  /** Verifies a chunk and writes it. Never rejects. */
  async #keep(flight: Flight, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { picker, store } = this.#user
    const { index, source } = flight
    // A sink may take the bytes over, which leaves nothing to count.
    const { length } = bytes
    try {
      const { isRight, buffer } = await store.put(index, bytes, flight.buffer)
      flight.buffer = buffer
      if (!isRight) this.#user.onFailure(source, sourceFailure(new WrongBytesError()))
      if (!isRight || picker.isChunkDone(index)) return this.#discard(flight)
    } catch (error) {
      return this.#user.onSinkFailure(sinkFailure(error))
    }
    this.#flights.delete(flight)
    this.#buffers.giveBack(flight.buffer)
    picker.finish(index)
    source.verifiedBytes += length
    this.#cutOthers(index)
    this.#user.onChunk(index)
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
    this.#user.progress.waste(flight.received)
    this.#wastedBytes += flight.received
    this.#buffers.giveBack(flight.buffer)
    this.#user.picker.giveBack(flight.index, flight.source)
    this.#user.changed.wake()
  }

  /** A lane has nothing to fetch until something changes, or until a source that has only part of the file has more of it. */
  async #idle(source: Source, stream: ClientStream | undefined): Promise<ClientStream | undefined> {
    const { config, changed } = this.#user
    const change = changed.next
    if (source.available === undefined || source.isPolled) {
      await change
      return stream
    }
    source.isPolled = true
    await passed(Math.max(0, source.polledAtMs + config.pollMs - performance.now()), change)
    const isDue = this.#user.isWorking(source) && performance.now() - source.polledAtMs >= config.pollMs
    const polled = isDue ? await this.#poll(source, stream) : stream
    source.isPolled = false
    return polled
  }

  async #poll(source: Source, opened: ClientStream | undefined): Promise<ClientStream | undefined> {
    source.polledAtMs = performance.now()
    if (source.polls++ >= this.#user.config.pollsMax) {
      const sentence = 'The peer has only part of this file, and nothing of it that is missing here.'
      source.leave(new DownloadError(sentence, { reason: 'not-found' }))
      return undefined
    }
    try {
      const stream = opened ?? (await source.open(this.#user.signal))
      await source.askAvailable(stream)
      return stream
    } catch (error) {
      this.#user.onFailure(source, error)
      return undefined
    }
  }
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
