import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calendar, TIME_MAX } from '../src/calendar.ts'

interface Entry {
  readonly time: number
  readonly id: number
}

const NODES = 2 ** 20

/** A node for an event: anywhere. */
const nodeOf = (id: number) => Math.imul(id, 0x9e3779b1) >>> 12

/** Rounds of what is pending at one time, as it came; by region if there are more than 512. */
class Oracle {
  readonly #pending: Entry[] = []
  #round: Entry[] = []

  push(time: number, id: number): void {
    this.#pending.push({ time, id })
  }

  take(until: number): Entry | undefined {
    if (this.#round.length === 0) this.#begin(until)
    const [first] = this.#round
    return first !== undefined && first.time <= until ? this.#round.shift() : undefined
  }

  get size(): number {
    return this.#pending.length + this.#round.length
  }

  #begin(until: number): void {
    const time = Math.min(...this.#pending.map((entry) => entry.time))
    if (time > until) return
    this.#round = this.#pending.filter((entry) => entry.time === time)
    this.#pending.splice(0, Number.POSITIVE_INFINITY, ...this.#pending.filter((entry) => entry.time !== time))
    // A stable sort, and 2^20 nodes in 2^12 regions.
    if (this.#round.length > 512) this.#round.sort((a, b) => (nodeOf(a.id) >>> 8) - (nodeOf(b.id) >>> 8))
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
  { weight: 1, arbitrary: fc.record({ pushAtOnce: fc.integer({ min: 500, max: 600 }), at: delay }) },
  { weight: 3, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 40 }), within: delay }) },
  { weight: 1, arbitrary: fc.record({ takeAll: delay }) }
)

/** A calendar and its oracle, side by side. */
class Pair {
  readonly calendar = new Calendar<number>(NODES)
  readonly oracle = new Oracle()
  #id = 0

  push(delayMs: number): void {
    const id = ++this.#id
    const time = this.calendar.now + delayMs
    this.calendar.push(time, id & 7, nodeOf(id), id, -id, id)
    this.oracle.push(time, id)
  }

  /** Takes one of each and compares. Returns whether there was one. */
  take(until: number): boolean {
    const { calendar } = this
    const isThere = calendar.take(until, 1) === 1
    const taken = isThere ? { time: calendar.now, id: calendar.payloads[calendar.row] } : undefined
    expect(taken).toEqual(this.oracle.take(until))
    expect(calendar.size).toBe(this.oracle.size)
    return isThere
  }
}

describe('the calendar', () => {
  it('gives events in order of time, round by round, like a sorted array', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const pair = new Pair()
        for (const step of commands) {
          if ('push' in step) {
            for (const ms of step.push) pair.push(ms)
          } else if ('pushAtOnce' in step) {
            for (let i = 0; i < step.pushAtOnce; i++) pair.push(step.at)
          } else if ('take' in step) {
            const until = pair.calendar.now + step.within
            for (let i = 0; i < step.take; i++) pair.take(until)
          } else {
            const until = pair.calendar.now + step.takeAll
            while (pair.take(until));
            pair.calendar.advanceTo(until)
          }
        }
        while (pair.take(TIME_MAX));
        expect(pair.calendar.size).toBe(0)
      }),
      { seed: 20260101, numRuns: 200 }
    )
  })

  it('takes many at once, of one millisecond only, each with its words', () => {
    const calendar = new Calendar<string>(2 ** 28)
    for (let i = 0; i < 40; i++) calendar.push(5, i & 7, i, -1 - i, 2 ** 31 - 1 - i, `event ${i}`)
    calendar.push(6, 1, 2 ** 28 - 1, -(2 ** 31), 3, undefined)
    const taken: unknown[] = []
    for (let count = calendar.take(5, 100); count > 0; count = calendar.take(5, 100)) {
      for (let i = 0; i < count; i++) {
        const { kinds, nodes, firsts, seconds, payloads, row } = calendar
        const [kind, node, first, second] = [kinds, nodes, firsts, seconds].map((column) => column[row + i] as number)
        taken.push([kind, node, first, second, payloads[row + i]])
      }
    }
    expect(taken).toEqual(Array.from({ length: 40 }, (_, i) => [i & 7, i, -1 - i, 2 ** 31 - 1 - i, `event ${i}`]))
    expect(calendar.take(6, 100)).toBe(1)
    expect([calendar.kinds[calendar.row], calendar.nodes[calendar.row], calendar.firsts[calendar.row]]).toEqual([
      1,
      2 ** 28 - 1,
      -(2 ** 31),
    ])
  })

  it('takes what is pushed onto the running millisecond after what was there', () => {
    const calendar = new Calendar<string>(2 ** 28)
    calendar.push(7, 0, 0, 0, 0, 'a')
    calendar.push(7, 0, 0, 0, 0, 'b')
    expect(calendar.take(7, 1)).toBe(1)
    calendar.push(7, 0, 0, 0, 0, 'c')
    expect(calendar.take(7, 16)).toBe(1)
    expect(calendar.payloads[calendar.row]).toBe('b')
    expect(calendar.take(6, 16)).toBe(0)
    expect(calendar.take(7, 16)).toBe(1)
    expect(calendar.payloads[calendar.row]).toBe('c')
  })

  it('lets nothing happen after the end of time', () => {
    const calendar = new Calendar<string>(2 ** 28)
    calendar.push(TIME_MAX, 0, 0, 0, 0, 'last')
    calendar.push(TIME_MAX + 1, 0, 0, 0, 0, 'never')
    expect(calendar.size).toBe(1)
    expect(calendar.take(TIME_MAX, 16)).toBe(1)
    expect(calendar.now).toBe(TIME_MAX)
  })

  it('gives each node its events in the order they came, however many there are', () => {
    const calendar = new Calendar<number>(100_000)
    for (let id = 0; id < 5000; id++) calendar.push(9, 0, (id * 7919) % 50, id, 0, id)
    const lastOf = new Map<number, number>()
    let last = -1
    for (let count = calendar.take(9, 16); count > 0; count = calendar.take(9, 16)) {
      for (let i = calendar.row; i < calendar.row + count; i++) {
        const [node, id] = [calendar.nodes[i] as number, calendar.firsts[i] as number]
        expect(id).toBeGreaterThan(lastOf.get(node) ?? -1)
        lastOf.set(node, id)
        expect(node >> 5).toBeGreaterThanOrEqual(last)
        last = node >> 5
      }
    }
    expect(lastOf.size).toBe(50)
  })

  it('uses its memory again', () => {
    const calendar = new Calendar<number>(5000)
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
