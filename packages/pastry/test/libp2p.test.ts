import { compareRingDistance } from '@servent/keyspace'
import { peerOf, type StructuredNode, structuredCompliance } from '@servent/libp2p-host/testing'
import type { Peer } from '@servent/machine'
import { type PastryService, pastry } from '../src/libp2p.ts'

/** Whether a node has a full leaf set with those next to it. */
function hasLeafSet(node: StructuredNode<PastryService>, peers: readonly Peer[]): boolean {
  const { machine, runner } = node.services.overlay
  const { leafSet } = machine.tables
  const keyOf = (peer: Peer) => runner.commons.peerIds.keyOf(peer)
  const own = keyOf(peerOf(node))
  const others = peers.filter((peer) => peer !== peerOf(node))
  const nearest = others.sort((a, b) => compareRingDistance(own, keyOf(a), keyOf(b), 4)).slice(0, 4)
  const isFull = leafSet.smaller.length === 8 && leafSet.larger.length === 8
  return machine.isJoined && isFull && nearest.every((peer) => leafSet.has(peer))
}

structuredCompliance<PastryService>({
  // Probes keep the patience they have live: with less, forty nodes on a busy machine take each other for dead.
  service: () => pastry({ leafSetIntervalMs: 1000 }),
  isSettled: (nodes) => {
    const peers = nodes.map(peerOf)
    return nodes.every((node) => hasLeafSet(node, peers))
  },
  routing: 'pastry',
  isOwnKeyOwned: true,
})
