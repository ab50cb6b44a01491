import type { Stream } from '@libp2p/interface'
import { HeadError } from '../http/fields.ts'
import { HeadCutter } from '../http/head-cutter.ts'
import { parseRequest, type Request, RequestError } from '../http/request.ts'
import { readStream, StreamEndedError } from '../http/stream.ts'

/** Bytes of further requests that may wait while one is answered. Beyond it a client floods. */
const BACKLOG_BYTES_MAX = 16_384

interface Waiting {
  resolve(request: Request | undefined): void
  reject(error: Error): void
}

/** Cuts one client's stream into requests, of which several may come at once. Its memory is bounded. */
export class RequestReader {
  readonly #cutter = new HeadCutter()
  readonly #backlog: Uint8Array[] = []
  #backlogBytes = 0
  #waiting: Waiting | undefined
  #end: { readonly wasClosed: boolean; readonly error: Error | undefined } | undefined

  constructor(stream: Stream) {
    readStream(stream, {
      onBytes: (bytes) => {
        this.#backlogBytes += bytes.length
        if (this.#backlogBytes > BACKLOG_BYTES_MAX)
          return stream.abort(new RequestError('Too much is asked at once.', { status: 429 }))
        this.#backlog.push(bytes.slice())
        this.#advance()
      },
      onEnd: (wasClosed, error) => {
        this.#end = { wasClosed, error }
        this.#advance()
      },
    })
  }

  /**
   * The next request; undefined when the client has ended the stream in order between two.
   *
   * @throws RequestError for a malformed one, StreamEndedError when the stream is lost
   */
  next(): Promise<Request | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#advance()
    })
  }

  /** Answers the waiting call if what is here allows it. */
  #advance(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    try {
      this.#cut()
      if (this.#cutter.isComplete) {
        this.#waiting = undefined
        waiting.resolve(parseRequest(this.#cutter.take()))
      } else if (this.#end !== undefined) {
        this.#waiting = undefined
        if (this.#end.wasClosed && !this.#cutter.isPartial) waiting.resolve(undefined)
        else waiting.reject(new StreamEndedError(this.#end.error))
      }
    } catch (error) {
      this.#waiting = undefined
      waiting.reject(asRequestError(error))
    }
  }

  #cut(): void {
    while (!this.#cutter.isComplete) {
      const bytes = this.#backlog.shift()
      if (bytes === undefined) return
      const taken = this.#cutter.push(bytes)
      this.#backlogBytes -= taken
      if (taken < bytes.length) this.#backlog.unshift(bytes.subarray(taken))
    }
  }
}

function asRequestError(error: unknown): Error {
  if (error instanceof HeadError)
    return new RequestError(`${error.message}.`, { status: 431, isRecoverable: false, cause: error })
  return error instanceof Error
    ? error
    : new RequestError('The request is malformed.', { status: 400, isRecoverable: false, cause: error })
}
