import type { AbortOptions, PeerId, Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { PartialServer } from '../serve/partial-file.ts'
import type { Sink, TransferProgress } from '../types.ts'
import type { Bans } from './bans.ts'

/** What a download needs of libp2p: a node has it. */
export interface Dialer {
  /** What it rejects with counts as `unreachable`, unless it is a `DownloadError`, whose sentence is told. */
  dialProtocol(peer: PeerId, protocol: string, options?: AbortOptions): Promise<Stream>
}

/** A peer that is said to have a file, or part of it. */
export type SourcePeer = PeerId

/** What to fetch, from whom, and where to put it. */
export interface DownloadRequest {
  /** A CID as `identify` makes it. */
  readonly cid: CID
  /** Bytes. With the CID it fixes what the download is: a wrong size is found out before the first byte of content. */
  readonly size: number
  /** Peers that are said to have it. Those of an async iterable join as they come; it is ended when the download is. */
  readonly sources: Iterable<SourcePeer> | AsyncIterable<SourcePeer>
  /** Gets each chunk once it is verified; is closed at the end, suspended when that comes early. The download is its only user. */
  readonly sink: Sink
}

export interface DownloadConfig {
  /** Streams to each source, each with one chunk under way. */
  readonly lanesPerSource: number
  /** Sources that fetch the same chunk at once, when no other is left for one of them: 1 for no such race. */
  readonly fetchersMax: number
  /** Sources that are fetched from at once. */
  readonly sourcesActiveMax: number
  /** Sources that are known at once, those that wait and those that were left included. */
  readonly sourcesMax: number
  /** A source that sends next to nothing, less than 1 KiB in a fifth of this time, for this many milliseconds is left. */
  readonly stallMs: number
  /** Milliseconds that reaching a source and opening a stream may take. */
  readonly connectMs: number
  /** Streams of a source that may fail, one after the other, without a chunk between them, before it is left. */
  readonly attemptsMax: number
  /** How often sources that were left are tried again, when there are no others, without a chunk between. */
  readonly retriesMax: number
  /** Milliseconds before the first of these retries; then twice, three times as many. */
  readonly retryMs: number
  /** Milliseconds after which a source that has only part of the file is asked again what it has. */
  readonly pollMs: number
  /** How often it is asked without having more, before it is left. */
  readonly pollsMax: number
}

export const defaultDownloadConfig: DownloadConfig = Object.freeze({
  // Ours: with two a lane waits while the other's chunk comes; the third fills the gap between a request and its answer.
  lanesPerSource: 3,
  // Ours: a third would only add to the waste.
  fetchersMax: 2,
  // Ours: 36 chunks under way, 36 MiB, are what a tab may hold; a few fast sources fill any line.
  sourcesActiveMax: 12,
  // Ours: five for each that is active; a popular file has more than anyone needs.
  sourcesMax: 64,
  // Ours: long enough for a slot to come free on a busy machine, short enough for a person to see it go on.
  stallMs: 5_000,
  // Ours: introducing two tabs takes a relay's help and a second try, each with limits of its own.
  connectMs: 60_000,
  // Ours: WebRTC dials fail now and then for no reason, hardly ever three times.
  attemptsMax: 3,
  // Ours: with the waits between them a pause of ten seconds is outlasted.
  retriesMax: 4,
  // Ours: what a network needs at least to come back.
  retryMs: 1_000,
  // Ours: a peer that downloads itself has another chunk every second or two.
  pollMs: 2_000,
  // Ours: half a minute.
  pollsMax: 15,
})

/** How far a download has come. */
export interface DownloadProgress extends TransferProgress {
  /** Chunks that are there and right. */
  readonly chunksDone: number
  readonly chunksTotal: number
  /** Bytes that an earlier run left and that proved right. */
  readonly keptBytes: number
  /** Bytes that came and were of no use: wrong, cut short, or there already. */
  readonly wastedBytes: number
  readonly sources: readonly SourceProgress[]
}

/** What one source does. */
export interface SourceProgress {
  readonly peer: PeerId
  /** `waiting`: there are enough others. `left`: asked for nothing more, unless nobody else is there. */
  readonly state: 'waiting' | 'connecting' | 'fetching' | 'idle' | 'left' | 'banned'
  /** Bytes that it gave and that were used. */
  readonly verifiedBytes: number
  readonly bytesPerSecond: number
  /** Why it was left or banned, a sentence for a person. */
  readonly problem: string | undefined
}

export interface DownloadOptions extends AbortOptions {
  /** At most ten times a second while bytes come, and when a source changes. */
  onProgress?: (progress: DownloadProgress) => void
  /** Peers to ask for nothing; whoever sends what is not this file is added. */
  readonly bans?: Bans
  /**
   * Serves to others what is verified, while the rest is fetched; for sinks that can be read. Once the file is whole they are told
   * to wait, for a minute, until it is shared from where it is then, or `endServing` of the summary is called.
   */
  readonly server?: PartialServer
  /** What the file is called, for those who fetch from `server`. */
  readonly name?: string
  readonly config?: Partial<DownloadConfig>
}

/** How a download went. */
export interface DownloadSummary {
  /** Milliseconds from the call to the closed sink. */
  readonly durationMs: number
  /** Verified bytes that each source gave, by PeerId text. */
  readonly bytesBySource: ReadonlyMap<string, number>
  /** The last progress. */
  readonly progress: DownloadProgress
  /** The SHA-256 of each chunk, one after the other. */
  readonly leaves: Uint8Array
  /** Says at once that the file will not be shared: who waits for the rest of it at the `server` looks elsewhere. */
  endServing(): void
}
