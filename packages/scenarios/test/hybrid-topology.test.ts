import { randomFor } from '@servent/simulator'
import { describe, expect, it } from 'vitest'
import { hybridTopology, ultrapeerCount } from '../src/hybrid-topology.ts'

describe('a topology of ultrapeers and leaves', () => {
  it('has as many ultrapeers as it takes for so many leaves each', () => {
    expect(ultrapeerCount(100_000, 60)).toBe(4762)
    expect(ultrapeerCount(2, 60)).toBe(2)
    expect(ultrapeerCount(40, 1000)).toBe(2)
  })

  it('gives each leaf three different ultrapeers, and ultrapeers about as many leaves each', () => {
    const nodes = 2000
    const ultrapeers = ultrapeerCount(nodes, 27)
    const { start, peers } = hybridTopology(nodes, ultrapeers, 10, randomFor(1, 'test'))
    const leafCounts: number[] = []
    let links = 0
    for (let node = 0; node < nodes; node++) {
      const neighbors = [...peers.slice(start[node], start[node + 1])]
      expect(new Set(neighbors).size).toBe(neighbors.length)
      const above = neighbors.filter((peer) => peer < ultrapeers).length
      if (node >= ultrapeers) expect([above, neighbors.length]).toEqual([3, 3])
      else {
        links += above
        leafCounts.push(neighbors.length - above)
      }
    }
    expect(links / ultrapeers).toBeCloseTo(10, 1)
    expect(Math.min(...leafCounts)).toBeGreaterThan(20)
    expect(Math.max(...leafCounts)).toBeLessThan(30)
  })

  it('is there for two ultrapeers, too', () => {
    const { start } = hybridTopology(10, 2, 32, randomFor(1, 'test'))
    expect([...start]).toEqual([0, 9, 18, 20, 22, 24, 26, 28, 30, 32, 34])
  })
})
