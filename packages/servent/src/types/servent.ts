import type { AbortOptions } from '@libp2p/interface'
import type { Content, Sink, TransferOptions, UploadLimits, Uploads } from '@servent/transfer'
import type { TypedEventTarget } from 'main-event'
import type { FolderListing, FolderPlace, ListOptions, SharedFolder } from './folder.ts'
import type { FoundValue, StoredValue } from './lookup.ts'
import type { NetworkStatus, PeerIdentity } from './network.ts'
import type { Hit, LinkTarget, LookupOverlayName, QuerySeen, SearchOptions, SearchOverlayName } from './search.ts'
import type { DownloadOptions, DownloadResult, ProbeReport, Share, UploadStatus, Wanted } from './transfer.ts'

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
   * Offers a folder of files that are shared: its list, to whoever has its CID. The files stay shared of their own, and have to.
   *
   * @throws FolderTooBigError, FolderError with a sentence for a person
   * @throws RangeError for a file that is not shared, and for paths that no folder can have
   */
  shareFolder(name: string, files: readonly FolderPlace[]): Promise<SharedFolder>
  /** Stops offering the list of a folder. Its files stay shared. */
  unshareFolder(cid: string): void
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
   * Lists the folder that a link names: asks the peers that are connected, then those that look-ups find, and checks what they say
   * against the CID. The sizes are those that whoever made the folder put there; a download checks them.
   *
   * @throws FolderError with a sentence for a person and a `reason` to act on: `not-a-folder` for a file; the signal's reason
   */
  list(target: LinkTarget, options?: ListOptions): Promise<FolderListing>

  /**
   * Fetches a file from all its sources at once, and from those that are found meanwhile; each chunk is verified against the
   * CID before it is written. Ends early when the signal fires: the sink then keeps what is there, as far as it can, and
   * another call with such a sink goes on from there.
   *
   * @throws DownloadError with a sentence for a person and a `reason` to act on
   */
  download(file: Wanted, sink: Sink, options?: DownloadOptions): Promise<DownloadResult>

  /** Makes a connected or known peer a Gnutella neighbor. */
  link(peerId: string): void
  /** Ends being Gnutella neighbors, and does not become so again by itself. The connection may stay. */
  unlink(peerId: string): void

  stop(): Promise<void>
}
