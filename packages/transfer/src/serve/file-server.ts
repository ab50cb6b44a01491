import type { Connection, PeerId, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import { RateLimitError, RateLimiter } from '@libp2p/utils'
import { TypedEventEmitter } from 'main-event'
import type { CID } from 'multiformats/cid'
import type { FolderTree } from '../dag/folder.ts'
import { ContentUnreadableError } from '../errors.ts'
import { formatHead } from '../http/fields.ts'
import { RequestError } from '../http/request.ts'
import { statusLine } from '../http/status.ts'
import { HTTP_PROTOCOL, isLoss, sendAll } from '../http/stream.ts'
import { Watchdog } from '../http/watchdog.ts'
import type { Identity } from '../identify.ts'
import type { Content } from '../types.ts'
import { defaultServerLimits, RELAYED_BYTES_MAX, type ServerLimits, type UploadLimits } from './limits.ts'
import type { PartialFile, PartialServer, PartialServing } from './partial-file.ts'
import { RateLimit } from './rate-limit.ts'
import { RequestReader } from './request-reader.ts'
import { type ResponderContext, respond, respondError } from './responder.ts'
import { type SharedFile, SharedFiles } from './shared-files.ts'
import { UploadLedger, type UploadProgress } from './upload-ledger.ts'
import type { Uploads } from './uploads.ts'

/** What the server needs of libp2p: a node has it, and so has its registrar. */
export interface StreamHandlers {
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
  unhandle(protocol: string): Promise<void>
}

export interface FileServerEvents {
  /** At most four times a second for each peer and file, and once more when the peer has gone. */
  upload: CustomEvent<UploadProgress>
}

/** Why a request or a stream was not served; each is counted in `FileServer.refusals`. */
export type Refusal =
  | `status-${number}`
  /** Too little was taken or asked for in `idleMs`. */
  | 'stalled'
  /** The client went amid a request or an answer. */
  | 'lost'
  /** A file failed amid its answer. */
  | 'unreadable'

/** Serves shared files by HTTP/1.1 over libp2p streams. */
export class FileServer extends TypedEventEmitter<FileServerEvents> implements PartialServer {
  readonly #handlers: StreamHandlers
  readonly #limits: ServerLimits
  /** Requests of each peer. */
  readonly #requests: RateLimiter
  /** Bytes to all of them. */
  readonly #rate = new RateLimit()
  readonly #files = new SharedFiles()
  readonly #ledger: UploadLedger
  readonly #streams = new Set<Stream>()
  readonly #refusals = new Map<Refusal, number>()

  constructor(handlers: StreamHandlers, limits: Partial<ServerLimits> = {}) {
    super()
    this.#handlers = handlers
    this.#limits = { ...defaultServerLimits, ...limits }
    this.#requests = new RateLimiter({ points: this.#limits.requestsPerSecondMax, duration: 1 })
    this.#ledger = new UploadLedger(this.#limits, (upload) => this.safeDispatchEvent('upload', { detail: upload }))
    this.#rate.bytesPerSecond = this.#limits.bytesPerSecondMax
  }

  /**
   * Changes what is given away at most, from now on: who has a slot keeps it.
   *
   * @throws RangeError for less than one slot, or for a rate that is not above 0
   */
  setLimits({ uploadSlotsMax, bytesPerSecondMax }: Partial<UploadLimits>): void {
    if (uploadSlotsMax !== undefined) this.#ledger.slotsMax = uploadSlotsMax
    if (bytesPerSecondMax !== undefined) this.#rate.bytesPerSecond = bytesPerSecondMax
  }

  /** For servers of other protocols, which give the same files within the same limits. */
  get uploads(): Uploads {
    return { files: this.#files, ledger: this.#ledger, rate: this.#rate }
  }

  /** How often what was not served, since the start. */
  get refusals(): ReadonlyMap<Refusal, number> {
    return this.#refusals
  }

  /** Begins to serve. Over relayed connections only what is small: they have a budget that a file would use up. */
  async start(): Promise<void> {
    await this.#handlers.handle(HTTP_PROTOCOL, (stream, connection) => this.#onStream(stream, connection), {
      // One more than are served, so that the first too many is told so in words.
      maxInboundStreams: this.#limits.streamsPerPeerMax + 1,
      runOnLimitedConnection: true,
    })
  }

  /** Serves no more and ends what is under way. */
  async stop(): Promise<void> {
    await this.#handlers.unhandle(HTTP_PROTOCOL)
    for (const stream of this.#streams) stream.abort(new Error('The file server was stopped'))
    this.#rate.stop()
  }

  /** Serves a file: by its CID, those of its blocks, and its SHA-1. */
  add(identity: Identity, content: Content): void {
    this.#files.add(identity, content)
  }

  /** Serves what there is of a file that is being fetched. */
  addPartial(partial: PartialFile): PartialServing {
    return this.#files.addPartial(partial)
  }

  /** Serves it no more. Uploads of it that run end at their next part. */
  delete(cid: CID): boolean {
    this.#ledger.forget(cid.toString())
    return this.#files.delete(cid)
  }

  /**
   * Serves a folder, as `makeFolder` gives it of files that are served: its directories, by their CIDs.
   *
   * @throws FolderTooBigError when there is no more room for them
   */
  addFolder(folder: FolderTree): void {
    this.#files.addFolder(folder)
  }

  /** Serves its directories no more, and its files as before. */
  deleteFolder(cid: CID): boolean {
    return this.#files.deleteFolder(cid)
  }

  /** How many times a peer has begun to fetch something of this file since it was added. */
  uploadCount(cid: CID): number {
    return this.#ledger.count(cid.toString())
  }

  async #onStream(stream: Stream, connection: Connection): Promise<void> {
    const peer = connection.remotePeer
    const watchdog = new Watchdog(this.#limits.idleMs, 1, () => {
      this.#refuse('stalled')
      stream.abort(new Error('The client was idle for too long'))
    })
    this.#streams.add(stream)
    stream.addEventListener('close', () => {
      watchdog.stop()
      this.#streams.delete(stream)
    })
    watchdog.start()
    const hasRoom = this.#ledger.open(peer)
    try {
      await this.#serve(stream, connection, watchdog, hasRoom)
    } catch (error) {
      this.#onLost(stream, error)
    } finally {
      this.#ledger.close(peer)
    }
  }

  async #serve(stream: Stream, connection: Connection, watchdog: Watchdog, hasRoom: boolean): Promise<void> {
    const peer = connection.remotePeer
    const reader = new RequestReader(stream)
    const send = (bytes: Uint8Array, content?: SharedFile) => this.#send(stream, peer, watchdog, bytes, content)
    const context: ResponderContext = {
      files: this.#files,
      // libp2p gives limits to relayed connections only.
      answerBytesMax: connection.limits === undefined ? undefined : RELAYED_BYTES_MAX,
      takeSlot: () => this.#ledger.takeSlot(peer),
      sendHead: (status, fields) => send(formatHead(statusLine(status), fields)),
      send,
    }
    for (let goesOn = true; goesOn; ) {
      goesOn = hasRoom && (await this.#serveNext(reader, peer, context))
      if (!hasRoom)
        await this.#answerError(
          new RequestError('Too many streams at once.', { status: 429, isRecoverable: false }),
          false,
          context
        )
      watchdog.start()
    }
    // Ends our side only. A client that never ends its own is cut by the watchdog.
    await stream.close({ signal: AbortSignal.timeout(this.#limits.idleMs) })
  }

  /** Serves one request. Returns whether another may come on this stream. */
  async #serveNext(reader: RequestReader, peer: PeerId, context: ResponderContext): Promise<boolean> {
    let isHead = false
    try {
      const request = await reader.next()
      if (request === undefined) return false
      isHead = request.method === 'HEAD'
      this.#limitRate(peer)
      await respond(request, context)
      return request.isKeptAlive
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      await this.#answerError(error, isHead, context)
      return error.isRecoverable
    }
  }

  async #send(stream: Stream, peer: PeerId, watchdog: Watchdog, bytes: Uint8Array, content?: SharedFile) {
    for await (const piece of this.#rate.pieces(peer.toString(), bytes)) {
      // That it had to wait for us is not the client's fault.
      watchdog.feed(1)
      if (content !== undefined) this.#ledger.sent(peer, content, piece.length)
      await sendAll(stream, piece, () => watchdog.feed(1))
    }
  }

  #limitRate(peer: PeerId): void {
    try {
      this.#requests.consume(peer.toString())
    } catch (error) {
      if (!(error instanceof RateLimitError)) throw error
      throw new RequestError('Too many requests. Try again later.', {
        status: 429,
        fields: [['Retry-After', '1']],
        cause: error,
      })
    }
  }

  #answerError(error: RequestError, isHead: boolean, context: ResponderContext): Promise<void> {
    this.#refuse(`status-${error.status}`)
    return respondError(error, isHead, context)
  }

  #onLost(stream: Stream, error: unknown): void {
    if (error instanceof ContentUnreadableError) this.#refuse('unreadable')
    else if (isLoss(error)) this.#refuse('lost')
    else throw error
    // A reset, not an end in order: a client must not take an answer cut short for whole.
    stream.abort(error)
  }

  #refuse(why: Refusal): void {
    this.#refusals.set(why, (this.#refusals.get(why) ?? 0) + 1)
  }
}
