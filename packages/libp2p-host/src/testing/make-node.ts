import { noise } from '@chainsafe/libp2p-noise'
import { identify, identifyPush } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p, type Libp2pOptions } from 'libp2p'

let addressCount = 0

/**
 * A started libp2p node with `identify` and what services a test needs. Others in this process can dial it, unless the
 * options bring another transport.
 */
export async function makeNode<Services extends Record<string, unknown>>(
  services?: Libp2pOptions<Services>['services'],
  options: Partial<Libp2pOptions<Services>> = {}
): Promise<Libp2p<Services>> {
  return createLibp2p({
    addresses: { listen: [`/memory/node-${addressCount++}`] },
    transports: [memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    // Loopback is refused otherwise.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 1000 },
    ...options,
    services: { identify: identify(), identifyPush: identifyPush(), ...services },
  } as Libp2pOptions<Services>)
}
