import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calendar, TIME_MAX } from '../src/calendar.ts'

interface Entry {
  readonly time: number
  readonly id: number
}

/** Sorted by time, and as they came within a time. */
class Oracle {
  now = 0
  readonly #entries: Entry[] = []

  push(time: number, id: number): void {
    const place = this.#entries.findIndex((entry) => entry.time > time)
    this.#entries.splice(place < 0 ? this.#entries.length : place, 0, { time, id })
  }

  take(until: number): Entry | undefined {
    const [first] = this.#entries
    return first !== undefined && first.time <= until ? this.#entries.shift() : undefined
  }

  get size(): number {
    return this.#entries.length
  }
}

/** Delays of every scale: the same millisecond, the same page, the next ones, far away. */
const delay = fc.oneof(
  { weight: 3, arbitrary: fc.nat(3) },
  { weight: 3, arbitrary: fc.nat(200) },
  { weight: 2, arbitrary: fc.integer({ min: 65_000, max: 66_000 }) },
  { weight: 1, arbitrary: fc.nat(10_000_000) }
)

const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ push: fc.array(delay, { minLength: 1, maxLength: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 40 }), within: delay }) },
  { weight: 1, arbitrary: fc.record({ advance: delay }) }
)

function takeOne(calendar: Calendar<number>, until: number): Entry | undefined {
  return calendar.take(until, 1) === 0 ? undefined : { time: calendar.now, id: calendar.payloads[0] as number }
}

describe('the calendar', () => {
  it('gives events in order of time, and as they came within a millisecond, like a sorted array', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const calendar = new Calendar<number>()
        const oracle = new Oracle()
        let id = 0
        for (const step of commands) {
          if ('push' in step) {
            for (const ms of step.push) {
              id++
              calendar.push(calendar.now + ms, id & 7, id, -id, id * 2, id)
              oracle.push(calendar.now + ms, id)
            }
          } else if ('take' in step) {
            const until = calendar.now + step.within
            for (let i = 0; i < step.take; i++) expect(takeOne(calendar, until)).toEqual(oracle.take(until))
          } else {
            const until = calendar.now + step.advance
            for (let entry = oracle.take(until); entry !== undefined; entry = oracle.take(until)) {
              expect(takeOne(calendar, until)).toEqual(entry)
            }
            calendar.advanceTo(until)
          }
          expect(calendar.size).toBe(oracle.size)
        }
        for (let entry = oracle.take(TIME_MAX); entry !== undefined; entry = oracle.take(TIME_MAX)) {
          expect(takeOne(calendar, TIME_MAX)).toEqual(entry)
        }
        expect(calendar.take(TIME_MAX, 1)).toBe(0)
      }),
      { seed: 20260101, numRuns: 300 }
    )
  })

  it('takes many at once, of one millisecond only, each with its words', () => {
    const calendar = new Calendar<string>()
    for (let i = 0; i < 40; i++) calendar.push(5, i & 7, i, -1 - i, 2 ** 31 - 1 - i, `event ${i}`)
    calendar.push(6, 1, 2 ** 28 - 1, -(2 ** 31), 3, undefined)
    const taken: [number, number, number, number, string | undefined][] = []
    for (let count = calendar.take(5, 100); count > 0; count = calendar.take(5, 100)) {
      for (let i = 0; i < count; i++) {
        const { kinds, nodes, firsts, seconds, payloads } = calendar
        taken.push([kinds[i] as number, nodes[i] as number, firsts[i] as number, seconds[i] as number, payloads[i]])
      }
    }
    expect(taken).toEqual(Array.from({ length: 40 }, (_, i) => [i & 7, i, -1 - i, 2 ** 31 - 1 - i, `event ${i}`]))
    expect(calendar.take(6, 100)).toBe(1)
    expect([calendar.kinds[0], calendar.nodes[0], calendar.firsts[0]]).toEqual([1, 2 ** 28 - 1, -(2 ** 31)])
  })

  it('takes what is pushed onto the running millisecond after what was there', () => {
    const calendar = new Calendar<string>()
    calendar.push(7, 0, 0, 0, 0, 'a')
    calendar.push(7, 0, 0, 0, 0, 'b')
    expect(calendar.take(7, 1)).toBe(1)
    calendar.push(7, 0, 0, 0, 0, 'c')
    expect(calendar.take(7, 16)).toBe(2)
    expect(calendar.payloads.slice(0, 2)).toEqual(['b', 'c'])
  })

  it('lets nothing happen after the end of time', () => {
    const calendar = new Calendar<string>()
    calendar.push(TIME_MAX, 0, 0, 0, 0, 'last')
    calendar.push(TIME_MAX + 1, 0, 0, 0, 0, 'never')
    expect(calendar.size).toBe(1)
    expect(calendar.take(TIME_MAX, 16)).toBe(1)
    expect(calendar.now).toBe(TIME_MAX)
  })

  it('uses its memory again', () => {
    const calendar = new Calendar<number>()
    const round = () => {
      for (let i = 0; i < 5000; i++) calendar.push(calendar.now + (i % 90), 0, i, 0, 0, i)
      while (calendar.take(calendar.now + 1000, 16) > 0);
    }
    for (let i = 0; i < 20; i++) round()
    const bytes = calendar.bytes
    for (let i = 0; i < 200; i++) round()
    expect(calendar.bytes).toBe(bytes)
  })
})
