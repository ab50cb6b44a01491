/**
 * Values pushed in by events and taken out by an async iteration: bounded, for a slow consumer must not make it grow
 * without end. What does not fit is dropped and counted.
 */
export class PushQueue<T> {
  readonly #valuesMax: number
  readonly #values: T[] = []
  #isEnded = false
  #wake: (() => void) | undefined
  droppedCount = 0

  constructor(valuesMax: number) {
    this.#valuesMax = valuesMax
  }

  push(value: T): void {
    if (this.#isEnded) return
    if (this.#values.length >= this.#valuesMax) {
      this.droppedCount++
      return
    }
    this.#values.push(value)
    this.#wake?.()
  }

  /** No more values: the iteration ends when those held have been taken. */
  end(): void {
    this.#isEnded = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const value = this.#values.shift()
      if (value !== undefined) {
        yield value
        continue
      }
      if (this.#isEnded) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
