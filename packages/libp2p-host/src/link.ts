import type { Connection, Logger, Stream } from '@libp2p/interface'
import { type FrameCutter, type Framing, type Peer, ProtocolError } from '@servent/machine'
import type { Uint8ArrayList } from 'uint8arraylist'
import { toError } from './errors.ts'
import type { Limits } from './limits.ts'
import { Outbox, type Parcel } from './outbox.ts'
import { TrafficMeter } from './traffic-meter.ts'

/** Bytes handed to a stream at once: what it has taken can no longer be dropped. */
const WRITE_BYTES_MAX = 64 << 10
/** Bytes cut into frames at once: a peer may send a megabyte of the shortest frames. */
const CUT_BYTES_MAX = 64 << 10

/** What a link tells its table. */
export interface LinkOwner {
  readonly limits: Limits
  readonly framing: Framing
  readonly log: Logger
  now(): number
  /** One whole frame has come, and is within the peer's rate. */
  onFrame(link: Link, frame: Uint8Array): void
  /** The remote, or the transport, has ended a stream of this link. */
  onGone(link: Link): void
  /** The peer has broken the rules, or the host could not read it. */
  onBreach(link: Link, reason: string): void
  drop(reason: string, count?: number): void
}

/**
 * The connection with one peer for one protocol: usually one stream, two when both sides opened one at the same time.
 *
 * 1. Everything is sent on the first stream there was, so the order of what one side sends is the order of one stream.
 * 2. Everything that comes on either is read; nothing after `end`.
 * 3. A link ends as a whole when any of its streams does.
 * 4. At most `outboxBytesMax` bytes wait, those in the stream's own buffer included.
 */
export class Link {
  readonly peer: Peer
  readonly outbox = new Outbox()
  /** Whether the machine has asked for this link, and so is owed an answer. */
  isAsked = false
  /** Whether the machine has been told that the peer is connected. */
  isTold = false
  /** The connection of the first stream. */
  connection: Connection | undefined
  readonly #owner: LinkOwner
  readonly #meter: TrafficMeter
  readonly #streams: Stream[] = []
  #usedAt: number
  #hasHeard = false
  #hasEnded = false
  #stuckTimer: ReturnType<typeof setTimeout> | undefined

  constructor(peer: Peer, owner: LinkOwner) {
    this.peer = peer
    this.#owner = owner
    this.#usedAt = owner.now()
    this.#meter = new TrafficMeter(owner.limits, this.#usedAt)
  }

