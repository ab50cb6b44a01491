import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import { lengthPrefixed } from '@servent/wire'
import type { CID } from 'multiformats/cid'
import { BITSWAP_PROTOCOL } from '../src/bitswap/index.ts'
import {
  type BitswapMessage,
  decodeMessage,
  encodeMessage,
  MESSAGE_BYTES_MAX,
  type WantlistEntry,
} from '../src/bitswap/message.ts'

const framing = lengthPrefixed(MESSAGE_BYTES_MAX)

/** What a want is unless it is said. */
export function want(cid: CID, options: Partial<WantlistEntry> = {}): WantlistEntry {
  return { block: cid.bytes, priority: 1, cancel: false, wantType: 'Block', sendDontHave: false, ...options }
}

/** Asks by Bitswap on a stream that it keeps, and reads answers from the streams that the server opens, and only there. */
export class BitswapClient {
  readonly asking: Stream
  /** Streams on which answers came. */
  readonly answering: Stream[] = []
  readonly #messages: BitswapMessage[] = []
  #wake: () => void = () => undefined

  private constructor(asking: Stream) {
    this.asking = asking
  }

  static async connect(node: Libp2p, server: PeerId): Promise<BitswapClient> {
    const client: { value?: BitswapClient } = {}
    await node.handle(BITSWAP_PROTOCOL, (stream) => client.value?.listen(stream), { force: true })
    client.value = new BitswapClient(await node.dialProtocol(server, BITSWAP_PROTOCOL))
    return client.value
  }

  /** Sends a wantlist. */
  ask(entries: readonly WantlistEntry[], full = false): void {
    this.send(encodeMessage({ wantlist: { entries, full }, payload: [], blockPresences: [], pendingBytes: 0 }))
  }

  /** Sends any bytes as a message. */
  send(message: Uint8Array): void {
    this.asking.send(framing.frame(message))
  }

  /** The next message that the server sends. */
  async next(): Promise<BitswapMessage> {
    for (;;) {
      const message = this.#messages.shift()
      if (message !== undefined) return message
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Takes answers. */
  listen(stream: Stream): void {
    const cutter = framing.cutter()
    this.answering.push(stream)
    stream.addEventListener('message', ({ data }) => {
      for (const message of cutter.push(data.subarray().slice())) this.#messages.push(decodeMessage(message))
      this.#wake()
    })
    stream.addEventListener('remoteCloseWrite', () => void stream.close())
  }
}
