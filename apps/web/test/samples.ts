import type { Hit, PeerStatus } from '@servent/servent'

/** A hit with everything that a test does not care about filled in. */
export function hit(peerId: string, cid: string, change: Partial<Hit> = {}): Hit {
  return {
    cid,
    name: `${cid}.txt`,
    size: 1,
    sha1: undefined,
    peer: { id: peerId, name: `Peer ${peerId}` },
    hops: 1,
    afterMs: 10,
    serventId: '00'.repeat(16),
    fileIndex: 1,
    ...change,
  }
}

/** A connected peer, likewise. */
export function peer(id: string, change: Partial<PeerStatus> = {}): PeerStatus {
  return {
    id,
    name: `Peer ${id}`,
    path: 'direct',
    transport: 'webrtc',
    isNeighbor: true,
    isBootstrap: false,
    ...change,
  }
}
