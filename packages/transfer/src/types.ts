import type { AbortOptions } from '@libp2p/interface'
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

/** Where a download goes. Each chunk is written once it is verified, in any order. */
export interface Sink {
  /** Rejects with `SinkFullError` when there is no room. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** Every byte is there and right: gives the file its final name. */
  close(): Promise<void>
  /** The download ended early: leaves nothing under the final name. */
  abort(): Promise<void>
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
