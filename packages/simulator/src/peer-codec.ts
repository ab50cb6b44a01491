import { type Peer, type PeerCodec, ProtocolError, toPeer } from '@servent/machine'

/** A node on the wire: its number in four bytes, most significant first. */
export const simPeerCodec: PeerCodec = {
  encode(peer: Peer): Uint8Array {
    const node = peer as number
    return Uint8Array.of(node >>> 24, node >>> 16, node >>> 8, node)
  },
  decode(bytes: Uint8Array): Peer {
    if (bytes.length !== 4) throw new ProtocolError('bad-peer', `${bytes.length} bytes`)
    return toPeer(new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0))
  },
  size: () => 4,
}
