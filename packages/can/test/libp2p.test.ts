import { structuredCompliance } from '@servent/libp2p-host/testing'
import { type CanService, can } from '../src/libp2p.ts'

structuredCompliance<CanService>({
  service: () => can(),
  // They divide the torus among them: no hole, and nothing that is owned twice.
  isSettled: (nodes) => {
    const zones = nodes.flatMap(({ services }) => services.overlay.machine.claims.flat())
    const volume = zones.reduce((sum, { depth }) => sum + 2 ** -depth, 0)
    return (
      volume === 1 &&
      nodes.every(({ services: { overlay } }) => overlay.machine.isJoined && overlay.neighbors.length > 0)
    )
  },
  routing: 'can',
  isOwnKeyOwned: false,
})
