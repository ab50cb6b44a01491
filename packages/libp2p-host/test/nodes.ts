import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { webSockets } from '@libp2p/websockets'
import { type Peer, toPeer } from '@servent/machine'
import { makeNode } from '../src/testing/index.ts'

/** A started node on this machine, over a transport. */
export async function makeNodeOver(transport: 'memory' | 'websockets'): Promise<Libp2p> {
  if (transport === 'memory') return makeNode()
  return makeNode({}, { addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] }, transports: [webSockets()] })
}

export async function strangerOf(): Promise<Peer> {
  return toPeer(peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString())
}
