import { sha256 } from '@noble/hashes/sha2.js'
import { type Key, keyFromBytes, keyToBytes } from '@servent/keyspace'
import { type Peer, type PeerCodec, ProtocolError, toPeer } from '@servent/machine'
import { VIRTUAL_NODES_MAX } from './config.ts'

/*
 * One peer can be several nodes of the ring. Number 0 of them is the peer itself, and has its name; the others have names made
 * of the peer's: by a mark that no PeerId has, or above what a node of the simulator is numbered.
 */
const MARK = '#'
const NUMBERS = 2 ** 32

/** The name of a peer's node of a number. */
export function virtualPeer(base: Peer, index: number): Peer {
  if (index === 0) return base
  return toPeer(typeof base === 'number' ? base + index * NUMBERS : `${base}${MARK}${index}`)
}

/** The peer that a node of the ring is: itself, if it is nobody else's. */
export function baseOf(peer: Peer): Peer {
  if (typeof peer === 'number') return peer < NUMBERS ? peer : toPeer(peer % NUMBERS)
  const mark = peer.indexOf(MARK)
  return mark < 0 ? peer : toPeer(peer.slice(0, mark))
}

/** Which of its peer's nodes a node is. */
export function indexOf(peer: Peer): number {
  if (typeof peer === 'number') return Math.floor(peer / NUMBERS)
  const mark = peer.indexOf(MARK)
  return mark < 0 ? 0 : Number(peer.slice(mark + 1))
}

/** Where a peer's node of a number lies: nobody chooses it, for it follows from the peer's own place. */
export function virtualKey(base: Key, index: number): Key {
  const bytes = new Uint8Array(21)
  bytes.set(keyToBytes(base))
  bytes[20] = index
  return keyFromBytes(sha256(bytes))
}

/** Writes nodes of the ring: a byte for the number, then the peer as its host writes it. */
export function virtualPeerCodec(peers: PeerCodec): PeerCodec {
  return {
    encode(peer) {
      const base = peers.encode(baseOf(peer))
      const bytes = new Uint8Array(base.length + 1)
      bytes[0] = indexOf(peer)
      bytes.set(base, 1)
      return bytes
    },
    decode(bytes) {
      const index = bytes[0] ?? VIRTUAL_NODES_MAX
      if (index >= VIRTUAL_NODES_MAX) throw new ProtocolError('bad-virtual-node', String(index))
      return virtualPeer(peers.decode(bytes.subarray(1)), index)
    },
    size: (peer) => peers.size(baseOf(peer)) + 1,
  }
}
