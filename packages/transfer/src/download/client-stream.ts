import type { Stream } from '@libp2p/interface'
import { HeadError } from '../http/fields.ts'
import { HeadCutter } from '../http/head-cutter.ts'
import { parseResponse, type Response, ResponseError } from '../http/response.ts'
import { readStream, StreamEndedError, sendAll } from '../http/stream.ts'
import { Watchdog } from '../http/watchdog.ts'
import { NoAnswerError, StalledError, StatusError } from './failures.ts'

/** Bytes of the text that explains an error at most; they are passed over. Ours: a sentence is enough. */
const ERROR_BODY_BYTES_MAX = 4_096

/** Bytes that must come in a period for a source not to have stalled. Ours: slower than any modem. */
export const LEAST_BYTES = 1_024

/** What one request asks for, and where its bytes go. */
export interface Ask {
  /** The request head. */
  readonly head: Uint8Array
  /** The only status that is an answer to it. */
  readonly status: 200 | 206
  /** The `Content-Range` that the answer must have. */
  readonly contentRange: string | undefined
  /** Exact length of the body; undefined: any that fits. */
  readonly length: number | undefined
  /** Whether the answer is a head alone, whatever length it tells. */
  readonly isHead: boolean
  /** Where the body is put. */
  readonly into: Uint8Array
}

interface Pending {
  readonly ask: Ask
  resolve(length: number): void
  reject(error: Error): void
  response: Response | undefined
  /** Bytes of the body that have come. */
  received: number
}

/**
 * The client's end of one HTTP stream: one request after the other, each with one answer. The body goes from the pieces
 * that the transport delivers straight to where it is wanted, copied once. An answer that is not exactly what was asked
 * for, or a byte too many, ends the stream.
 */
export class ClientStream {
  readonly #stream: Stream
  /** Told of each piece of a body as it comes. */
  onReceived: (bytes: number) => void = () => undefined
  /** Told of the head of each answer, be it the one that was asked for or not. May throw ResponseError. */
  onResponse: (response: Response) => void = () => undefined
  readonly #watchdog: Watchdog
  readonly #cutter = new HeadCutter('HTTP/1.')
  #pending: Pending | undefined
  #lost: Error | undefined
  #hasAnswered = false

  /** @param stallMs how long a source may send next to nothing */
  constructor(stream: Stream, stallMs: number) {
    this.#stream = stream
    this.#watchdog = new Watchdog(stallMs, LEAST_BYTES, () => this.#fail(new StalledError()))
    readStream(stream, {
      onBytes: (bytes) => this.#onBytes(bytes),
      onEnd: (_, error) => this.#onEnd(error),
    })
  }

  /**
   * Asks, and puts the body of the answer into `ask.into`.
   *
   * @returns the length of the body
   * @throws StatusError, ResponseError, StalledError, NoAnswerError or StreamEndedError; only after the first can the
   * stream be used again
   */
  async fetch(ask: Ask): Promise<number> {
    if (this.#lost !== undefined) throw this.#lost
    const answer = new Promise<number>((resolve, reject) => {
      this.#pending = { ask, resolve, reject, response: undefined, received: 0 }
    })
    this.#watchdog.start()
    try {
      await Promise.all([answer, sendAll(this.#stream, ask.head, () => undefined)])
      return await answer
    } finally {
      this.#pending = undefined
      this.#watchdog.stop()
    }
  }

  /** Whether something more can be asked for. */
  get isUsable(): boolean {
    return this.#lost === undefined
  }

  /** Ends the stream in order. Does not wait for the other end. */
  close(): void {
    this.#lost ??= new StreamEndedError()
    // Both ends must close or the stream is kept for ever; one that does not is cut.
    this.#stream.close({ signal: AbortSignal.timeout(10_000) }).catch((error: Error) => this.#stream.abort(error))
  }

  /** Cuts the stream: what was under way fails with `error`. */
  abort(error: Error): void {
    this.#fail(error)
  }

  #onBytes(bytes: Uint8Array): void {
    if (this.#lost !== undefined) return
    this.#hasAnswered = true
    this.#watchdog.feed(bytes.length)
    try {
      for (let at = 0; at < bytes.length; ) {
        if (this.#pending === undefined) throw new ResponseError('The source sent more than it was asked for')
        at +=
          this.#pending.response === undefined
            ? this.#onHead(this.#pending, bytes.subarray(at))
            : this.#onBody(this.#pending, this.#pending.response, bytes.subarray(at))
      }
    } catch (error) {
      if (error instanceof HeadError) this.#fail(new ResponseError(error.message))
      else if (error instanceof ResponseError) this.#fail(error)
      else throw error
    }
  }

  #onHead(pending: Pending, bytes: Uint8Array): number {
    const taken = this.#cutter.push(bytes)
    if (!this.#cutter.isComplete) return taken
    pending.response = parseResponse(this.#cutter.take())
    checkResponse(pending.response, pending.ask)
    this.onResponse(pending.response)
    if (pending.response.length === 0 || pending.ask.isHead) this.#complete(pending, pending.response)
    return taken
  }

  #onBody(pending: Pending, response: Response, bytes: Uint8Array): number {
    const piece = bytes.subarray(0, response.length - pending.received)
    if (response.status === pending.ask.status) {
      pending.ask.into.set(piece, pending.received)
      this.onReceived(piece.length)
    }
    pending.received += piece.length
    if (pending.received === response.length) this.#complete(pending, response)
    return piece.length
  }

  #complete(pending: Pending, response: Response): void {
    this.#pending = undefined
    if (response.status === pending.ask.status) pending.resolve(response.length)
    else pending.reject(new StatusError(response.status))
  }

  #onEnd(error: Error | undefined): void {
    if (this.#lost !== undefined) return
    // An answer cut short is no lie: whoever goes away amid one may be back.
    this.#fail(this.#hasAnswered ? new StreamEndedError(error) : new NoAnswerError(error))
  }

  #fail(error: Error): void {
    this.#lost ??= error
    this.#watchdog.stop()
    this.#stream.abort(error)
    this.#pending?.reject(error)
  }
}

/** Refuses, before any of its body is taken, an answer that is not what was asked for. */
function checkResponse(response: Response, ask: Ask): void {
  if (response.status !== ask.status) {
    if (response.length > ERROR_BODY_BYTES_MAX) throw new ResponseError('The source sent more than it was asked for')
    return
  }
  if (response.fields.get('content-range') !== ask.contentRange)
    throw new ResponseError('The source sent another range')
  if (ask.length !== undefined && response.length !== ask.length)
    throw new ResponseError('The source sent another length')
  if (!ask.isHead && response.length > ask.into.length)
    throw new ResponseError('The source sent more than it was asked for')
}
