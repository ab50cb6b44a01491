import type { NetworkStatus, PeerStatus } from '@servent/servent'
import { formatCount } from '../ui/format.ts'

/** The state of the network in half a line. */
export function connectionLine(status: NetworkStatus): string {
  const { peers, directCount, relayedCount } = status
  if (status.phase === 'stopped') return 'stopped'
  if (status.phase === 'starting') return 'starting…'
  if (peers.length === 0) return status.phase === 'alone' ? 'connected to nobody yet' : 'connecting…'
  return `connected to ${formatCount(peers.length, 'peer')} (${directCount} direct, ${relayedCount} relayed)`
}

/** What is not as it should be, and what works all the same: whole sentences. */
export function networkNotes(status: NetworkStatus, isWebRTCWanted: boolean): readonly string[] {
  return [bootstrapNote(status), webrtcNote(status, isWebRTCWanted)].filter((note) => note !== undefined)
}

function bootstrapNote(status: NetworkStatus): string | undefined {
  if (status.phase === 'starting' || status.phase === 'stopped' || status.bootstraps.length === 0) return undefined
  if (status.bootstraps.some((bootstrap) => bootstrap.state !== 'unreachable')) return undefined
  const away = status.bootstraps.length === 1 ? 'The bootstrap node is away.' : 'All bootstrap nodes are away.'
  const otherCount = status.peers.filter((peer) => !peer.isBootstrap).length
  if (otherCount > 0) {
    const among = otherCount === 1 ? 'with the peer' : `among the ${otherCount} peers`
    return `${away} You can still search and fetch ${among} you are connected to; new peers cannot find you until it is back.`
  }
  const problem = status.bootstraps.find((bootstrap) => bootstrap.problem !== undefined)?.problem
  return [away, problem, 'Nobody else is connected, so there is nothing to search; this page keeps trying.']
    .filter((sentence) => sentence !== undefined)
    .join(' ')
}

const WITHOUT_WEBRTC =
  'Searching works through the bootstrap node, but other tabs cannot be reached directly: files come only from peers that can be dialed, such as the bootstrap node.'

function webrtcNote(status: NetworkStatus, isWebRTCWanted: boolean): string | undefined {
  if (status.phase === 'starting') return undefined
  if (!isWebRTCWanted) return `WebRTC is switched off by this page’s address. ${WITHOUT_WEBRTC}`
  if (!status.hasWebRTC) return `This browser has no WebRTC, or it is blocked. ${WITHOUT_WEBRTC}`
  return undefined
}

/** What this tab is in Gnutella, in a sentence; undefined when there is nothing to say. */
export function roleLine({ gnutella, peers }: NetworkStatus): string | undefined {
  if (gnutella === undefined || peers.length === 0) return undefined
  if (gnutella.role === undefined) return 'Gnutella 0.4: all are equal, and every question goes to every neighbor.'
  if (gnutella.role === 'ultrapeer') return 'This tab is an ultrapeer: it carries the questions of others.'
  return 'This tab is a leaf: ultrapeers carry its questions, and bring it only those that it may answer.'
}

/** How a peer is connected, in words. */
export function pathLine(peer: PeerStatus): string {
  const transport = TRANSPORTS[peer.transport]
  if (peer.path === 'relayed') return 'through a relay'
  return transport === undefined ? 'direct' : `direct, ${transport}`
}

const TRANSPORTS: Readonly<Record<PeerStatus['transport'], string | undefined>> = {
  webrtc: 'WebRTC',
  websocket: 'WebSocket',
  tcp: 'TCP',
  memory: undefined,
  other: undefined,
}
