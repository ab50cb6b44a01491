import type { PeerStatus } from '@servent/servent'

/** Where a peer is drawn: this tab stands at the origin. */
export interface Place {
  readonly peer: PeerStatus
  readonly x: number
  readonly y: number
}

/** Peers drawn at most; the list has them all. */
const DRAWN_MAX = 24
/** Neighbors stand on the inner ring, everybody else on the outer one. */
const NEIGHBOR_RADIUS = 58
const OTHER_RADIUS = 92

/**
 * Places around this tab: two rings, each evenly filled in the order of the PeerIds, so that a peer that comes or goes moves the others as little
 * as an even ring allows.
 */
export function placePeers(peers: readonly PeerStatus[]): readonly Place[] {
  const drawn = peers
    .toSorted((a, b) => Number(b.isNeighbor) - Number(a.isNeighbor) || compare(a.id, b.id))
    .slice(0, DRAWN_MAX)
  const neighbors = drawn.filter((peer) => peer.isNeighbor)
  const others = drawn.filter((peer) => !peer.isNeighbor)
  return [
    ...ring(neighbors, NEIGHBOR_RADIUS, 0),
    // Turned by half a step, so that the outer ones look through the gaps of the inner ones.
    ...ring(others, OTHER_RADIUS, Math.PI / Math.max(1, others.length)),
  ]
}

function ring(peers: readonly PeerStatus[], radius: number, turn: number): Place[] {
  return peers.map((peer, i) => {
    const angle = turn + (i * 2 * Math.PI) / peers.length - Math.PI / 2
    return { peer, x: Math.round(radius * 1.35 * Math.cos(angle)), y: Math.round(radius * Math.sin(angle)) }
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
