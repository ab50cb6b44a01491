import { CHUNK_BYTES } from '../dag/shape.ts'

/** Chunk buffers, each allocated when first needed and used again and again: never more than there is room for. */
export class BufferPool {
  readonly #free: Uint8Array<ArrayBuffer>[] = []
  readonly #waiting: ((buffer: Uint8Array<ArrayBuffer>) => void)[] = []
  #capacity: number
  #made = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Makes room for one more, or one less: buffers that are in use then go when they come back. */
  resize(change: 1 | -1): void {
    this.#capacity += change
    this.#serve()
  }

  /** A buffer of one chunk, as soon as there is one. Its content is what was in it before. */
  take(): Promise<Uint8Array<ArrayBuffer>> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#serve()
    })
  }

  /** Gives a buffer back, or another of the same length in its stead. The caller holds no view of it any more. */
  giveBack(buffer: Uint8Array<ArrayBuffer>): void {
    this.#free.push(buffer)
    this.#serve()
  }

  #serve(): void {
    while (this.#made > this.#capacity && this.#free.pop() !== undefined) this.#made--
    for (let resolve = this.#waiting[0]; resolve !== undefined; resolve = this.#waiting[0]) {
      const buffer = this.#free.pop() ?? this.#make()
      if (buffer === undefined) return
      this.#waiting.shift()
      resolve(buffer)
    }
  }

  #make(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#made >= this.#capacity) return undefined
    this.#made++
    return new Uint8Array(CHUNK_BYTES)
  }
}
