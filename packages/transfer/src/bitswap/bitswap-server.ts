import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { ProtocolError } from '@servent/machine'
import { lengthPrefixed } from '@servent/wire'
import { endStream, readStream } from '../http/stream.ts'
import { Watchdog } from '../http/watchdog.ts'
import type { Uploads } from '../serve/uploads.ts'
import { type BitswapLimits, defaultBitswapLimits } from './limits.ts'
import { type BitswapMessage, decodeMessage, MESSAGE_BYTES_MAX } from './message.ts'
import { BitswapSession, type SessionRefusal } from './session.ts'

/** Bitswap 1.2.0 as the IPFS specification has it. */
export const BITSWAP_PROTOCOL = '/ipfs/bitswap/1.2.0'

/** What the server needs of libp2p. */
export type BitswapNode = Pick<Libp2p, 'handle' | 'unhandle' | 'addEventListener' | 'removeEventListener' | 'logger'>

/** Why something was not taken or not answered; each is counted in `BitswapServer.refusals`. */
export type BitswapRefusal =
  | SessionRefusal
  /** Bytes that are no message: `ProtocolError` says which rule they broke. */
  | `malformed-${string}`
  /** A message that had begun did not come in `idleMs`. */
  | 'slow'
  /** Too much has begun to come from all peers together. */
  | 'inbound-full'
  /** Wants of too many peers are kept already. */
  | 'too-many-peers'

const framing = lengthPrefixed(MESSAGE_BYTES_MAX)

/**
 * Gives blocks of what is shared to whoever asks by Bitswap 1.2.0: Kubo, Helia and their kin. Only a server: it wants nothing.
 *
 * Answers go on streams of our own, for that is where other implementations read them. What is not here yet stays wanted, and
 * is sent when it becomes readable. Uploads count against the slots and the rate of the file server.
 */
export class BitswapServer {
  readonly #node: BitswapNode
  readonly #uploads: Uploads
  readonly #limits: BitswapLimits
  readonly #sessions = new Map<string, BitswapSession>()
  readonly #streams = new Set<Stream>()
  readonly #refusals = new Map<BitswapRefusal, number>()
  #inboundBytes = 0
  #unsubscribe: (() => void)[] = []

  /** @param uploads - of the file server whose files are given */
  constructor(node: BitswapNode, uploads: Uploads, limits: Partial<BitswapLimits> = {}) {
    this.#node = node
    this.#uploads = uploads
    this.#limits = { ...defaultBitswapLimits, ...limits }
  }

  /** How often what was not taken or not answered, since the start. */
  get refusals(): ReadonlyMap<BitswapRefusal, number> {
    return this.#refusals
  }

  /** Begins to serve. Not over relayed connections, which have a budget that a file would use up. */
  async start(): Promise<void> {
    this.#node.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#unsubscribe = [
      this.#uploads.files.subscribe((cid) => this.#wake((session) => session.onReadable(cid?.toString()))),
      this.#uploads.ledger.onSlotFree(() => this.#wake((session) => session.onSlotFree())),
    ]
    await this.#node.handle(BITSWAP_PROTOCOL, (stream, connection) => this.#onStream(stream, connection), {
      maxInboundStreams: this.#limits.streamsPerPeerMax,
      runOnLimitedConnection: false,
    })
  }

  /** Serves no more and ends what is under way. */
  async stop(): Promise<void> {
    await this.#node.unhandle(BITSWAP_PROTOCOL)
    this.#node.removeEventListener('peer:disconnect', this.#onDisconnect)
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const stream of this.#streams) stream.abort(new Error('The Bitswap server was stopped'))
    for (const session of this.#sessions.values()) session.end()
    this.#sessions.clear()
  }

  #onStream(stream: Stream, connection: Connection): void {
    const cutter = framing.cutter()
    let heldBytes = 0
    const hold = (bytes: number) => {
      heldBytes += bytes
      this.#inboundBytes += bytes
    }
    const drop = (why: BitswapRefusal) => {
      this.#refuse(why)
      stream.abort(new Error(`Not taken: ${why}`))
    }
    const watchdog = new Watchdog(this.#limits.idleMs, 1, () => drop('slow'))
    const end = () => {
      watchdog.stop()
      this.#streams.delete(stream)
      hold(-heldBytes)
    }
    this.#streams.add(stream)
    stream.addEventListener('close', end)
    readStream(stream, {
      onBytes: (bytes) => {
        if (stream.status !== 'open') return
        if (this.#inboundBytes + bytes.length > this.#limits.inboundBytesMax) return drop('inbound-full')
        hold(bytes.length)
        try {
          const messages = cutter.push(bytes.slice())
          if (messages.length > 0) hold(-heldBytes)
          for (const message of messages) this.#onMessage(decodeMessage(message), connection)
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error
          return drop(`malformed-${error.reason}`)
        }
        if (heldBytes === 0) watchdog.stop()
        else if (heldBytes === bytes.length) watchdog.start()
      },
      onEnd: (wasClosed) => {
        end()
        // Our side of it was never used, and is ended with theirs.
        if (wasClosed) endStream(stream, this.#limits.idleMs)
      },
    })
  }

  #onMessage({ wantlist }: BitswapMessage, connection: Connection): void {
    // Whoever sends blocks sends them in vain: nothing was asked for.
    if (wantlist === undefined) return
    const session = this.#sessionOf(connection.remotePeer)
    if (session === undefined) this.#refuse('too-many-peers')
    else session.onWantlist(wantlist, connection)
  }

  #sessionOf(peer: PeerId): BitswapSession | undefined {
    const known = this.#sessions.get(peer.toString())
    if (known !== undefined) return known
    if (this.#sessions.size >= this.#limits.peersMax) this.#forgetIdle()
    if (this.#sessions.size >= this.#limits.peersMax) return undefined
    const session = new BitswapSession({
      peer,
      uploads: this.#uploads,
      limits: this.#limits,
      protocol: BITSWAP_PROTOCOL,
      log: this.#node.logger.forComponent('servent:bitswap'),
      onRefused: (why) => this.#refuse(why),
    })
    this.#sessions.set(peer.toString(), session)
    return session
  }

  #forgetIdle(): void {
    for (const [peer, session] of this.#sessions) {
      if (!session.isIdle) continue
      session.end()
      this.#sessions.delete(peer)
    }
  }

  #wake(tell: (session: BitswapSession) => void): void {
    for (const session of this.#sessions.values()) tell(session)
  }

  readonly #onDisconnect = ({ detail }: CustomEvent<PeerId>): void => {
    this.#sessions.get(detail.toString())?.end()
    this.#sessions.delete(detail.toString())
  }

  #refuse(why: BitswapRefusal): void {
    this.#refusals.set(why, (this.#refusals.get(why) ?? 0) + 1)
  }
}
