import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { type Availability, availabilityOf } from '../dag/availability.ts'
import { CHUNK_BYTES } from '../dag/shape.ts'
import type { DownloadError } from '../errors.ts'
import { AVAILABLE_RANGES, parseAvailableRanges } from '../http/available-ranges.ts'
import { formatContentRange } from '../http/range.ts'
import { formatRequest } from '../http/request.ts'
import type { Response } from '../http/response.ts'
import { HTTP_PROTOCOL } from '../http/stream.ts'
import { Watchdog } from '../http/watchdog.ts'
import { SpeedMeter } from '../progress.ts'
import { blockAsk, COMMON_FIELDS } from './asks.ts'
import type { Fetcher } from './chunk-picker.ts'
import { ClientStream, LEAST_BYTES } from './client-stream.ts'
import { StalledError, sourceFailure } from './failures.ts'
import type { Dialer, DownloadConfig, SourceProgress } from './options.ts'

/** Bytes of a block above the leaves at most: 1 024 links of some 50 bytes and 1 024 sizes of at most 8 are under 64 KiB. */
const BLOCK_BYTES_MAX = 65_536

/** How often to look, in the time after which a source has stalled, whether it sends. */
const STALL_LOOKS = 5

/** How much longer one stream of a source may be silent while the others bring something. */
const STREAM_STALL_FACTOR = 4

/** The file that sources are asked for. */
export interface WantedFile {
  readonly cid: CID
  readonly size: number
}

/** One peer that is said to have the file, or part of it. */
export class Source implements Fetcher {
  readonly peer: PeerId
  readonly #file: WantedFile
  readonly #dialer: Dialer
  readonly #config: DownloadConfig
  readonly #streams = new Set<ClientStream>()
  readonly #speed = new SpeedMeter()
  readonly #watchdog: Watchdog
  /** Requests under way. */
  #asking = 0
  #availableText: string | undefined
  state: 'waiting' | 'connecting' | 'active' | 'left' | 'banned' = 'waiting'
  /** Why it was left or banned last. */
  why: DownloadError | undefined
  available: Availability | undefined
  /** Told when it says that it has other chunks than before. */
  onAvailable: () => void = () => undefined
  /** Told when it is asked for nothing more. */
  onRetired: () => void = () => undefined
  /** Verified bytes that it gave and that were used. */
  verifiedBytes = 0
  /** Streams that have failed since it last gave a chunk. */
  failures = 0
  /** Streams that it is asked over at once. */
  lanes = 0
  /** When it was begun to be fetched from, in milliseconds. */
  sinceMs = 0
  /** Whether a lane waits to ask it which chunks it has. */
  isPolled = false
  /** When it was last asked which chunks it has, in milliseconds, and how often since that last changed. */
  polledAtMs = Number.NEGATIVE_INFINITY
  polls = 0

  constructor(peer: PeerId, file: WantedFile, dialer: Dialer, config: DownloadConfig) {
    this.peer = peer
    this.#file = file
    this.#dialer = dialer
    this.#config = config
    const onStall = () => this.leave(sourceFailure(new StalledError()))
    this.#watchdog = new Watchdog(config.stallMs, LEAST_BYTES, onStall, STALL_LOOKS)
  }

  /** Whether it may be asked for something. */
  get isInUse(): boolean {
    return this.state === 'connecting' || this.state === 'active'
  }

  get bytesPerSecond(): number {
    return this.#speed.bytesPerSecond
  }

  get progress(): SourceProgress {
    const { peer, verifiedBytes, why } = this
    const state = this.state === 'active' ? (this.#asking > 0 ? 'fetching' : 'idle') : this.state
    const bytesPerSecond = this.isInUse ? this.bytesPerSecond : 0
    return { peer, state, verifiedBytes, bytesPerSecond, problem: this.isInUse ? undefined : why?.message }
  }

  /** Opens a stream to it. */
  async open(signal: AbortSignal): Promise<ClientStream> {
    const stream = await this.#dialer.dialProtocol(this.peer, HTTP_PROTOCOL, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#config.connectMs)]),
    })
    const client = new ClientStream(stream, STREAM_STALL_FACTOR * this.#config.stallMs)
    client.onResponse = (response) => this.#onResponse(response)
    this.#streams.add(client)
    stream.addEventListener('close', () => this.#streams.delete(client))
    if (!this.isInUse || signal.aborted) client.abort(this.why ?? new Error('The download has ended'))
    return client
  }

  /** Asks it for nothing more, and cuts what is under way. */
  leave(why: DownloadError): void {
    if (!this.isInUse) return
    this.retire('left', why)
    this.cut(why)
  }

  /** Asks it for nothing more. What is under way may still come, and prove right. */
  retire(state: 'left' | 'banned', why: DownloadError): void {
    this.state = state
    this.why = why
    this.onRetired()
  }

  /** Cuts what is under way. */
  cut(error: Error): void {
    for (const stream of this.#streams) stream.abort(error)
  }

  /** Asks for one block above the leaves. It is not verified yet. */
  async fetchBlock(stream: ClientStream, cid: CID): Promise<Uint8Array> {
    const into = new Uint8Array(BLOCK_BYTES_MAX)
    stream.onReceived = (bytes) => this.#watchdog.feed(bytes)
    return into.subarray(0, await this.#watched(() => stream.fetch(blockAsk(cid, into))))
  }

  /** Asks for one chunk of the file. It is not verified yet. */
  async fetchChunk(
    stream: ClientStream,
    index: number,
    buffer: Uint8Array<ArrayBuffer>,
    onReceived: (bytes: number) => void
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { cid, size } = this.#file
    const start = index * CHUNK_BYTES
    const end = Math.min(size, start + CHUNK_BYTES)
    const head = formatRequest(`/ipfs/${cid.toV1()}`, [...COMMON_FIELDS, ['Range', `bytes=${start}-${end - 1}`]])
    const contentRange = formatContentRange({ start, end }, size)
    const into = buffer.subarray(0, end - start)
    stream.onReceived = (bytes) => {
      this.#watchdog.feed(bytes)
      this.#speed.add(bytes)
      onReceived(bytes)
    }
    await this.#watched(() =>
      stream.fetch({ head, status: 206, contentRange, length: into.length, isHead: false, into })
    )
    return into
  }

  /** Asks which chunks it has; `onAvailable` tells if that has changed. */
  async askAvailable(stream: ClientStream): Promise<void> {
    const { cid, size } = this.#file
    const head = formatRequest(`/ipfs/${cid.toV1()}`, COMMON_FIELDS, 'HEAD')
    const into = new Uint8Array(0)
    await this.#watched(() =>
      stream.fetch({ head, status: 200, contentRange: undefined, length: size, isHead: true, into })
    )
  }

  async #watched<T>(work: () => Promise<T>): Promise<T> {
    if (this.#asking++ === 0) this.#watchdog.start()
    try {
      return await work()
    } finally {
      if (--this.#asking === 0) this.#watchdog.stop()
    }
  }

  /** A server that has all of the file says nothing about parts. */
  #onResponse({ status, fields }: Response): void {
    const text = fields.get(AVAILABLE_RANGES.toLowerCase())
    if (text === this.#availableText || (text === undefined && status >= 400)) return
    const { size } = this.#file
    this.available = text === undefined ? undefined : availabilityOf(parseAvailableRanges(text, size), size)
    this.#availableText = text
    this.polls = 0
    this.onAvailable()
  }
}
