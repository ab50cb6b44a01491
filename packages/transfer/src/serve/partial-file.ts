import type { CID } from 'multiformats/cid'
import type { Availability } from '../dag/availability.ts'

/** A file of which only some chunks are here, each of them verified. */
export interface PartialFile {
  readonly name: string
  readonly cid: CID
  /** Bytes. */
  readonly size: number
  /** The SHA-256 of each chunk, one after the other. */
  readonly leaves: Uint8Array
  /** The dag-pb blocks above the leaves, by CID text. */
  readonly blocks: ReadonlyMap<string, Uint8Array>
  /** Which chunks are here, a byte each: 1 or 0. Changes as more come. */
  readonly available: Availability
  /** The bytes from `start` up to `end`, all of which are here. Rejects with `ContentUnreadableError`. */
  read(start: number, end: number): Promise<Uint8Array>
}

/** A partial file that is served. */
export interface PartialServing {
  /** Another chunk is here: whoever waits for it is told. */
  onChunk(index: number): void
  /** Nothing of it can be read for now: whoever asks is told to ask again, not that it is gone. */
  pause(): void
  /** Serves it no more. Nothing happens if all of the file has been shared meanwhile. */
  end(): void
}

/** Serves files of which only part is here: `FileServer` does. */
export interface PartialServer {
  /** Serves what there is of a file, as it becomes more. One that is shared in full stays as it is. */
  addPartial(partial: PartialFile): PartialServing
}