  get isOpen(): boolean {
    return this.#streams.length > 0 && !this.#hasEnded
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Whether we opened it and nothing has come: the other end has refused it, if it ends so. */
  get isUnheard(): boolean {
    return !this.#hasHeard && !this.hasInbound
  }

  /** When something was last sent or came. */
  get usedAt(): number {
    return this.#usedAt
  }

  get hasInbound(): boolean {
    return this.#streams.some(({ direction }) => direction === 'inbound')
  }

  /** Begins to read a stream, and to write if it is the first. */
  attach(stream: Stream, connection: Connection): void {
    this.connection ??= connection
    this.#streams.push(stream)
    const reading = new StreamReader(this.#owner.framing.cutter())
    stream.addEventListener('message', ({ data }) => this.#read(reading, data))
    stream.addEventListener('end', () => this.#gone())
    stream.addEventListener('close', () => this.#gone())
    stream.addEventListener('drain', () => this.#onDrain(stream))
    // Events that have fired do not fire again: what came before is handed over in a microtask, so the end is one later.
    if (stream.readableEnded || stream.status !== 'open') queueMicrotask(() => this.#gone())
  }

  /** Puts a framed message into the outbox. The owner calls `flush` when the turn is over. */
  push(parcel: Parcel): void {
    this.#usedAt = this.#owner.now()
    const room = this.#owner.limits.outboxBytesMax - (this.#streams[0]?.writeBufferLength ?? 0)
    for (const dropped of this.outbox.push(parcel, room)) this.#owner.drop(`outbox-full:${dropped}`)
  }

  /** Writes what waits: all of it in one write, unless the stream is full. */
  flush(): void {
    const stream = this.#streams[0]
    if (stream === undefined || this.#hasEnded) return
    if (!this.#write(stream)) this.#gone()
    else if (this.outbox.bytes > 0)
      this.#stuckTimer ??= setTimeout(() => this.#onStuck(), this.#owner.limits.outboxStuckMs)
  }

  /**
   * Ends the link: what still waits is written if the stream takes it, and the streams are closed. Never rejects.
   *
   * @param isAbrupt - reset the streams instead, and forget what waits
   */
  async end(isAbrupt: boolean): Promise<void> {
    if (this.#hasEnded) return
    // First: writing may find the stream dead, which would end the link once more.
    this.#hasEnded = true
    clearTimeout(this.#stuckTimer)
    const [sending] = this.#streams
    if (!isAbrupt && sending !== undefined) this.#write(sending)
    const lost = this.outbox.clear()
    if (lost > 0) this.#owner.drop('unsent', lost)
    const streams = this.#streams.slice()
    // The stream that is written to closes first, so that the other end reads all before it sees an end.
    if (isAbrupt) for (const stream of streams) stream.abort(new Error('link ended'))
    else await Promise.all(streams.map((stream) => close(stream, this.#owner.limits.closeTimeoutMs)))
  }

  /** Writes until the stream is full. False if the stream is dead. */
  #write(stream: Stream): boolean {
    try {
      while (this.outbox.bytes > 0 && !stream.writableNeedsDrain) stream.send(join(this.outbox.take(WRITE_BYTES_MAX)))
      return true
    } catch (thrown) {
      this.#owner.log('could not write to %s - %e', this.peer, toError(thrown))
      return false
    }
  }

  #gone(): void {
    if (!this.#hasEnded) this.#owner.onGone(this)
  }

  #onDrain(stream: Stream): void {
    if (stream !== this.#streams[0]) return
    clearTimeout(this.#stuckTimer)
    this.#stuckTimer = undefined
    // The stream writes its own rest first, in a microtask of its own.
    queueMicrotask(() => this.flush())
  }

  #onStuck(): void {
    this.#owner.drop('outbox-stuck')
    this.#gone()
  }

  #read(reading: StreamReader, data: Uint8Array | Uint8ArrayList): void {
    for (const chunk of data instanceof Uint8Array ? [data] : data) {
      for (let at = 0; at < chunk.length; at += CUT_BYTES_MAX) {
        if (this.#hasEnded) return
        this.#cut(reading, chunk.length <= CUT_BYTES_MAX ? chunk : chunk.subarray(at, at + CUT_BYTES_MAX))
      }
    }
  }

  #cut(reading: StreamReader, chunk: Uint8Array): void {
    this.#hasHeard = true
    const now = this.#owner.now()
    this.#usedAt = now
    let frames: Uint8Array[]
    try {
      frames = reading.push(chunk, now)
    } catch (thrown) {
      const isTheirs = thrown instanceof ProtocolError
      if (!isTheirs) this.#owner.log.error('the framing failed - %e', toError(thrown))
      this.#owner.onBreach(this, isTheirs ? thrown.reason : 'framing-error')
      return
    }
    for (const frame of frames) {
      if (this.#hasEnded) return
      const verdict = this.#meter.admit(frame.length, now)
      if (verdict === 'fair') this.#owner.onFrame(this, frame)
      else if (verdict === 'excess') this.#owner.drop('rate')
      else this.#owner.onBreach(this, 'flood')
    }
    if (reading.isLate(now, this.#owner.limits.frameTimeoutMs)) this.#owner.onBreach(this, 'slow-frame')
  }
}

/** Cuts one stream into frames and knows since when a frame is incomplete. */
class StreamReader {
  readonly #cutter: FrameCutter
  #incompleteSince: number | undefined

  constructor(cutter: FrameCutter) {
    this.#cutter = cutter
  }

  push(chunk: Uint8Array, now: number): Uint8Array[] {
    const frames = this.#cutter.push(chunk)
    if (frames.length > 0) this.#incompleteSince = undefined
    else this.#incompleteSince ??= now
    return frames
  }

  /** Whether bytes still come, but for longer than `timeoutMs` no frame was whole. */
  isLate(now: number, timeoutMs: number): boolean {
    return this.#incompleteSince !== undefined && now - this.#incompleteSince > timeoutMs
  }
}

/** One buffer: below us a list of views would be encrypted view by view, and each written to the socket by itself. */
function join(frames: readonly Uint8Array[]): Uint8Array {
  const [first] = frames
  if (frames.length === 1 && first !== undefined) return first
  let length = 0
  for (const frame of frames) length += frame.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const frame of frames) {
    joined.set(frame, at)
    at += frame.length
  }
  return joined
}

/** Closes both directions of a stream, and resets it if the other end does not do its half in time. */
async function close(stream: Stream, timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs)
  const isClosed = new Promise<void>((resolve) => {
    stream.addEventListener('close', () => resolve())
    signal.addEventListener('abort', () => resolve())
  })
  try {
    await stream.close({ signal })
    if (stream.status === 'open' || stream.status === 'closing') await isClosed
  } catch (thrown) {
    stream.log('could not close - %e', toError(thrown))
  }
  // Does nothing to a stream that has closed.
  stream.abort(new Error('the other end did not close in time'))
}
