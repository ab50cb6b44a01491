/**
 * Calls `onStall` when too little has happened for too long. Counts what it is fed and looks at the count now and then: feeding,
 * starting and stopping cost nothing, and there is one timer at a time, which keeps no process alive.
 */
export class Watchdog {
  readonly #periodMs: number
  readonly #lookMs: number
  readonly #least: number
  readonly #onStall: () => void
  #fed = 0
  #isWatching = false
  #isArmed = false
  /** Whether `start` was called since the timer was armed: then the time since was not watched in full. */
  #isRestarted = false
  /** How long too little has happened, in milliseconds. */
  #emptyMs = 0

  /**
   * @param periodMs for how long too little must have happened, in milliseconds; noticed up to one look later
   * @param least how much must be fed between two looks to be enough
   * @param looks how often to look in a period
   */
  constructor(periodMs: number, least: number, onStall: () => void, looks = 1) {
    this.#periodMs = periodMs
    this.#lookMs = periodMs / looks
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
    AbortSignal.timeout(this.#lookMs).addEventListener('abort', () => {
      this.#isArmed = false
      if (!this.#isWatching) return
      const isEnough = this.#isRestarted || this.#fed - before >= this.#least
      this.#emptyMs = isEnough ? 0 : this.#emptyMs + this.#counted(performance.now() - armedAtMs)
      if (this.#emptyMs < this.#periodMs) return this.#arm()
      this.#isWatching = false
      this.#onStall()
    })
  }

  /** A machine that slept, or a page in the background, has its timers before what came meanwhile: the first late one does not count. */
  #counted(elapsedMs: number): number {
    return elapsedMs > 2 * this.#lookMs && this.#emptyMs === 0 ? Number.MIN_VALUE : Math.max(elapsedMs, this.#lookMs)
  }
}
