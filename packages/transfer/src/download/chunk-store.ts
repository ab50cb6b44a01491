import { hasher } from '#hasher'
import { areEqual } from '../dag/cids.ts'
import { CHUNK_BYTES, leafCount } from '../dag/shape.ts'
import { digestAt } from '../dag/tree.ts'
import type { Sink } from '../types.ts'
import type { Availability } from './availability.ts'

/** What has been verified and written of a file. */
export class ChunkStore {
  readonly #sink: Sink
  /** The end of the chain of writes: a sink is asked for one at a time. */
  #lastWrite: Promise<void> = Promise.resolve()
  /** The chunks that are in the sink. */
  readonly available: Availability
  /** How many. */
  count = 0
  /** The SHA-256 of each chunk, once they are known. */
  leaves: Uint8Array | undefined

  constructor(sink: Sink, size: number) {
    this.#sink = sink
    this.available = new Uint8Array(leafCount(size))
  }

  get isComplete(): boolean {
    return this.count === this.available.length
  }

  async isRight(index: number, bytes: Uint8Array): Promise<boolean> {
    return this.leaves !== undefined && areEqual(await hasher.sha256(bytes), digestAt(this.leaves, index))
  }

  /** Writes a chunk that is right, after those before it. Rejects with whatever the sink does. */
  write(index: number, bytes: Uint8Array): Promise<void> {
    const written = this.#lastWrite.then(() => this.#sink.write(index * CHUNK_BYTES, bytes))
    // Once the sink has failed nothing more is written: each later write fails with the same reason.
    this.#lastWrite = written
    return written.then(() => this.has(index))
  }

  /** A chunk is in the sink. */
  has(index: number): void {
    this.available[index] = 1
    this.count++
  }

  /** Resolves when the sink has nothing to do any more. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#lastWrite])
  }
}
