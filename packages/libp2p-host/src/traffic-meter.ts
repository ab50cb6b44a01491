import type { Limits } from './limits.ts'

/** Tokens that come back at a steady rate, up to a burst. A value: `now` is an argument. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  #level: number
  #filledAt: number

  /**
   * @param perSecond - tokens that come back each second
   * @param burst - tokens it holds, and has at the start
   * @param now - milliseconds, of any clock that does not go back
   */
  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#level = burst
    this.#filledAt = now
  }

  /** Takes `count` tokens if they are there. */
  take(count: number, now: number): boolean {
    this.#level = Math.min(this.#burst, this.#level + ((now - this.#filledAt) / 1000) * this.#perSecond)
    this.#filledAt = now
    if (this.#level < count) return false
    this.#level -= count
    return true
  }
}

/** `excess` is to be dropped; after `flood` the peer is. */
export type TrafficVerdict = 'fair' | 'excess' | 'flood'

/** Measures what one peer sends: excess is dropped, and who goes on for long is a flooder. */
export class TrafficMeter {
  readonly #limits: Limits
  readonly #frames: TokenBucket
  readonly #bytes: TokenBucket
  #second = 0
  #frameCount = 0
  #byteCount = 0
  #secondsOver = 0

  constructor(limits: Limits, now: number) {
    this.#limits = limits
    this.#frames = new TokenBucket(limits.framesPerSecond, limits.framesBurst, now)
    this.#bytes = new TokenBucket(limits.bytesPerSecond, limits.bytesBurst, now)
  }

  /** One frame of `byteCount` bytes has come. */
  admit(byteCount: number, now: number): TrafficVerdict {
    this.#turn(Math.floor(now / 1000))
    this.#frameCount++
    this.#byteCount += byteCount
    if (this.#secondsOver >= this.#limits.floodSeconds) return 'flood'
    return this.#frames.take(1, now) && this.#bytes.take(byteCount, now) ? 'fair' : 'excess'
  }

  #turn(second: number): void {
    if (second === this.#second) return
    const { floodFactor, framesPerSecond, bytesPerSecond } = this.#limits
    const isOver = this.#frameCount >= floodFactor * framesPerSecond || this.#byteCount >= floodFactor * bytesPerSecond
    // A second without a single frame between the two is a pause.
    this.#secondsOver = isOver && second === this.#second + 1 ? this.#secondsOver + 1 : 0
    this.#second = second
    this.#frameCount = 0
    this.#byteCount = 0
  }
}
