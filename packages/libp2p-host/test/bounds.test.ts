import { toPeer } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import { DialBackoff } from '../src/dial-backoff.ts'
import { Discouraged } from '../src/discouraged.ts'
import { Drops } from '../src/drops.ts'
import { defaultLimits } from '../src/limits.ts'
import { Lru } from '../src/lru.ts'
import { randomStream } from '../src/random-stream.ts'
import { TokenBucket, TrafficMeter } from '../src/traffic-meter.ts'
import { Turns } from '../src/turns.ts'

const MINUTE_MS = 60_000
const peer = toPeer('peer')

describe('discouragement', () => {
  it('lasts five minutes, then twice as long each time, up to an hour', () => {
    let now = 0
    const discouraged = new Discouraged(() => now)
    const minutes: number[] = []
    for (let strike = 0; strike < 6; strike++) {
      const durationMs = discouraged.add(peer)
      minutes.push(durationMs / MINUTE_MS)
      now += durationMs - 1
      expect(discouraged.has(peer)).toBe(true)
      now += 1
      expect(discouraged.has(peer)).toBe(false)
    }
    expect(minutes).toEqual([5, 10, 20, 40, 60, 60])
  })

  it('is forgotten two hours after it is over', () => {
    let now = 0
    const discouraged = new Discouraged(() => now)
    discouraged.add(peer)
    now = 125 * MINUTE_MS + 1
    expect(discouraged.add(peer)).toBe(5 * MINUTE_MS)
  })

  it('can be pardoned', () => {
    const discouraged = new Discouraged(() => 0)
    discouraged.add(peer)
    discouraged.delete(peer)
    expect(discouraged.has(peer)).toBe(false)
  })
})

describe('rates', () => {
  it('let a burst pass and then a steady rate', () => {
    const bucket = new TokenBucket(2, 3, 0)
    expect([0, 0, 0, 0, 499, 500, 1000, 9000].map((now) => bucket.take(1, now))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      true,
      true,
    ])
  })

  it('make a flooder only of who goes on for all the seconds', () => {
    const limits = { ...defaultLimits, framesPerSecond: 10, framesBurst: 10, floodFactor: 3, floodSeconds: 3 }
    const verdicts = (framesOfSeconds: readonly number[]): boolean => {
      const meter = new TrafficMeter(limits, 0)
      return framesOfSeconds.some((frames, second) =>
        Array.from({ length: frames }, () => meter.admit(1, second * 1000)).includes('flood')
      )
    }
    expect(verdicts([30, 30, 30, 1])).toBe(true)
    expect(verdicts([30, 30, 29, 30, 30, 1])).toBe(false)
    expect(verdicts([30, 30, 0, 30, 30, 1])).toBe(false)
  })
})

describe('back-off', () => {
  it('doubles with each failure up to a minute, and is over after a success', () => {
    let now = 0
    const backoff = new DialBackoff(
      () => now,
      () => 0.5
    )
    for (const waitMs of [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      backoff.failed(peer)
      now += waitMs - 1
      expect(backoff.isOver(peer)).toBe(false)
      now += 1
      expect(backoff.isOver(peer)).toBe(true)
    }
    backoff.failed(peer)
    backoff.succeeded(peer)
    expect(backoff.isOver(peer)).toBe(true)
  })
})

describe('bounded memory', () => {
  it('forgets what was used least recently', () => {
    const lru = new Lru<string, number>(2)
    lru.set('a', 1)
    lru.set('b', 2)
    lru.get('a')
    lru.set('c', 3)
    expect([lru.get('a'), lru.get('b'), lru.get('c'), lru.size]).toEqual([1, undefined, 3, 2])
  })

  it('counts reasons beyond the bound as other', () => {
    const drops = new Drops()
    for (let i = 0; i < 200; i++) drops.add(`reason-${i}`)
    drops.add('reason-0', 2)
    expect(drops.counts.size).toBe(129)
    expect(drops.counts.get('reason-0')).toBe(3)
    expect(drops.counts.get('other')).toBe(72)
  })
})

describe('turns', () => {
  it('run each call to its end, in order, those that come meanwhile after it', () => {
    const turns = new Turns()
    const log: string[] = []
    turns.run(() => {
      log.push('a begins')
      turns.run(() => log.push('b'))
      turns.later(() => log.push('c'))
      log.push('a ends')
    })
    expect(log).toEqual(['a begins', 'a ends', 'b', 'c'])
  })

  it('never run what is asked for later before the asker has returned', async () => {
    const turns = new Turns()
    const log: string[] = []
    turns.later(() => log.push('later'))
    log.push('returned')
    await Promise.resolve()
    expect(log).toEqual(['returned', 'later'])
  })
})

describe('random numbers', () => {
  it('are spread evenly over [0, 1)', () => {
    const random = randomStream()
    const tenths = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) {
      const tenth = Math.floor(random() * 10)
      tenths[tenth] = (tenths[tenth] as number) + 1
    }
    // Ten standard deviations.
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(300)
  })
})
