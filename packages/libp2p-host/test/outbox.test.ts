import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Outbox, type Parcel } from '../src/outbox.ts'

const parcel = (length: number, fill: number, priority: number, type = 'T'): Parcel => ({
  frame: new Uint8Array(length).fill(fill),
  priority,
  type,
})

describe('an outbox', () => {
  it('gives messages in the order they came, whatever their priority', () => {
    const outbox = new Outbox()
    for (const [fill, priority] of [
      [1, 0],
      [2, 9],
      [3, 0],
      [4, 5],
    ] as const)
      outbox.push(parcel(1, fill, priority), 99)
    expect(outbox.take(99).map(([fill]) => fill)).toEqual([1, 2, 3, 4])
    expect(outbox.count).toBe(0)
  })

  it('drops the oldest of the lowest priority', () => {
    const outbox = new Outbox()
    outbox.push(parcel(4, 1, 3, 'QueryHit'), 12)
    outbox.push(parcel(4, 2, 1, 'Query'), 12)
    outbox.push(parcel(4, 3, 1, 'Query'), 12)
    expect(outbox.push(parcel(4, 4, 2, 'Pong'), 12)).toEqual(['Query'])
    expect(outbox.take(99).map(([fill]) => fill)).toEqual([1, 3, 4])
  })

  it('drops a newcomer that is less important than all that waits', () => {
    const outbox = new Outbox()
    outbox.push(parcel(8, 0, 2, 'Pong'), 10)
    expect(outbox.push(parcel(8, 0, 1, 'Query'), 10)).toEqual(['Query'])
    expect(outbox.push(parcel(11, 0, 3, 'Push'), 10)).toEqual(['Pong', 'Push'])
    expect(outbox.bytes).toBe(0)
  })

  it('keeps the newest of the most important of many, whoever shares them', () => {
    const mine = new Outbox()
    const theirs = new Outbox()
    const room = 100
    for (let i = 0; i < 20_000; i++) {
      const shared = parcel(1, i % 251, i % 20)
      mine.push(shared, room)
      theirs.push(shared, 2 * room)
    }
    // Of the highest priority alone there are 1,000: all room is theirs.
    const last = Array.from({ length: 1000 }, (_, k) => (20 * k + 19) % 251)
    expect(mine.take(1000).map(([fill]) => fill)).toEqual(last.slice(-room))
    expect(theirs.take(1000).map(([fill]) => fill)).toEqual(last.slice(-2 * room))
  })

  it('never holds more than allowed, loses nothing unsaid and keeps the order', () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ length: fc.integer({ min: 1, max: 40 }), priority: fc.integer({ min: 0, max: 19 }) }),
      },
      { weight: 1, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 80 }) }) }
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const outbox = new Outbox()
        const taken: number[] = []
        let pushed = 0
        let dropped = 0
        const read = (frames: Uint8Array[]): number =>
          taken.push(...frames.map((frame) => new DataView(frame.buffer).getUint16(0)))
        for (const each of steps) {
          if ('take' in each) {
            read(outbox.take(each.take))
            continue
          }
          const frame = new Uint8Array(each.length + 1)
          new DataView(frame.buffer).setUint16(0, ++pushed)
          dropped += outbox.push({ frame, priority: each.priority, type: 'T' }, 200).length
          expect(outbox.bytes).toBeLessThanOrEqual(200)
          expect(outbox.count).toBe(pushed - dropped - taken.length)
        }
        read(outbox.take(1000))
        expect(taken).toEqual(taken.toSorted((a, b) => a - b))
        expect(taken.length + dropped).toBe(pushed)
        expect(outbox.bytes).toBe(0)
      }),
      { seed: 4, numRuns: 300 }
    )
  })
})
