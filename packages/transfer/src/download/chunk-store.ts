import { hasher } from '#hasher'
import type { Availability } from '../dag/availability.ts'
import { areEqual } from '../dag/cids.ts'
import { CHUNK_BYTES, leafCount } from '../dag/shape.ts'
import { digestAt } from '../dag/tree.ts'
import { DownloadError } from '../errors.ts'
import type { Sink, Written } from '../types.ts'
import { sinkFailure } from './failures.ts'

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

  /**
   * Verifies a chunk and writes it if it is right. Rejects with whatever the sink does.
   *
   * @param buffer what the chunk is at the beginning of
   */
  async put(index: number, bytes: Uint8Array<ArrayBuffer>, buffer: Uint8Array<ArrayBuffer>): Promise<Written> {
    if (this.leaves === undefined) throw new Error('A chunk came before its hash was known')
    const sha256 = digestAt(this.leaves, index)
    const written = this.#sink.writeIfRight
      ? await this.#sink.writeIfRight(index * CHUNK_BYTES, bytes, sha256)
      : { isRight: areEqual(await hasher.sha256(bytes), sha256), buffer }
    if (!written.isRight) return written
    if (this.#sink.writeIfRight === undefined) await this.#write(index, bytes)
    this.has(index)
    return written
  }

  /** Writes after those before it. Once the sink has failed nothing more is written: each later write fails with the same reason. */
  #write(index: number, bytes: Uint8Array): Promise<void> {
    // The same chunk may have come twice.
    const write = async () => (this.available[index] === 1 ? undefined : this.#sink.write(index * CHUNK_BYTES, bytes))
    this.#lastWrite = this.#lastWrite.then(write)
    return this.#lastWrite
  }

  /** A chunk is in the sink. */
  has(index: number): void {
    if (this.available[index] === 1) return
    this.available[index] = 1
    this.count++
  }

  /** Every chunk is there: gives the file its name. @throws DownloadError */
  async close(): Promise<void> {
    try {
      await this.#sink.close()
    } catch (error) {
      throw sinkFailure(error)
    }
  }

  /** Lets the sink keep what it has, and gives why. If that fails too, the first reason stays and both errors are told. */
  async suspend(why: DownloadError): Promise<DownloadError> {
    const [kept] = await Promise.allSettled([this.#sink.suspend()])
    if (kept.status === 'fulfilled') return why
    const both = 'The download ended early, and its sink could not keep what came'
    return new DownloadError(why.message, {
      reason: why.reason,
      cause: new AggregateError([why, kept.reason], both),
    })
  }
}
