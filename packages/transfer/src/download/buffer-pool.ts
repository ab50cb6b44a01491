import { CHUNK_BYTES } from '../dag/shape.ts'

/** A fixed number of chunk buffers, each allocated when first needed and used again and again. */
export class BufferPool {
  readonly #free: Uint8Array[] = []
  readonly #waiting: ((buffer: Uint8Array) => void)[] = []
  #unmade: number

  constructor(count: number) {
    this.#unmade = count
  }

  /** A buffer of one chunk, as soon as there is one. Its content is what was in it before. */
  async take(): Promise<Uint8Array> {
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#unmade > 0) {
      this.#unmade--
      return new Uint8Array(CHUNK_BYTES)
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Gives a buffer back. The caller holds no view of it any more. */
  giveBack(buffer: Uint8Array): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(buffer)
    else next(buffer)
  }
}
