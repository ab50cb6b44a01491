import type { AbortOptions, PeerId, Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { Sink, TransferOptions } from '../types.ts'

/** What a download needs of libp2p: a node has it. */
export interface Dialer {
  dialProtocol(peer: PeerId, protocol: string, options?: AbortOptions): Promise<Stream>
}

/** What to fetch, from whom, and where to put it. */
export interface DownloadRequest {
  /** A CID as `identify` makes it. */
  readonly cid: CID
  /** Bytes. With the CID it fixes what the download is: a wrong size is found out before the first byte of content. */
  readonly size: number
  /** Peers that are said to have it; all are asked at once. At least one. */
  readonly sources: readonly PeerId[]
  /** Gets each chunk once it is verified; is closed at the end, aborted if there is none. The download is its only user. */
  readonly sink: Sink
}

export interface DownloadConfig {
  /** Streams to each source, each with one chunk under way. */
  readonly lanesPerSource: number
  /** Streams in all. */
  readonly lanesMax: number
  /** A source that sends less than 1 KiB in this many milliseconds, up to twice as many, has stalled. */
  readonly stallMs: number
  /** Milliseconds that reaching a source and opening a stream may take. */
  readonly connectMs: number
  /** Fresh streams that a lane tries, one after the other, without getting one chunk, before it gives up. */
  readonly attemptsMax: number
}

export const defaultDownloadConfig: DownloadConfig = Object.freeze({
  // Ours: with two a lane waits while the other's chunk comes; the third fills the gap between a request and its answer.
  lanesPerSource: 3,
  // Ours: six chunks under way are 6 MiB, enough for 100 ms at 60 MiB/s.
  lanesMax: 6,
  // Ours: half of what gtk-gnutella waits.
  stallMs: 20_000,
  // Ours: a dial of js-libp2p gives up after 10 s; introducing two tabs takes a relay's help and a second try.
  connectMs: 30_000,
  // Ours: WebRTC dials fail now and then for no reason, hardly ever three times.
  attemptsMax: 3,
})

export interface DownloadOptions extends TransferOptions {
  readonly config?: Partial<DownloadConfig>
}

/** How a download went. */
export interface DownloadSummary {
  /** Milliseconds from the call to the closed sink. */
  readonly durationMs: number
  /** Verified bytes that each source gave, by PeerId text. */
  readonly bytesBySource: ReadonlyMap<string, number>
}
