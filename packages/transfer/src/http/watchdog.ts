/**
 * Calls `onStall` when too little has happened for too long, between one and two periods after the last time enough did.
 * Counts what it is fed and looks at the count once a period: feeding, starting and stopping cost nothing, and there is
 * one timer at a time, which keeps no process alive.
 */
export class Watchdog {
  readonly #periodMs: number
  readonly #least: number
  readonly #onStall: () => void
  #fed = 0
  #isWatching = false
  #isArmed = false
  /** Whether `start` was called since the timer was armed: then the period was not watched in full. */
  #isRestarted = false
  /** Whether the timer before came late, and too little had happened by then. */
  #isDoubtful = false

  /**
   * @param periodMs how often to look, in milliseconds
   * @param least how much must have been fed in a period to pass
   */
  constructor(periodMs: number, least: number, onStall: () => void) {
    this.#periodMs = periodMs
    this.#least = least
    this.#onStall = onStall
  }

  /** Begins to watch, or begins anew. */
  start(): void {
    this.#isWatching = true
    this.#isRestarted = true
    if (!this.#isArmed) this.#arm()
  }

  /** Something happened. */
  feed(amount: number): void {
    this.#fed += amount
  }

  /** Watches no more. */
  stop(): void {
    this.#isWatching = false
  }

  #arm(): void {
    const before = this.#fed
    const armedAtMs = performance.now()
    this.#isArmed = true
    this.#isRestarted = false
    AbortSignal.timeout(this.#periodMs).addEventListener('abort', () => {
      this.#isArmed = false
      if (!this.#isWatching) return
      const isEnough = this.#isRestarted || this.#fed - before >= this.#least
      // A machine that slept, or a page in the background, has its timers before what came meanwhile: look once more.
      const isLate = performance.now() - armedAtMs > 2 * this.#periodMs
      const isPassed = isEnough || (isLate && !this.#isDoubtful)
      this.#isDoubtful = !isEnough
      if (isPassed) return this.#arm()
      this.#isWatching = false
      this.#onStall()
    })
  }
}
