/** Which chunks are still to be fetched: those never asked for, in order, after those that came to nothing. */
export class ChunkQueue {
  readonly #count: number
  readonly #returned: number[] = []
  #next = 0
  #done = 0

  constructor(count: number) {
    this.#count = count
  }

  /** Whether every chunk is done. */
  get isDone(): boolean {
    return this.#done === this.#count
  }

  /** Chunks done. */
  get doneCount(): number {
    return this.#done
  }

  /** A chunk for a lane to fetch, or undefined when all are done or under way. */
  take(): number | undefined {
    const again = this.#returned.pop()
    if (again !== undefined) return again
    return this.#next < this.#count ? this.#next++ : undefined
  }

  /** A chunk that was taken has come to nothing. */
  giveBack(index: number): void {
    this.#returned.push(index)
  }

  /** A chunk that was taken is verified and written. */
  finish(): void {
    this.#done++
  }
}
