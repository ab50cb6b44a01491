import type { Connection } from '@libp2p/interface'
import { type Peer, toPeer } from '@servent/machine'
import type { Bootstraps } from './bootstraps.ts'
import { identityOf } from './identity.ts'
import { isDirect } from './introducer.ts'
import type { Keepers } from './keeper/keepers.ts'
import type { ServentNode } from './node.ts'
import type { GnutellaOverlay } from './overlays/gnutella-overlay.ts'
import type { NapsterOverlay } from './overlays/napster-overlay.ts'
import type { LookupOverlayName, NetworkStatus, PeerStatus } from './types.ts'

/** What is asked to make a `NetworkStatus`. */
export interface StatusSources {
  readonly node: ServentNode
  readonly bootstraps: Bootstraps
  readonly hasWebRTC: boolean
  readonly gnutella: Pick<GnutellaOverlay, 'status' | 'neighbors' | 'roleOf'> | undefined
  readonly napster: Pick<NapsterOverlay, 'status'> | undefined
  readonly lookups: readonly LookupOverlayName[]
  readonly keepers: Pick<Keepers, 'has'>
}

/** How things stand now. */
export function networkStatus({
  node,
  bootstraps,
  hasWebRTC,
  gnutella,
  napster,
  lookups,
  keepers,
}: StatusSources): NetworkStatus {
  const neighbors = new Set<Peer>(gnutella?.neighbors)
  const peers = node.getPeers().flatMap((peer): PeerStatus[] => {
    const connections = node.getConnections(peer).filter(({ status }) => status === 'open')
    const best = connections.find(isDirect) ?? connections[0]
    if (best === undefined) return []
    const id = peer.toString()
    return [
      {
        ...identityOf(id),
        path: isDirect(best) ? 'direct' : 'relayed',
        transport: transportOf(best),
        isNeighbor: neighbors.has(toPeer(id)),
        gnutellaRole: gnutella?.roleOf(toPeer(id)),
        isBootstrap: bootstraps.isBootstrap(id),
        isKeeper: keepers.has(id),
      },
    ]
  })
  const bootstrapStatus = bootstraps.status
  const directCount = peers.filter(({ path }) => path === 'direct').length
  return {
    phase: phaseOf(
      node.status,
      peers.length,
      bootstrapStatus.some(({ state }) => state === 'asking')
    ),
    peers,
    directCount,
    relayedCount: peers.length - directCount,
    bootstraps: bootstrapStatus,
    hasWebRTC,
    gnutella: gnutella?.status,
    napster: napster?.status ?? { role: 'off', index: undefined },
    lookups,
  }
}

function phaseOf(status: ServentNode['status'], peerCount: number, isAsking: boolean): NetworkStatus['phase'] {
  if (status === 'stopping' || status === 'stopped') return 'stopped'
  if (status === 'starting') return 'starting'
  if (peerCount > 0) return 'online'
  return isAsking ? 'connecting' : 'alone'
}

/** What a connection runs over, by its address. */
export function transportOf(connection: Connection): PeerStatus['transport'] {
  const names = connection.remoteAddr.getComponents().map(({ name }) => name)
  // A WebRTC address begins with the relay that introduced the two: the last part decides.
  if (names.includes('webrtc') || names.includes('webrtc-direct')) return 'webrtc'
  if (names.includes('ws') || names.includes('wss')) return 'websocket'
  if (names.includes('tcp')) return 'tcp'
  return names.includes('memory') ? 'memory' : 'other'
}
