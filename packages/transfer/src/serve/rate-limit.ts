/** Bytes granted at a time at most: a part of a chunk, so that peers take turns within one. Ours: one message of WebRTC. */
const GRANT_BYTES_MAX = 65_536
/** Bytes granted at a time at least: less would be all overhead. */
const GRANT_BYTES_MIN = 4_096
/** A second of the rate is granted in so many turns, and so many peers get something each second. */
const GRANTS_PER_SECOND = 16
/**
 * Milliseconds of the rate that may be saved up while nobody takes anything. Ours: tabs in the background look at their timers once a
 * second, and must keep their rate.
 */
const BURST_MS = 1_000

interface Waiting {
  readonly bytes: number
  resolve(): void
}

/**
 * Bounds the rate of all uploads together: a token bucket, from which peers that wait are served in turn, however many streams
 * each of them has. Without a limit nothing waits.
 */
export class RateLimit {
  readonly #now: () => number
  /** Who waits, by peer, in the order of their turns. */
  readonly #queues = new Map<string, Waiting[]>()
  #bytesPerSecond = Number.POSITIVE_INFINITY
  /** Bytes that may go now. */
  #tokens = 0
  #filledAtMs: number
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param now - the time in milliseconds: given in tests */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#filledAtMs = now()
  }

  /**
   * Bytes per second of all uploads together, from now on; `Infinity` is no limit.
   *
   * @throws RangeError for what is not above 0
   */
  set bytesPerSecond(bytesPerSecond: number) {
    if (!(bytesPerSecond > 0)) throw new RangeError('A rate is above 0 bytes per second.')
    this.#fill()
    this.#bytesPerSecond = bytesPerSecond
    this.#tokens = Math.min(this.#tokens, this.#burstBytes)
    this.#serve()
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** The most bytes to ask for in one `take`. */
  get grantBytes(): number {
    if (this.#isUnlimited) return Number.POSITIVE_INFINITY
    const share = Math.floor(this.#bytesPerSecond / GRANTS_PER_SECOND)
    return Math.max(GRANT_BYTES_MIN, Math.min(GRANT_BYTES_MAX, share))
  }

  /** Resolves when a peer may be sent so many bytes, in its turn. */
  take(peer: string, bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#queues.set(peer, [...(this.#queues.get(peer) ?? []), { bytes, resolve }])
      // Whoever waits already has a timer, and goes first.
      this.#serve()
    })
  }

  /** Gives bytes for a peer piece by piece, each when it may go. */
  async *pieces(peer: string, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + this.grantBytes)
      await this.take(peer, piece.length)
      yield piece
      at += piece.length
    }
  }

  /** Lets everybody go who waits: nothing is sent any more. */
  stop(): void {
    clearTimeout(this.#timer)
    for (const queue of this.#queues.values()) for (const { resolve } of queue) resolve()
    this.#queues.clear()
  }

  get #isUnlimited(): boolean {
    return this.#bytesPerSecond === Number.POSITIVE_INFINITY
  }

  get #burstBytes(): number {
    return Math.max(this.grantBytes, (this.#bytesPerSecond * BURST_MS) / 1000)
  }

  #fill(): void {
    const nowMs = this.#now()
    const come = ((nowMs - this.#filledAtMs) / 1000) * this.#bytesPerSecond
    this.#filledAtMs = nowMs
    // No limit leaves nothing behind for the limit that follows it.
    this.#tokens = this.#isUnlimited ? 0 : Math.min(this.#burstBytes, this.#tokens + come)
  }

  /** Grants what can be granted now, one a turn, and sets the timer for the next. */
  #serve(): void {
    clearTimeout(this.#timer)
    this.#fill()
    // A map that is gone through sees what is put in on the way: who goes to the end of the line comes again.
    for (const [peer, queue] of this.#queues) {
      const next = queue[0]
      const missing = this.#missingFor(next?.bytes ?? 0)
      if (missing > 0) {
        this.#timer = setTimeout(() => this.#serve(), Math.ceil((missing / this.#bytesPerSecond) * 1000))
        return
      }
      this.#tokens -= next?.bytes ?? 0
      this.#queues.delete(peer)
      if (queue.length > 1) this.#queues.set(peer, queue.slice(1))
      next?.resolve()
    }
  }

  #missingFor(bytes: number): number {
    // What was asked for under a higher limit may be more than there can ever be at once.
    return this.#isUnlimited ? 0 : Math.min(bytes, this.#burstBytes) - this.#tokens
  }
}
