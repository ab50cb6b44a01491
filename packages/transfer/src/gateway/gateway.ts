import type { IncomingMessage, ServerResponse } from 'node:http'
import { RateLimitError, RateLimiter } from '@libp2p/utils'
import { ContentUnreadableError } from '../errors.ts'
import type { HeadFields } from '../http/fields.ts'
import { type Request, RequestError, requestOf } from '../http/request.ts'
import { StreamEndedError } from '../http/stream.ts'
import { Watchdog } from '../http/watchdog.ts'
import { type ResponderContext, respond, respondError } from '../serve/responder.ts'
import type { Uploads } from '../serve/uploads.ts'
import { defaultGatewayLimits, type GatewayLimits } from './limits.ts'

/** Why a request was not served; each is counted in `Gateway.refusals`. */
export type GatewayRefusal =
  | `status-${number}`
  /** The client took nothing in `idleMs`. */
  | 'stalled'
  /** The client went amid an answer. */
  | 'lost'
  /** A file failed amid its answer. */
  | 'unreadable'
  /** A fault of ours, which Node is warned of. */
  | 'failed'

/** Any page may read what is here, but nothing here may act as a page, for all of it is anyone's. */
const FIELDS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'Accept-Ranges, Content-Disposition, Content-Length, Content-Location, Content-Range, ETag, Retry-After, X-Available-Ranges, X-Ipfs-Path, X-Ipfs-Roots',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'X-Content-Type-Options': 'nosniff',
} as const

/** What a page may send that asks whether it may (fetch standard, preflight). */
const PREFLIGHT_FIELDS = {
  ...FIELDS,
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers':
    'Accept, Cache-Control, Content-Type, If-None-Match, If-Range, Range, X-Requested-With',
  'Access-Control-Max-Age': '86400',
} as const

/**
 * Gives what a file server shares over plain HTTP too, as a trustless gateway: by the same code, at the same addresses. For
 * `request` of a server of `node:http`, which reads requests within its own limits of time.
 */
export class Gateway {
  readonly #uploads: Uploads
  readonly #limits: GatewayLimits
  readonly #rate: RateLimiter
  readonly #refusals = new Map<GatewayRefusal, number>()
  /** Requests under way, by address. */
  readonly #underWay = new Map<string, number>()
  #slotsTaken = 0

  /** @param uploads - of the file server whose files are given */
  constructor(uploads: Uploads, limits: Partial<GatewayLimits> = {}) {
    this.#uploads = uploads
    this.#limits = { ...defaultGatewayLimits, ...limits }
    this.#rate = new RateLimiter({ points: this.#limits.requestsPerSecondMax, duration: 1 })
  }

  /** How often what was not served, since the start. */
  get refusals(): ReadonlyMap<GatewayRefusal, number> {
    return this.#refusals
  }

  /** Whether a path of a URL is one that a gateway answers. */
  static answers(path: string): boolean {
    return path.startsWith('/ipfs/') || path === '/uri-res/N2R'
  }

  /** Answers one request. */
  readonly onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, PREFLIGHT_FIELDS).end()
      return
    }
    const address = request.socket.remoteAddress ?? ''
    const watchdog = new Watchdog(this.#limits.idleMs, 1, () => {
      this.#refuse('stalled')
      response.destroy()
    })
    this.#underWay.set(address, this.#countOf(address) + 1)
    const answer = new Answer(response, address, this.#uploads, () => watchdog.feed(1))
    watchdog.start()
    this.#serve(request, address, answer)
      .then(() => response.end())
      .catch((error: unknown) => this.#onLost(response, error))
      .finally(() => {
        watchdog.stop()
        if (answer.hasSlot) this.#slotsTaken--
        const left = this.#countOf(address) - 1
        if (left > 0) this.#underWay.set(address, left)
        else this.#underWay.delete(address)
      })
  }

  async #serve(message: IncomingMessage, address: string, answer: Answer): Promise<void> {
    const context: ResponderContext = {
      files: this.#uploads.files,
      takeSlot: () => this.#takeSlot(answer),
      sendHead: (status, fields) => answer.sendHead(status, fields),
      send: (bytes) => answer.send(bytes),
    }
    try {
      const request = requestFrom(message)
      this.#limit(address)
      await respond(request, context)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      this.#refuse(`status-${error.status}`)
      await respondError(error, message.method === 'HEAD', context)
    }
  }

  #takeSlot(answer: Answer): boolean {
    if (this.#slotsTaken >= this.#limits.uploadSlotsMax) return false
    this.#slotsTaken++
    answer.hasSlot = true
    return true
  }

  #limit(address: string): void {
    const refusal = { status: 429, fields: [['Retry-After', '1']] } as const
    if (this.#countOf(address) > this.#limits.requestsPerAddressMax)
      throw new RequestError('Too many requests at once.', refusal)
    try {
      this.#rate.consume(address)
    } catch (error) {
      if (!(error instanceof RateLimitError)) throw error
      throw new RequestError('Too many requests. Try again later.', { ...refusal, cause: error })
    }
  }

  #countOf(address: string): number {
    return this.#underWay.get(address) ?? 0
  }

  #onLost(response: ServerResponse, error: unknown): void {
    // Cut, not ended in order: a client must not take an answer cut short for whole.
    response.destroy()
    if (error instanceof ContentUnreadableError) this.#refuse('unreadable')
    else if (error instanceof StreamEndedError) this.#refuse('lost')
    else {
      this.#refuse('failed')
      process.emitWarning(error instanceof Error ? error : String(error))
    }
  }

  #refuse(why: GatewayRefusal): void {
    this.#refusals.set(why, (this.#refusals.get(why) ?? 0) + 1)
  }
}

/** One answer on its way to a client. */
class Answer {
  hasSlot = false
  readonly #response: ServerResponse
  readonly #address: string
  readonly #uploads: Uploads
  readonly #onDrain: () => void

  constructor(response: ServerResponse, address: string, uploads: Uploads, onDrain: () => void) {
    this.#response = response
    this.#address = address
    this.#uploads = uploads
    this.#onDrain = onDrain
  }

  async sendHead(status: number, fields: HeadFields): Promise<void> {
    this.#response.writeHead(status, { ...Object.fromEntries(fields), ...FIELDS })
  }

  async send(bytes: Uint8Array): Promise<void> {
    for await (const piece of this.#uploads.rate.pieces(`http ${this.#address}`, bytes)) {
      // That it had to wait for us is not the client's fault.
      this.#onDrain()
      await this.#write(piece)
      this.#onDrain()
    }
  }

  #write(piece: Uint8Array): Promise<void> {
    const response = this.#response
    return new Promise((resolve, reject) => {
      const onClose = (): void => {
        response.off('drain', onDrain)
        reject(new StreamEndedError())
      }
      const onDrain = (): void => {
        response.off('close', onClose)
        resolve()
      }
      if (response.destroyed || response.writableEnded) return reject(new StreamEndedError())
      if (response.write(piece)) return resolve()
      response.once('drain', onDrain).once('close', onClose)
    })
  }
}

/** The request as the responder knows it. Node has read its head, so that is well-formed. */
function requestFrom({ method = '', url = '/', headers }: IncomingMessage): Request {
  const fields = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) fields.set(name, typeof value === 'string' ? value : value.join(', '))
  }
  return requestOf(method, url, fields, true)
}
