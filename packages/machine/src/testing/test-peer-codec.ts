import { ProtocolError } from '../errors.ts'
import { type Peer, toPeer } from '../host.ts'
import type { PeerCodec } from '../protocol.ts'

/** Peers named by integers, four bytes each, most significant first: the simulator's way, for tests without one. */
export const testPeerCodec: PeerCodec = {
  encode(peer: Peer): Uint8Array {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, peer as number)
    return bytes
  },
  decode(bytes: Uint8Array): Peer {
    if (bytes.length !== 4) throw new ProtocolError('bad-peer', `${bytes.length} bytes`)
    return toPeer(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0))
  },
  size: () => 4,
}
