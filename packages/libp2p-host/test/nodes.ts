import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { type Peer, toPeer } from '@servent/machine'
import { createLibp2p, type Libp2pOptions } from 'libp2p'

let memoryAddressCount = 0

const transports = {
  memory: () => ({ transports: [memory()], listen: `/memory/host-test-${memoryAddressCount++}` }),
  websockets: () => ({ transports: [webSockets()], listen: '/ip4/127.0.0.1/tcp/0/ws' }),
}

/** A started node of its own on this machine. */
export async function makeNode<Services extends Record<string, unknown>>(
  transport: keyof typeof transports = 'memory',
  services?: Libp2pOptions<Services>['services'],
  metrics?: Libp2pOptions<Services>['metrics']
): Promise<Libp2p<Services>> {
  const { transports: made, listen } = transports[transport]()
  return createLibp2p({
    addresses: { listen: [listen] },
    transports: made,
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    ...(metrics === undefined ? {} : { metrics }),
    connectionMonitor: { enabled: false },
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 1000 },
    services: { identify: identify(), identifyPush: identifyPush(), ...services },
  } as Libp2pOptions<Services>)
}

export async function strangerOf(): Promise<Peer> {
  return toPeer(peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString())
}

/** Resolves when `condition` holds, rejects when it does not within ten seconds. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come to hold`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
