import { peerOf, type StructuredNode, structuredCompliance } from '@servent/libp2p-host/testing'
import { type ChordService, chord } from '../src/libp2p.ts'

type Node = StructuredNode<ChordService>

/** The successors of each node, in the order of the ring, beginning with the first node. */
function ringOf(nodes: readonly Node[]): Set<unknown> {
  const nextOf = new Map(nodes.map((node) => [peerOf(node), node.services.overlay.machine.successors[0]]))
  const ring = new Set()
  for (let peer = nextOf.keys().next().value; peer !== undefined && !ring.has(peer); peer = nextOf.get(peer)) {
    ring.add(peer)
  }
  return ring
}

structuredCompliance<ChordService>({
  service: () => chord({ stabilizeIntervalMs: 500, fixFingersIntervalMs: 500 }),
  // A ring that heals may be as long as it should be, and not yet of the right nodes.
  isSettled: (nodes) => {
    const ring = ringOf(nodes)
    const isWhole = nodes.every((node) => ring.has(peerOf(node))) && ring.size === nodes.length
    return isWhole && nodes.every(({ services }) => services.overlay.machine.successors.length === 16)
  },
  routing: 'chord',
  isOwnKeyOwned: true,
})
