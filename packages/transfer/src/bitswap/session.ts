import type { Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import { lengthPrefixed } from '@servent/wire'
import { ContentUnreadableError } from '../errors.ts'
import { endStream, isLoss, sendAll } from '../http/stream.ts'
import { Watchdog } from '../http/watchdog.ts'
import type { Resource, SharedFile } from '../serve/shared-files.ts'
import type { Uploads } from '../serve/uploads.ts'
import type { BitswapLimits } from './limits.ts'
import { type Block, type BlockPresence, encodeMessage, MESSAGE_BYTES_MAX, type Wantlist } from './message.ts'
import { type Want, type WantRefusal, Wants } from './wants.ts'

/** Why something was not answered. */
export type SessionRefusal =
  | WantRefusal
  /** A block could not be read: its file has changed or gone. */
  | 'unreadable'
  /** The peer takes no answers, or has gone before one could begin. */
  | 'unreachable'
  /** The peer went amid an answer. */
  | 'lost'
  /** The peer took nothing of an answer in `idleMs`. */
  | 'stalled'
  /** A fault of ours, which is logged. */
  | 'failed'

interface SessionOptions {
  readonly peer: PeerId
  readonly uploads: Uploads
  readonly limits: BitswapLimits
  readonly protocol: string
  readonly log: Logger
  onRefused(why: SessionRefusal): void
}

/** Bytes of blocks in one message, but for the last one: small blocks go together, and of large ones each alone. Ours. */
const BATCH_BYTES = 262_144

/** Presences in one message, and such as wait for it, at most. Ours: as many as wants. */
const PRESENCES_MAX = 1024

const framing = lengthPrefixed(MESSAGE_BYTES_MAX)

interface Batch {
  readonly payload: Block[]
  readonly blockPresences: BlockPresence[]
  /** Of which files how many bytes these are. */
  readonly sent: { readonly file: SharedFile; readonly bytes: number }[]
  bytes: number
}

/** One peer that asks: what it wants, and the stream on which it is answered. Holds one message of at most 1.25 MiB at a time. */
export class BitswapSession {
  readonly #options: SessionOptions
  readonly #wants: Wants
  /** Told with the next message. */
  #denied: BlockPresence[] = []
  #connection: Connection | undefined
  #stream: Stream | undefined
  #isSending = false
  #isWaitingForSlot = false
  /** Whether the ledger of uploads counts it among its streams. */
  #isUploading = false
  readonly #linger: Watchdog

  constructor(options: SessionOptions) {
    this.#options = options
    this.#wants = new Wants(options.limits.wantsPerPeerMax)
    this.#linger = new Watchdog(options.limits.lingerMs, 1, () => {
      if (this.#isSending) this.#linger.start()
      else this.#endUpload()
    })
  }

  /** Whether nothing is lost when it is forgotten. */
  get isIdle(): boolean {
    return this.#wants.size === 0 && !this.#isSending
  }

  /** The peer says what it wants. It is answered over the connection by which it asked last. */
  onWantlist(wantlist: Wantlist, connection: Connection): void {
    this.#connection = connection
    this.#wants.update(wantlist, (why, denied) => {
      this.#options.onRefused(why)
      if (denied !== undefined && this.#denied.length < PRESENCES_MAX)
        this.#denied.push({ cid: denied.bytes, type: 'DontHave' })
    })
    this.#pump()
  }

  /** This block, or any if it is undefined, can be read that could not be read before. */
  onReadable(cid: string | undefined): void {
    this.#wants.wake(cid)
    this.#pump()
  }

  onSlotFree(): void {
    if (!this.#isWaitingForSlot) return
    this.#isWaitingForSlot = false
    this.#wants.wake(undefined)
    this.#pump()
  }

  /** The peer has gone, or the server stops. */
  end(): void {
    this.#wants.clear()
    this.#stream?.abort(new Error('Nobody is there to be answered'))
    this.#endUpload()
  }

  /** Begins to send, unless it does already. */
  #pump(): void {
    if (this.#isSending || (!this.#wants.hasOpen && this.#denied.length === 0)) return
    this.#isSending = true
    this.#send()
      .catch((error: unknown) => this.#onLost(error))
      .finally(() => {
        this.#isSending = false
        this.#stream = undefined
        this.#pump()
      })
  }

  async #send(): Promise<void> {
    const { limits, uploads, peer } = this.#options
    const watchdog = new Watchdog(limits.idleMs, 1, () => {
      this.#options.onRefused('stalled')
      this.#wants.clear()
      this.#stream?.abort(new Error('The peer took nothing for too long'))
    })
    try {
      for (let batch = await this.#nextBatch(); batch !== undefined; batch = await this.#nextBatch()) {
        const stream = await this.#openStream()
        if (stream === undefined) return
        watchdog.start()
        for await (const piece of uploads.rate.pieces(peer.toString(), frameOf(batch))) {
          // That it had to wait for us is not the peer's fault.
          watchdog.feed(1)
          await sendAll(stream, piece, () => watchdog.feed(1))
        }
        watchdog.stop()
        for (const { file, bytes } of batch.sent) uploads.ledger.sent(peer, file, bytes)
        this.#linger.feed(1)
      }
    } finally {
      watchdog.stop()
    }
    // What is asked while it ends goes on another stream.
    if (this.#stream !== undefined) endStream(this.#stream, limits.idleMs)
  }

  async #openStream(): Promise<Stream | undefined> {
    if (this.#stream !== undefined) return this.#stream
    const { protocol, limits, log } = this.#options
    try {
      this.#stream = await this.#connection?.newStream(protocol, { signal: AbortSignal.timeout(limits.idleMs) })
    } catch (error) {
      // It takes no answers, or has gone: either way nobody is left who wants something.
      log('no stream to %p: %s', this.#options.peer, error)
      this.#wants.clear()
      this.#options.onRefused('unreachable')
    }
    return this.#stream
  }

  /** What can be told now; undefined when that is nothing. */
  async #nextBatch(): Promise<Batch | undefined> {
    const batch: Batch = { payload: [], blockPresences: this.#denied, sent: [], bytes: 0 }
    this.#denied = []
    while (batch.bytes < BATCH_BYTES && batch.blockPresences.length < PRESENCES_MAX) {
      const want = this.#wants.next()
      if (want === undefined) break
      await this.#answer(want, batch)
    }
    return batch.payload.length + batch.blockPresences.length === 0 ? undefined : batch
  }

  async #answer(want: Want, batch: Batch): Promise<void> {
    const resource = this.#options.uploads.files.block(want.cid)
    if (resource === undefined) return this.#deny(want, batch)
    if (want.type === 'Have') {
      batch.blockPresences.push({ cid: want.cid.bytes, type: 'Have' })
      this.#wants.delete(want)
    } else if (this.#takeSlot()) {
      await this.#read(want, resource, batch)
    } else {
      this.#isWaitingForSlot = true
      this.#wants.setAside(want)
    }
  }

  /** Says that it is not here, if that was asked for, and keeps it wanted. */
  #deny(want: Want, batch: Batch): void {
    if (want.shouldDeny) batch.blockPresences.push({ cid: want.cid.bytes, type: 'DontHave' })
    want.shouldDeny = false
    this.#wants.setAside(want)
  }

  async #read(want: Want, resource: Resource, batch: Batch): Promise<void> {
    let data: Uint8Array
    try {
      data = await resource.read(0, resource.size)
      if (data.length !== resource.size) throw new ContentUnreadableError('The file changed while it was read')
    } catch (error) {
      if (!(error instanceof ContentUnreadableError)) throw error
      this.#options.onRefused('unreadable')
      return this.#deny(want, batch)
    }
    // Cancelled while it was read.
    if (!this.#wants.has(want)) return
    this.#wants.delete(want)
    batch.payload.push({ prefix: prefixOf(want), data })
    batch.bytes += data.length
    if (resource.isContent && resource.file !== undefined) batch.sent.push({ file: resource.file, bytes: data.length })
  }

  #takeSlot(): boolean {
    const { uploads, peer } = this.#options
    if (!this.#isUploading) {
      this.#isUploading = true
      uploads.ledger.open(peer)
      this.#linger.start()
    }
    return uploads.ledger.takeSlot(peer)
  }

  #endUpload(): void {
    if (!this.#isUploading) return
    this.#isUploading = false
    this.#linger.stop()
    this.#options.uploads.ledger.close(this.#options.peer)
  }

  #onLost(error: unknown): void {
    this.#wants.clear()
    this.#stream?.abort(error instanceof Error ? error : new Error(String(error)))
    this.#options.onRefused(isLoss(error) ? 'lost' : 'failed')
    if (!isLoss(error)) this.#options.log.error('not answered: %s', error)
  }
}

function frameOf({ payload, blockPresences }: Batch): Uint8Array {
  return framing.frame(encodeMessage({ wantlist: undefined, payload, blockPresences, pendingBytes: 0 }))
}

/** The CID without its digest. */
function prefixOf({ cid }: Want): Uint8Array {
  const { code, digest } = cid.multihash
  // Each is one byte as a varint: only raw and dag-pb blocks of SHA-256 are here.
  return Uint8Array.of(cid.version, cid.code, code, digest.length)
}
