import { once } from 'node:events'
import { noise } from '@chainsafe/libp2p-noise'
import { withBitswap } from '@helia/bitswap'
import { type HeliaWithLibp2p, withLibp2pLight } from '@helia/libp2p'
import { unixfs } from '@helia/unixfs'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify, identifyPush } from '@libp2p/identify'
import type { ServiceMap } from '@libp2p/interface'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { webRTC } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'

/** What a program must be told of this network: how its Kademlia is called. */
const KADEMLIA_PROTOCOL = '/servent/kad/1.0.0'

/** How long one question may take, and how long until the next, in milliseconds. */
const QUERY_MS = 5000
const PAUSE_MS = 250

/**
 * Helia as it comes from the registry: libp2p, Kademlia, Bitswap and UnixFS of the ecosystem, nothing of ours. It knows
 * somebody of the network, and reads files by their CID alone.
 */
export class HeliaReader {
  readonly #helia: HeliaWithLibp2p<ServiceMap>

  private constructor(helia: HeliaWithLibp2p<ServiceMap>) {
    this.#helia = helia
  }

  /** @param bootstrap - multiaddrs of one peer of the network */
  static async start(bootstrap: readonly string[]): Promise<HeliaReader> {
    const helia = withBitswap(
      withLibp2pLight(createHeliaLight(), {
        addresses: { listen: [] },
        transports: [webSockets(), circuitRelayTransport(), webRTC({ rtcConfiguration: { iceServers: [] } })],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        services: {
          identify: identify(),
          identifyPush: identifyPush(),
          ping: ping(),
          // It asks and keeps nothing for others: it is not to be reached.
          kademlia: kadDHT({
            protocol: KADEMLIA_PROTOCOL,
            clientMode: true,
            peerInfoMapper: passthroughMapper,
            kBucketSize: 8,
            allowQueryWithZeroPeers: true,
          }),
        },
      })
    )
    await helia.start()
    await helia.libp2p.dial(bootstrap.map((address) => multiaddr(address)))
    return new HeliaReader(helia)
  }

  /** The protocols of its connections to a peer, as `/ip4/…/tcp/…/ws` or `…/webrtc/…`. */
  waysTo(peer: string): string[] {
    const connections = this.#helia.libp2p.getConnections()
    return connections
      .filter(({ remotePeer }) => remotePeer.toString() === peer)
      .map(({ remoteAddr }) => `${remoteAddr}`)
  }

  /** Whom Kademlia names as one that has a file, as soon as it names somebody. Rejects with the signal's reason. */
  async untilProvided(cid: string, signal: AbortSignal): Promise<string> {
    for (;;) {
      const asked = AbortSignal.any([signal, AbortSignal.timeout(QUERY_MS)])
      try {
        for await (const { id } of this.#helia.libp2p.contentRouting.findProviders(CID.parse(cid), { signal: asked }))
          return id.toString()
      } catch (error) {
        // A question that took too long is asked again.
        if (!asked.aborted) throw error
      }
      signal.throwIfAborted()
      await once(AbortSignal.timeout(PAUSE_MS), 'abort')
    }
  }

  /** The bytes of a file. Rejects when nobody gives them before the signal fires. */
  async read(cid: string, signal: AbortSignal): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of unixfs(this.#helia).cat(CID.parse(cid), { signal })) parts.push(part)
    return Buffer.concat(parts)
  }

  /** The names in a folder. Rejects when nobody gives it before the signal fires. */
  async list(cid: string, signal: AbortSignal): Promise<string[]> {
    const names: string[] = []
    for await (const { name } of unixfs(this.#helia).ls(CID.parse(cid), { signal })) names.push(name)
    return names
  }

  async stop(): Promise<void> {
    await this.#helia.stop()
  }
}
