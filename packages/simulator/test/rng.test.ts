import { describe, expect, it } from 'vitest'
import { exponential, RandomStreams, randomFor } from '../src/index.ts'

describe('streams of randomness', () => {
  it('are xoroshiro64**', () => {
    // From the test of the rand_xoshiro crate, whose numbers come from the authors' C: state 1, 2.
    const numbers = [3802928447, 813792938, 1618621494, 2955957307, 3252880261, 1129983909, 2539651700, 1327610908]
    const streams = new RandomStreams(Int32Array.of(1, 2))
    expect(numbers.map(() => streams.next(0) * 2 ** 32)).toEqual(numbers)
  })

  it('are uniform, each and all together', () => {
    const streams = RandomStreams.seeded(1000, 7)
    const chiSquare = (draw: (i: number) => number) => {
      const counts = new Array<number>(100).fill(0)
      for (let i = 0; i < 100_000; i++) {
        const at = Math.floor(draw(i) * 100)
        counts[at] = (counts[at] as number) + 1
      }
      return counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    }
    // 99 degrees of freedom: above 160 once in ten thousand.
    expect(chiSquare(() => streams.next(5))).toBeLessThan(160)
    expect(chiSquare((i) => streams.next(i % 1000))).toBeLessThan(160)
    const first = RandomStreams.seeded(100_000, 7)
    expect(chiSquare((i) => first.next(i))).toBeLessThan(160)
  })

  it('differ by purpose', () => {
    expect(randomFor(1, 'loss')()).not.toBe(randomFor(1, 'latency')())
  })

  it('give exponential numbers of the mean asked for', () => {
    const random = randomFor(1, 'test')
    let sum = 0
    for (let i = 0; i < 20_000; i++) sum += exponential(random, 30)
    expect(sum / 20_000).toBeCloseTo(30, -1)
  })
})
