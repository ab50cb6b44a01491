import type { AbortOptions } from '@libp2p/interface'
import type {
  Content,
  Sink,
  SourceProgress,
  DownloadProgress as TransferDownloadProgress,
  TransferOptions,
  TransferProgress,
  UploadLimits,
  Uploads,
} from '@servent/transfer'
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

/** The overlays that answer searches by words. */
export type SearchOverlayName = 'gnutella' | 'napster'

/** The overlays that find by identifier: a key, a content, a peer. */
export type LookupOverlayName = 'pastry' | 'chord' | 'can' | 'kademlia'

export type OverlayName = SearchOverlayName | LookupOverlayName

/** How an overlay found a file at a peer. */
export interface Finding {
  readonly overlay: OverlayName
  /** How many links the question traveled: 1 to a neighbor, and 1 to a central index, whoever has the file. */
  readonly hops: number
  /** Milliseconds from the question to this answer. */
  readonly afterMs: number
}

/** A peer that has the content of a hit. */
export interface Source {
  readonly peer: PeerIdentity
  /** One an overlay that told of it, in order of arrival. */
  readonly findings: readonly [Finding, ...Finding[]]
  /** How it can be asked to connect to us, if we cannot connect to it: at most one an overlay. */
  readonly pushPaths: readonly PushPath[]
}

/** Which file of whom, in an overlay's own words: Gnutella's Push, Napster's alternate download request. */
export type PushPath =
  | { readonly overlay: 'gnutella'; readonly serventId: string; readonly fileIndex: number }
  | { readonly overlay: 'napster'; readonly nick: string; readonly fileName: string }

/**
 * One content that answers a search, with everybody found so far who has it. Names are from the network: already stripped,
 * still only to be shown as text.
 */
export interface Hit {
  /** CID as text: what makes two answers the same hit. */
  readonly cid: string
  /** The name that it was found under first. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Base32, as in `urn:sha1:`. */
  readonly sha1: string | undefined
  /** In order of arrival. */
  readonly sources: readonly [Source, ...Source[]]
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
  /** Over the last few seconds. */
  readonly bytesPerSecond: number
  /** The peer has ended its last stream to us: the last that is told of this. */
  readonly isOver: boolean
}

/** How one overlay is doing with a search. */
export interface OverlayProgress {
  readonly overlay: OverlayName
  readonly state: 'asking' | 'done' | 'failed'
  /** Why it could not be asked, or could not finish: a sentence. */
  readonly problem: string | undefined
  /** Messages that this peer sent for the search, and that came back for it. What others passed on for us nobody sees. */
  readonly sentCount: number
  readonly receivedCount: number
  /** Files of peers that it found, each counted once. */
  readonly foundCount: number
  /** Of those, what no other overlay has found. */
  readonly foundAloneCount: number
  /** The fewest and the most links that a question with an answer traveled; 0 before the first. */
  readonly hopsMin: number
  readonly hopsMax: number
  /** Milliseconds to the first answer. */
  readonly firstAfterMs: number | undefined
  /** Of a look-up: the peers that it went through, from ourselves on, as far as it has come. Empty for a search. */
  readonly path: readonly PeerIdentity[]
}

/** How a search is doing: a snapshot. */
export interface SearchProgress {
  /** One an overlay that is asked, in the order asked for. */
  readonly overlays: readonly OverlayProgress[]
  /** Contents found. */
  readonly hitCount: number
  /** Peers that have them, counted once a content. */
  readonly sourceCount: number
}

export interface SearchOptions extends AbortOptions {
  /** Whom to ask. Default: every overlay that is on and can answer. */
  overlays?: readonly OverlayName[]
  /** Told at the start, with each answer, and when an overlay is done. */
  onProgress?: (progress: SearchProgress) => void
  /** How far the query may travel, in links, where that is the asker's to say. Default 7, from the specification of Gnutella. */
  ttl?: number
  /** How long to wait for hits, in milliseconds. Default 5 000. Ends sooner when every overlay is done. */
  waitMs?: number
}

/** Somebody else's question came by in Gnutella. */
export interface QuerySeen {
  /** Stripped, and still only to be shown as text. */
  readonly words: string
  /** Links that it had traveled. */
  readonly hops: number
  /** Files of ours that answered it. */
  readonly answerCount: number
  /** The neighbor that handed it to us: who asked nobody knows. */
  readonly from: PeerIdentity
}

/** How one source of a download is doing. */
export interface SourceStatus extends Omit<SourceProgress, 'peer'> {
  readonly peer: PeerIdentity
  /** Undefined until there is a connection. Only small files come through a relay. */
  readonly path: PeerStatus['path'] | undefined
  readonly transport: PeerStatus['transport'] | undefined
}

/** How far a download has come, and who gives what. */
export interface DownloadProgress extends Omit<TransferDownloadProgress, 'sources'> {
  readonly sources: readonly SourceStatus[]
}

