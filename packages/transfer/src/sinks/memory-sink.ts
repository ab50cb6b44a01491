import { SinkFullError } from '../errors.ts'
import type { Sink } from '../types.ts'

/** Keeps a download in memory, for small files and for tests. */
export class MemorySink implements Sink {
  readonly #bytes: Uint8Array<ArrayBuffer>
  #state: 'open' | 'closed' | 'aborted' = 'open'

  /** @param size bytes of the file; all are taken at once */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size)
  }

  get state(): 'open' | 'closed' | 'aborted' {
    return this.#state
  }

  /** The file, once the sink is closed. */
  get bytes(): Uint8Array<ArrayBuffer> | undefined {
    return this.#state === 'closed' ? this.#bytes : undefined
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset + bytes.length > this.#bytes.length) throw new SinkFullError('The file is larger than was said')
    this.#bytes.set(bytes, offset)
  }

  async close(): Promise<void> {
    this.#state = 'closed'
  }

  async abort(): Promise<void> {
    this.#state = 'aborted'
  }
}
