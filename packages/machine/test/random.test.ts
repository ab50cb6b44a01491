import { describe, expect, it } from 'vitest'
import { pick, randomInt, sample, shuffle, toPeer } from '../src/index.ts'
import { RecordingHost } from '../src/testing/index.ts'

const host = new RecordingHost<never, never>(toPeer(0))
const random = () => host.random()

/** Pearson's statistic of counts against a uniform distribution. */
function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)
}

describe('random choices', () => {
  it('draws each whole number below the bound equally often', () => {
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 100_000; i++) {
      const drawn = randomInt(random, 10)
      counts[drawn] = (counts[drawn] as number) + 1
    }
    // 9 degrees of freedom: 27.9 is exceeded once in a thousand.
    expect(chiSquare(counts)).toBeLessThan(27.9)
  })

  it('shuffles into every order equally often, unlike a sort by random numbers', () => {
    const counts = new Map<string, number>()
    for (let i = 0; i < 60_000; i++) {
      const order = shuffle(random, ['a', 'b', 'c', 'd']).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    // 23 degrees of freedom: 49.7 is exceeded once in a thousand.
    expect(chiSquare([...counts.values()])).toBeLessThan(49.7)
  })

  it('takes different items in a sample, and leaves the list as it was', () => {
    const items = [1, 2, 3, 4, 5]
    for (let i = 0; i < 100; i++) expect(new Set(sample(random, items, 3)).size).toBe(3)
    expect(items).toEqual([1, 2, 3, 4, 5])
    expect(sample(random, items, 9).toSorted()).toEqual(items)
    expect(sample(random, items, 0)).toEqual([])
  })

  it('picks nothing from nothing', () => {
    expect(pick(random, [])).toBeUndefined()
    expect(pick(random, ['only'])).toBe('only')
  })

  it('never reaches the bound, even when the source gives its largest number', () => {
    expect(randomInt(() => 1 - 2 ** -53, 1000)).toBe(999)
  })
})
