import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { Identity } from './identify.ts'

/** Bytes that can be read anywhere: a `File` in a tab, a file on disk in Node. Stays where it is. */
export interface Content {
  /** File name, without folders. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** The bytes from `start` up to, not including, `end`. Rejects with `ContentUnreadableError` when they cannot be had. */
  read(start: number, end: number): Promise<Uint8Array>
  /**
   * Names it, where there is a better way than reading all of it here: its identity is remembered, or another thread reads
   * and hashes it. `identify` asks this first. Rejects as `identify` does.
   */
  identify?(options: TransferOptions): Promise<Identity>
}

/**
 * Where a download goes. Each chunk is written once it is verified, in any order, one at a time. A sink ends with one call of
 * `close`, `suspend` or `abort`; `abort` may also follow `suspend`.
 */
export interface Sink {
  /** What an earlier run left here. Nothing of it is trusted: a chunk counts once it has been read and its hash is right. */
  readonly kept?: KeptChunks | undefined
  /** `bytes` is valid until this resolves. Rejects with `SinkFullError` when there is no room, with `SinkFailedError` otherwise. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /**
   * The same for sinks that have a thread of their own: hashes the chunk there and writes it if its SHA-256 is this. Takes the buffer
   * that `bytes` begins, and gives it back, or another of the same length. May be called again before it has resolved.
   */
  writeIfRight?(offset: number, bytes: Uint8Array<ArrayBuffer>, sha256: Uint8Array): Promise<Written>
  /** What was written, or kept, from `start` up to `end`: to check it, and to serve it while the rest is fetched. */
  read?(start: number, end: number): Promise<Uint8Array>
  /**
   * The SHA-256 of each chunk, one after the other, as the CID vouches for them. Kept, they let a later run check what is here
   * before anyone is reached.
   */
  keepLeaves?(leaves: Uint8Array): Promise<void>
  /** Every byte is there and right: gives the file its final name. */
  close(): Promise<void>
  /** The download ended early: keeps what is there for another run, as far as the place can, and lets go of it. */
  suspend(): Promise<void>
  /** The file is not wanted any more: removes everything. */
  abort(): Promise<void>
}

/** What came of a chunk. */
export interface Written {
  /** Whether it has the hash that it should have: otherwise nothing was written. */
  readonly isRight: boolean
  /** All of the buffer that it was in. */
  readonly buffer: Uint8Array<ArrayBuffer>
}

/** The file that goes into a sink that outlives its process: what an earlier run left is taken up only if it is of the same file. */
export interface SinkFile {
  /** A CID as `identify` makes it, or its text. */
  readonly cid: CID | string
  /** Bytes. */
  readonly size: number
}

/** What an earlier run left in a sink. */
export interface KeptChunks {
  /** The chunks that are said to be there, by number. */
  readonly chunks: readonly number[]
  /** The SHA-256 of each chunk, if they were known then. */
  readonly leaves: Uint8Array | undefined
  /** Whether the chunks came by way of this very object, so that each was verified and nobody can have changed it since. */
  readonly areVerified?: boolean
}

/** How far a transfer or a hashing has come. */
export interface TransferProgress {
  /** Bytes done. */
  readonly doneBytes: number
  /** Bytes in all. */
  readonly totalBytes: number
  /** Bytes per second over the last few seconds. */
  readonly bytesPerSecond: number
  /** Milliseconds left at this speed; undefined while unknown. */
  readonly leftMs: number | undefined
}

export interface TransferOptions extends AbortOptions {
  onProgress?: (progress: TransferProgress) => void
}