export interface DownloadOptions extends AbortOptions {
  onProgress?: (progress: DownloadProgress) => void
  /** PeerId of the source to try first. Default: the one that was found over the fewest links. */
  from?: string
  /** Told in words what is going on before the first byte: "Connecting to Amber Otter…". */
  onStep?: (step: string) => void
}

export interface DownloadResult {
  readonly cid: string
  /** Bytes. */
  readonly size: number
  /** Everybody who was asked, and what each gave. */
  readonly sources: readonly SourceStatus[]
  readonly durationMs: number
}

/** Whether one overlay finds a file of ours, as another peer sees it. */
export interface ProbeFinding {
  readonly overlay: OverlayName
  /** `failed`: it could not be asked. */
  readonly state: 'found' | 'not-found' | 'failed'
  /** Links that the question traveled; undefined when it was not found. */
  readonly hops: number | undefined
  /** Milliseconds; undefined when it was not found. */
  readonly afterMs: number | undefined
}

/** Whether others find a file of ours: by the word of one of them. */
export interface ProbeReport {
  /** Who looked. */
  readonly by: PeerIdentity
  /** One an overlay that it asked. */
  readonly findings: readonly ProbeFinding[]
}

/** How a request to a structured overlay went. */
export interface LookupReport {
  readonly overlay: LookupOverlayName
  /** What was looked for: 40 hexadecimal digits. */
  readonly key: string
  /** The peers that it went through, from ourselves to who answered. */
  readonly path: readonly PeerIdentity[]
  /** Contacts on the way that did not answer. */
  readonly timeouts: number
  readonly durationMs: number
}

/** A value is kept by others. */
export interface StoredValue extends LookupReport {
  /** How many peers said that they keep it. */
  readonly replicas: number
}

/** A value that others kept. */
export interface FoundValue extends LookupReport {
  readonly value: Uint8Array
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

export interface ServentEvents {
  /** `NetworkStatus` has changed. */
  status: CustomEvent<NetworkStatus>
  /** The list of shares, or a counter in it, has changed. */
  shares: CustomEvent<readonly Share[]>
  /** Someone fetches a file of ours: at most a few times a second per upload. */
  upload: CustomEvent<UploadStatus>
  /** Somebody else's question came by: only with `tellQueries`. */
  query: CustomEvent<QuerySeen>
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
  /** What is given away of them, and within which limits: for servers of other protocols, as a gateway over plain HTTP. */
  readonly uploads: Uploads

  /** Hashes a file and offers it to everyone. The same content twice is one share. */
  share(content: Content, options?: TransferOptions): Promise<Share>
  /** Stops offering a file. Running uploads of it end. */
  unshare(cid: string): void
  /**
   * Changes what is given away at most, from now on.
   *
   * @throws RangeError for less than one slot, or for a rate that is not above 0
   */
  setUploadLimits(limits: Partial<UploadLimits>): void

  /** The overlays that answer searches here. */
  readonly searchOverlays: readonly SearchOverlayName[]

  /**
   * Asks the overlays that are on, all at once, and yields contents as they are found, until `waitMs` has passed or every
   * overlay is done. A content that turns out to be at one more peer comes again, with all its sources so far. An empty
   * text asks neighbors for all they share.
   *
   * @throws the signal's reason when it fires
   * @throws RangeError for an overlay that is not on
   */
  search(words: string, options?: SearchOptions): AsyncGenerator<Hit>
  /** Asks one peer for what it shares (Gnutella's browse host), at most 50 files. Not in Gnutella 0.4. */
  browse(peerId: string, options?: SearchOptions): AsyncGenerator<Hit>
  /** The overlays that find by identifier here. */
  readonly lookupOverlays: readonly LookupOverlayName[]

  /**
   * Stores a value under its own hash, for a day. 8 KiB at most, but for Kademlia.
   *
   * @throws LookupError with a sentence for a person, or the signal's reason
   * @throws RangeError for an overlay that is not on
   */
  put(overlay: LookupOverlayName, value: Uint8Array, options?: AbortOptions): Promise<StoredValue>
  /**
   * The value that is stored under a key: 40 hexadecimal digits, as `put` gave it.
   *
   * @throws LookupError with a sentence for a person, or the signal's reason
   * @throws RangeError for an overlay that is not on, or a key that is none
   */
  get(overlay: LookupOverlayName, key: string, options?: AbortOptions): Promise<FoundValue>

  /**
   * Has another connected peer look for a file that is shared here, by all its overlays.
   *
   * @throws RangeError for a file that is not shared; ProbeError with a sentence for a person when nobody looked; the signal's reason
   */
  probe(cid: string, options?: AbortOptions): Promise<ProbeReport>

  /** Looks for peers that hold what a link names: by look-up where its content is provided, and by search. */
  find(target: LinkTarget, options?: SearchOptions): AsyncGenerator<Hit>

  /**
   * Fetches a file from all its sources at once, and from those that are found meanwhile; each chunk is verified against the
   * CID before it is written. Ends early when the signal fires: the sink then keeps what is there, as far as it can, and
   * another call with such a sink goes on from there.
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

export type { Content, Sink, TransferProgress, UploadLimits }
