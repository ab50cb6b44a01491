import type { AbortOptions } from '@libp2p/interface'
import type { SourceProgress, DownloadProgress as TransferDownloadProgress } from '@servent/transfer'
import type { PeerIdentity, PeerStatus } from './network.ts'
import type { OverlayName, Source } from './search.ts'

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

/** A peer that is said to have a file, and the overlays that told of it: none, when a folder did. */
export interface WantedSource extends Omit<Source, 'findings'> {
  readonly findings: readonly Source['findings'][number][]
}

/** A file to download: a `Hit`, or one that a folder names. Others who have it are looked for meanwhile. */
export interface Wanted {
  /** CID as text. */
  readonly cid: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly sources: readonly WantedSource[]
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
