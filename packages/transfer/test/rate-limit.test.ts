import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RateLimit } from '../src/serve/rate-limit.ts'

const MIB = 1_048_576

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A peer that takes as much as it gets, over so many streams. */
class Taker {
  takenBytes = 0

  constructor(rate: RateLimit, name: string, streams: number) {
    for (let i = 0; i < streams; i++) void this.#run(rate, name)
  }

  async #run(rate: RateLimit, name: string): Promise<void> {
    for (;;) {
      const bytes = Math.min(MIB, rate.grantBytes)
      await rate.take(name, bytes)
      this.takenBytes += bytes
    }
  }
}

describe('a limit of rate', () => {
  it('lets through what it says, a second of it at most at once, whoever asks', async () => {
    const rate = new RateLimit()
    rate.bytesPerSecond = 4 * MIB
    await vi.advanceTimersByTimeAsync(60_000)
    const takers = [new Taker(rate, 'a', 1), new Taker(rate, 'b', 2)]
    const taken = () => takers.reduce((sum, { takenBytes }) => sum + takenBytes, 0)
    await vi.advanceTimersByTimeAsync(0)
    expect(taken()).toBe(4 * MIB)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(Math.abs(taken() - 44 * MIB)).toBeLessThanOrEqual(rate.grantBytes)
  })

  it('serves peers in turn, however many streams each has', async () => {
    const rate = new RateLimit()
    rate.bytesPerSecond = MIB
    const greedy = new Taker(rate, 'greedy', 8)
    const modest = new Taker(rate, 'modest', 1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(Math.abs(greedy.takenBytes - modest.takenBytes)).toBeLessThanOrEqual(2 * rate.grantBytes)
  })

  it('keeps the rate where timers are a second late, as in a tab in the background', async () => {
    const lateNow = () => Math.floor(performance.now() / 1000) * 1000
    const rate = new RateLimit(lateNow)
    rate.bytesPerSecond = MIB
    const taker = new Taker(rate, 'a', 1)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(taker.takenBytes).toBeGreaterThan(18 * MIB)
    expect(taker.takenBytes).toBeLessThanOrEqual(20 * MIB)
  })

  it('is raised and lifted while peers wait', async () => {
    const rate = new RateLimit()
    rate.bytesPerSecond = 1000
    let granted = 0
    void rate.take('a', 100_000).then(() => granted++)
    void rate.take('b', 100_000).then(() => granted++)
    await vi.advanceTimersByTimeAsync(900)
    expect(granted).toBe(0)
    rate.bytesPerSecond = Number.POSITIVE_INFINITY
    await vi.advanceTimersByTimeAsync(0)
    expect(granted).toBe(2)
    expect(vi.getTimerCount()).toBe(0)
    expect(() => {
      rate.bytesPerSecond = 0
    }).toThrow(RangeError)
  })

  it('lets everybody go when it stops, and leaves no timer', async () => {
    const rate = new RateLimit()
    rate.bytesPerSecond = 1
    const waiting = [rate.take('a', 5000), rate.take('b', 5000)]
    rate.stop()
    await Promise.all(waiting)
    expect(vi.getTimerCount()).toBe(0)
  })
})
