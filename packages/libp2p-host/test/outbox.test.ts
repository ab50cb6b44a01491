import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Outbox } from '../src/outbox.ts'

const bytes = (length: number, fill = 0): Uint8Array => new Uint8Array(length).fill(fill)

describe('an outbox', () => {
  it('gives messages in the order they came, whatever their priority', () => {
    const outbox = new Outbox()
    for (const [fill, priority] of [
      [1, 0],
      [2, 9],
      [3, 0],
      [4, 5],
    ] as const)
      outbox.push(bytes(1, fill), priority, 'T', 99)
    expect(outbox.take(99).map(([fill]) => fill)).toEqual([1, 2, 3, 4])
    expect(outbox.count).toBe(0)
  })

  it('drops the oldest of the lowest priority', () => {
    const outbox = new Outbox()
    outbox.push(bytes(4, 1), 3, 'QueryHit', 12)
    outbox.push(bytes(4, 2), 1, 'Query', 12)
    outbox.push(bytes(4, 3), 1, 'Query', 12)
    expect(outbox.push(bytes(4, 4), 2, 'Pong', 12)).toEqual(['Query'])
    expect(outbox.take(99).map(([fill]) => fill)).toEqual([1, 3, 4])
  })

  it('drops a newcomer that is less important than all that waits', () => {
    const outbox = new Outbox()
    outbox.push(bytes(8), 2, 'Pong', 10)
    expect(outbox.push(bytes(8), 1, 'Query', 10)).toEqual(['Query'])
    expect(outbox.push(bytes(11), 3, 'Push', 10)).toEqual(['Pong', 'Push'])
    expect(outbox.bytes).toBe(0)
  })

  it('never holds more than allowed, loses nothing unsaid and keeps the order', () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ length: fc.integer({ min: 1, max: 40 }), priority: fc.integer({ min: 0, max: 3 }) }),
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
          dropped += outbox.push(frame, each.priority, 'T', 200).length
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
