import type { LookupOverlayName } from './search.ts'

/** Who a peer is, to a person: both are made from its key, so nobody can choose another's. */
export interface PeerIdentity {
  /** The PeerId as text: `12D3KooW…`. */
  readonly id: string
  /** Two words: "Amber Otter". */
  readonly name: string
}

/** One connected peer. */
export interface PeerStatus extends PeerIdentity {
  /** How the connection runs: straight to the peer, or through a relay. */
  readonly path: 'direct' | 'relayed'
  readonly transport: 'webrtc' | 'websocket' | 'tcp' | 'memory' | 'other'
  /** Whether Gnutella flows along this connection. */
  readonly isNeighbor: boolean
  /** What the peer is in Gnutella, as a neighbor says; undefined for others, and for servents of 0.4. */
  readonly gnutellaRole: GnutellaRole | undefined
  readonly isBootstrap: boolean
  /** Whether it keeps files for others, by its own word. */
  readonly isKeeper: boolean
}

/** Part in a Gnutella network of version 0.6: a leaf hangs on ultrapeers, which carry queries for it. */
export type GnutellaRole = 'leaf' | 'ultrapeer'

/** How this peer takes part in Gnutella. */
export interface GnutellaStatus {
  readonly version: '0.4' | '0.6'
  /** Undefined in 0.4, where all are equal. */
  readonly role: GnutellaRole | undefined
}

/** How this peer takes part in Napster. */
export interface NapsterStatus {
  /** `index`: it is the central index for everybody else. */
  readonly role: NapsterRole
  /** The index that answers: undefined while there is none. */
  readonly index: PeerIdentity | undefined
}

export type NapsterRole = 'off' | 'client' | 'index'

/** One bootstrap node. */
export interface BootstrapStatus {
  readonly url: string
  readonly state: 'asking' | 'connected' | 'unreachable'
  /** A sentence for a person when it is unreachable. */
  readonly problem: string | undefined
}

/** What a person wants to know of the network at a glance. */
export interface NetworkStatus {
  readonly phase: 'starting' | 'connecting' | 'online' | 'alone' | 'stopped'
  readonly peers: readonly PeerStatus[]
  readonly directCount: number
  readonly relayedCount: number
  readonly bootstraps: readonly BootstrapStatus[]
  /** False when this platform has no WebRTC: then tabs cannot be reached directly. */
  readonly hasWebRTC: boolean
  /** Undefined when it is off. */
  readonly gnutella: GnutellaStatus | undefined
  readonly napster: NapsterStatus
  /** Structured overlays that this peer is in. */
  readonly lookups: readonly LookupOverlayName[]
}
