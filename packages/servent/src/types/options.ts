import type { NapsterRole } from './network.ts'
import type { LookupOverlayName } from './search.ts'

/** Keeps small things between runs: known hosts. A tab gives IndexedDB, Node a file. */
export interface Store {
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, value: Uint8Array): Promise<void>
}

/** What a relay allows each reservation: enough to introduce two peers to each other, not to move files. */
export interface RelayLimits {
  /** Peers that may be reachable through this node at once. Default 1 000. */
  readonly reservationsMax?: number
  /** Bytes of one relayed connection, both ways. Default 131 072. */
  readonly bytesMax?: number
  /** Life of one relayed connection, in milliseconds. Default 60 000. */
  readonly durationMs?: number
}

export interface ServentOptions {
  /** URLs of bootstrap nodes, each of which serves `/servent.json`. None: start a network of one's own. */
  bootstrap?: string | readonly string[]
  /** Ed25519 private key, protobuf-encoded as js-libp2p does. Default: a new one. */
  privateKey?: Uint8Array
  /** Multiaddrs to listen on besides the defaults of the platform. */
  listen?: readonly string[]
  /** Multiaddrs to announce instead of those found. */
  announce?: readonly string[]
  /** Default: nothing is kept. */
  store?: Store
  /** Live connections at most, all overlays together. Default 24 in a tab, 200 in Node. */
  connectionsMax?: number
  /** Which Gnutella to speak. Servents of both understand each other. Default 0.6. */
  gnutella?: '0.4' | '0.6' | 'off'
  /** Whether to tell of each question of others that comes by, for drawing. Default false. */
  tellQueries?: boolean
  /** Neighbors to aim for in Gnutella 0.4. Default 4. */
  neighbors?: number
  /** Whether others may hang on this peer from the start: it stays, and has an address that anybody can dial. Default: when it relays. */
  ultrapeer?: boolean
  /** Structured overlays to be in. Default: all. */
  lookups?: readonly LookupOverlayName[]
  /** Whether to share with a central index and ask it, or to be one. Default `client`: of whatever bootstrap node is an index. */
  napster?: NapsterRole
  /** Whether to tell others that this peer keeps files for them: for who starts a `Keeper`. Default false. */
  keeper?: boolean
  /** Direct connections to keep to other peers, whether or not an overlay needs them. Default 3. */
  acquaintances?: number
  /** Relay for everyone, as a bootstrap node does. Default: only introduce peers that are connected to this one. */
  relay?: RelayLimits
  /** Let peers give loopback and private addresses. Default: when a bootstrap node has such an address itself. */
  privateAddresses?: boolean
  /** False: never use WebRTC, as where it is blocked. Default true. */
  webrtc?: boolean
  /** STUN servers for WebRTC. Default none: on one machine or one LAN none is needed. */
  iceServers?: readonly string[]
}
