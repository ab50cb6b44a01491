import { CHUNK_BYTES } from '../dag/shape.ts'
import type { KeptChunks } from '../types.ts'

/** What a sink that lives as long as the process has taken: it was verified before it came, and has been in nobody else's hands. */
export class KeptInMemory implements KeptChunks {
  readonly #offsets = new Set<number>()
  readonly areVerified = true
  leaves: Uint8Array | undefined

  get chunks(): readonly number[] {
    return [...this.#offsets].map((offset) => offset / CHUNK_BYTES)
  }

  add(offset: number): void {
    this.#offsets.add(offset)
  }

  clear(): void {
    this.#offsets.clear()
    this.leaves = undefined
  }
}
