import { SinkFullError } from '../errors.ts'
import type { Sink } from '../types.ts'
import { KeptInMemory } from './kept-in-memory.ts'

/** Keeps a download in memory, for small files and for tests. One that was suspended can be downloaded into again. */
export class MemorySink implements Sink {
  readonly #bytes: Uint8Array<ArrayBuffer>
  readonly kept = new KeptInMemory()
  #state: 'open' | 'closed' | 'suspended' | 'aborted' = 'open'

  /** @param size bytes of the file; all are taken at once */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size)
  }

  get state(): 'open' | 'closed' | 'suspended' | 'aborted' {
    return this.#state
  }

  /** The file, once the sink is closed. */
  get bytes(): Uint8Array<ArrayBuffer> | undefined {
    return this.#state === 'closed' ? this.#bytes : undefined
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset + bytes.length > this.#bytes.length) throw new SinkFullError('The file is larger than was said')
    this.#bytes.set(bytes, offset)
    this.kept.add(offset)
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    return this.#bytes.subarray(start, end)
  }

  async keepLeaves(leaves: Uint8Array): Promise<void> {
    this.kept.leaves = leaves
  }

  async close(): Promise<void> {
    this.#state = 'closed'
  }

  async suspend(): Promise<void> {
    this.#state = 'suspended'
  }

  async abort(): Promise<void> {
    this.#state = 'aborted'
    this.kept.clear()
  }
}
