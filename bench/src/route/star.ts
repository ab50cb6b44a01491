import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2pOptions } from 'libp2p'

/** Ways from node to node, all within this process: sockets of the loopback interface, or memory. */
export const TRANSPORTS = {
  tcp: { make: tcp, listen: () => '/ip4/127.0.0.1/tcp/0' },
  memory: { make: memory, listen: (index: number) => `/memory/route-${index}` },
} as const

export type Transport = keyof typeof TRANSPORTS

/** Nodes with a connection each to the one in the middle. */
export interface Star<Services extends Record<string, unknown>> {
  readonly hub: Libp2p<Services>
  /** Where messages come from. */
  readonly source: Libp2p<Services>
  /** Where they are to go to. */
  readonly leaves: readonly Libp2p<Services>[]
}

/**
 * Starts the nodes and connects them: noise and yamux with their defaults.
 *
 * @param services - called once a node, so that none is shared
 */
export async function makeStar<Services extends Record<string, unknown>>(
  transport: Transport,
  leafCount: number,
  services: () => Libp2pOptions<Services>['services']
): Promise<Star<Services>> {
  const make = (index: number) => makeNode(transport, index, services())
  const hub = await make(0)
  const spokes: Libp2p<Services>[] = []
  for (let i = 0; i <= leafCount; i++) {
    const node = await make(1 + i)
    await node.dial(hub.getMultiaddrs())
    spokes.push(node)
  }
  const [source, ...leaves] = spokes
  if (source === undefined) throw new Error('A star has a source')
  return { hub, source, leaves }
}

function makeNode<Services extends Record<string, unknown>>(
  transport: Transport,
  index: number,
  services: Libp2pOptions<Services>['services']
): Promise<Libp2p<Services>> {
  const { make, listen } = TRANSPORTS[transport]
  return createLibp2p({
    addresses: { listen: [listen(index)] },
    transports: [make()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 1000 },
    services: { identify: identify(), ...services },
  } as Libp2pOptions<Services>)
}
