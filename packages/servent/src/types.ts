import type { AbortOptions } from '@libp2p/interface'
import type { Content, Sink, TransferOptions, TransferProgress } from '@servent/transfer'
import type { TypedEventTarget } from 'main-event'

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
  /** Whether Gnutella floods along this connection. */
  readonly isNeighbor: boolean
  readonly isBootstrap: boolean
}

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
}

/** One file that this peer shares. */
export interface Share {
  /** CID as text. */
  readonly cid: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Base32, as in `urn:sha1:`. */
  readonly sha1: string
  /** How many times others have fetched something of it since it was shared. */
  readonly uploadCount: number
}

/** One file of one peer that answers a search. Names are from the network: already stripped, still only to be shown as text. */
export interface Hit {
  readonly cid: string
  readonly name: string
  readonly size: number
  readonly sha1: string | undefined
  readonly peer: PeerIdentity
  /** How many links the query travelled. */
  readonly hops: number
  /** Milliseconds from the query to this hit. */
  readonly afterMs: number
  /** For `Servent.push`: which servent and which of its files, as Gnutella names them. */
  readonly serventId: string
  readonly fileIndex: number
}

/** What a link names. */
export interface LinkTarget {
  readonly cid: string
  readonly name: string
  /** Bytes; undefined when the link does not say. */
  readonly size: number | undefined
}

/** Someone fetches a file of ours. */
export interface UploadStatus {
  readonly peer: PeerIdentity
  readonly cid: string
  readonly name: string
  readonly sentBytes: number
}

export interface SearchProgress {
  /** Neighbors that the query went to. */
  readonly neighborCount: number
  readonly hitCount: number
}

export interface SearchOptions extends AbortOptions {
  onProgress?: (progress: SearchProgress) => void
  /** How far the query may travel, in links. Default 7, from the specification. */
  ttl?: number
  /** How long to wait for hits, in milliseconds. Default 5 000. */
  waitMs?: number
}

export interface DownloadOptions extends TransferOptions {
  /** Told in words what is going on before the first byte: "Connecting to Amber Otter…". */
  onStep?: (step: string) => void
}

export interface DownloadResult {
  readonly cid: string
  readonly size: number
  readonly peer: PeerIdentity
  readonly transport: PeerStatus['transport']
  readonly durationMs: number
}

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
  /** Gnutella neighbors to aim for. Default 4. */
  neighbors?: number
  /** Relay for everyone, as a bootstrap node does. Default: only introduce peers that are connected to this one. */
  relay?: RelayLimits
  /** Let peers give loopback and private addresses. Default: when a bootstrap node has such an address itself. */
  privateAddresses?: boolean
  /** False: never use WebRTC, as where it is blocked. Default true. */
  webrtc?: boolean
  /** STUN servers for WebRTC. Default none: on one machine or one LAN none is needed. */
  iceServers?: readonly string[]
}

export interface ServentEvents {
  /** `NetworkStatus` has changed. */
  status: CustomEvent<NetworkStatus>
  /** The list of shares, or a counter in it, has changed. */
  shares: CustomEvent<readonly Share[]>
  /** Someone fetches a file of ours: at most a few times a second per upload. */
  upload: CustomEvent<UploadStatus>
}

/** One peer: server and client at once. */
export interface Servent extends TypedEventTarget<ServentEvents> {
  readonly identity: PeerIdentity
  readonly status: NetworkStatus
  /** Where this peer can be reached now. */
  readonly multiaddrs: readonly string[]
  /** Where this process listens, whatever it announces. */
  readonly listeners: readonly string[]
  /** The libp2p protocols that this peer speaks. */
  readonly protocols: readonly string[]
  readonly shares: readonly Share[]

  /** Hashes a file and offers it to everyone. The same content twice is one share. */
  share(content: Content, options?: TransferOptions): Promise<Share>
  /** Stops offering a file. Running uploads of it end. */
  unshare(cid: string): void

  /** Floods a query; yields hits as they come, until `waitMs` has passed or the signal fires. An empty text asks neighbors for all they share. */
  search(words: string, options?: SearchOptions): AsyncGenerator<Hit>
  /** Looks for peers that hold what a link names. */
  find(target: LinkTarget, options?: SearchOptions): AsyncGenerator<Hit>

  /**
   * Fetches a file, each chunk verified against its CID before it is written.
   *
   * @throws DownloadError with a sentence for a person and a `reason` to act on
   */
  download(hit: Hit, sink: Sink, options?: DownloadOptions): Promise<DownloadResult>

  /** Makes a connected or known peer a Gnutella neighbor. */
  link(peerId: string): void
  /** Ends being Gnutella neighbors, and does not become so again by itself. The connection may stay. */
  unlink(peerId: string): void

  stop(): Promise<void>
}

export type { Content, Sink, TransferProgress }
