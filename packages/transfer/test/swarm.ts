import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Logger, PeerId, Stream, StreamHandler } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { AbstractStream } from '@libp2p/utils'
import { type Content, type Dialer, FileServer, type Identity, type ServerLimits } from '../src/index.ts'

/** Bytes that go from one end of a stream to the other at a time. */
const PIECE_BYTES = 131_072

let streamCount = 0

const silent: Logger = Object.assign(() => undefined, {
  error: () => undefined,
  trace: () => undefined,
  enabled: false,
  newScope: () => silent,
})

/** One end of a stream without a network: what is sent is at the other end in the next turn. */
class DirectStream extends AbstractStream {
  #other: DirectStream | undefined

  static pair(protocol: string): [DirectStream, DirectStream] {
    const [near, far] = [new DirectStream(protocol), new DirectStream(protocol)]
    near.#meet(far)
    far.#meet(near)
    return [near, far]
  }

  constructor(protocol: string) {
    super({ id: `${++streamCount}`, protocol, log: silent, maxMessageSize: PIECE_BYTES })
  }

  #meet(other: DirectStream): void {
    this.#other = other
  }

  sendData(data: Parameters<AbstractStream['sendData']>[0]) {
    const bytes = data.slice()
    this.#later((other) => other.onData(bytes))
    return { sentBytes: bytes.length, canSendMore: true }
  }

  sendReset(): void {
    this.#later((other) => other.onRemoteReset())
  }

  async sendCloseWrite(): Promise<void> {
    this.#later((other) => other.onRemoteCloseWrite())
  }

  async sendCloseRead(): Promise<void> {
    this.#later((other) => other.onRemoteCloseRead())
  }

  sendPause(): void {
    throw new Error('Nobody pauses streams here')
  }

  sendResume(): void {
    throw new Error('Nobody pauses streams here')
  }

  #later(work: (other: DirectStream) => void): void {
    const other = this.#other
    if (other !== undefined) setImmediate(() => work(other))
  }
}

/** A peer that serves files to those who dial it in the same swarm. */
export interface SwarmPeer {
  readonly peerId: PeerId
  readonly server: FileServer
}

/** Peers in one process, joined by nothing but calls: quick enough for hundreds of downloads. */
export class Swarm implements Dialer {
  readonly #handlers = new Map<string, StreamHandler>()
  /** Resolves when a peer may be reached; rejects when it cannot. */
  reach: (peer: PeerId) => Promise<void> = async () => undefined
  /** Every stream that was opened, by the peer that it leads to. */
  readonly streams: { readonly peer: PeerId; readonly stream: Stream }[] = []

  async join(limits: Partial<ServerLimits> = {}): Promise<SwarmPeer> {
    const peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const server = new FileServer(
      {
        handle: async (_, handler) => void this.#handlers.set(peerId.toString(), handler),
        unhandle: async () => void this.#handlers.delete(peerId.toString()),
      },
      limits
    )
    await server.start()
    return { peerId, server }
  }

  /** A peer that serves one file, perhaps in its own way. */
  async share(identity: Identity, content: Content): Promise<SwarmPeer> {
    const peer = await this.join()
    peer.server.add(identity, content)
    return peer
  }

  /** A peer that does with a stream what the test says. */
  async answerWith(onStream: (stream: Stream) => void): Promise<PeerId> {
    const peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    this.#handlers.set(peerId.toString(), onStream)
    return peerId
  }

  async dialProtocol(peer: PeerId, protocol: string, { signal }: { signal?: AbortSignal } = {}): Promise<Stream> {
    await this.reach(peer)
    signal?.throwIfAborted()
    const handler = this.#handlers.get(peer.toString())
    if (handler === undefined) throw new Error('There is no such peer')
    const [near, far] = DirectStream.pair(protocol)
    this.streams.push({ peer, stream: near })
    void handler(far, { remotePeer: this.#self } as Connection)
    return near
  }

  /** Cuts all that leads to a peer, which cannot be reached any more either. */
  leave(peer: PeerId): void {
    this.#handlers.delete(peer.toString())
    for (const one of this.streams) if (one.peer.equals(peer)) one.stream.abort(new Error('gone'))
  }

  readonly #self: PeerId

  constructor(self: PeerId) {
    this.#self = self
  }

  static async create(): Promise<Swarm> {
    return new Swarm(peerIdFromPrivateKey(await generateKeyPair('Ed25519')))
  }
}
