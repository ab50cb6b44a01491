import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import { onTestFinished } from 'vitest'

/** The transports that tests run over. */
export type Transport = 'memory' | 'websocket' | 'tcp'

let memoryCount = 0

const LISTEN: Readonly<Record<Transport, () => string>> = {
  memory: () => `/memory/transfer-${++memoryCount}`,
  websocket: () => '/ip4/127.0.0.1/tcp/0/ws',
  tcp: () => '/ip4/127.0.0.1/tcp/0',
}

/** A real libp2p node that is stopped when the test ends. */
export async function startNode(transport: Transport): Promise<Libp2p> {
  const node = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    addresses: { listen: [LISTEN[transport]()] },
    transports: [memory(), webSockets(), tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
    services: { identify: identify() },
  })
  onTestFinished(() => node.stop())
  return node
}

/** Two nodes, the first connected to the second. */
export async function startPair(transport: Transport = 'memory'): Promise<[client: Libp2p, server: Libp2p]> {
  const [client, server] = await Promise.all([startNode(transport), startNode(transport)])
  await client.dial(server.getMultiaddrs())
  return [client, server]
}
