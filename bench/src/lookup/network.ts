import { noise } from '@chainsafe/libp2p-noise'
import { identify, identifyPush } from '@libp2p/identify'
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { memory } from '@libp2p/memory'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { type CanService, can } from '@servent/can/libp2p'
import { type ChordService, chord } from '@servent/chord/libp2p'
import { type PastryService, pastry } from '@servent/pastry/libp2p'
import { createLibp2p, type Libp2p } from 'libp2p'
import { type Traffic, trafficMetrics } from './traffic.ts'

/** Kademlia's protocol id here. */
const KAD_PROTOCOL = '/servent/bench/kad/1.0.0'

/** Who keeps a value, in every overlay. */
export const REPLICAS = 8

/** How long tables and neighbors may take. */
const JOIN_MS_MAX = 120_000

export type Services = {
  readonly can: CanService
  readonly chord: ChordService
  readonly pastry: PastryService
  readonly kad: KadDHT
}

export type BenchNode = Libp2p<Services>

/** Live nodes in one process, each with all overlays. */
export interface LookupNetwork {
  readonly nodes: readonly BenchNode[]
  /** What all nodes have sent for Kademlia. */
  readonly kadTraffic: Readonly<Traffic>
  stop(): Promise<void>
}

/** Starts nodes that all know the first one, and waits until every overlay stands. */
export async function startNetwork(count: number): Promise<LookupNetwork> {
  const kadTraffic: Traffic = { messages: 0, bytes: 0 }
  const nodes = await Promise.all(Array.from({ length: count }, (_, index) => makeNode(index, kadTraffic)))
  const [first] = nodes
  if (first === undefined) throw new Error('a network has a node at least')
  for (const node of nodes.slice(1)) await node.dial(first.getMultiaddrs())
  await Promise.all(nodes.map(hasJoined))
  return {
    nodes,
    kadTraffic,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

async function makeNode(index: number, kadTraffic: Traffic): Promise<BenchNode> {
  return createLibp2p({
    addresses: { listen: [`/memory/bench-lookup-${index}`] },
    transports: [memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { maxConnections: 1000, inboundConnectionThreshold: 1e5, maxIncomingPendingConnections: 1e4 },
    metrics: () => trafficMetrics(KAD_PROTOCOL, kadTraffic),
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      can: can({ replicas: REPLICAS }),
      chord: chord({ replicas: REPLICAS }),
      pastry: pastry({ replicas: REPLICAS }),
      kad: kadDHT({
        protocol: KAD_PROTOCOL,
        clientMode: false,
        kBucketSize: REPLICAS,
        peerInfoMapper: passthroughMapper,
        allowQueryWithZeroPeers: true,
        validators: { bench: async () => undefined },
        selectors: { bench: () => 0 },
      }),
    },
  }) as unknown as Promise<BenchNode>
}

async function hasJoined({ services }: BenchNode): Promise<void> {
  const deadline = performance.now() + JOIN_MS_MAX
  for (const overlay of [services.can, services.chord, services.pastry]) {
    while (!overlay.machine.isJoined || overlay.machine.neighbors.length === 0) {
      if (performance.now() > deadline) throw new Error(`A node has not joined ${overlay[Symbol.toStringTag]}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
