import type { Finding, Hit, PeerStatus, Source } from '@servent/servent'

/** A hit with everything that a test does not care about filled in. */
export function hit(cid: string, change: Partial<Hit> = {}): Hit {
  return { cid, name: `${cid}.txt`, size: 1, sha1: undefined, sources: [source('a')], ...change }
}

/** A source, likewise. */
export function source(peerId: string, finding: Partial<Finding> = {}): Source {
  return {
    peer: { id: peerId, name: `Peer ${peerId}` },
    findings: [{ overlay: 'gnutella', hops: 1, afterMs: 10, ...finding }],
    pushPaths: [],
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
    gnutellaRole: undefined,
    isBootstrap: false,
    isKeeper: false,
    ...change,
  }
}
