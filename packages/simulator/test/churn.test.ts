import { churn, Simulator } from '@servent/simulator'
import { describe, expect, it } from 'vitest'
import { flood } from './flood.ts'

const minute = 60_000

function upCount(simulator: { nodes: number; isUp(node: number): boolean }): number {
  let count = 0
  for (let node = 0; node < simulator.nodes; node++) if (simulator.isUp(node)) count++
  return count
}

function churning(options: { absenceHalfLifeMs?: number; crashShare?: number }, seed = 1) {
  const simulator = new Simulator(flood, { nodes: 2000, seed })
  const returned: number[] = []
  simulator.start()
  churn(simulator, { sessionHalfLifeMs: 10 * minute, ...options }, (node) => returned.push(node))
  return { simulator, returned }
}

describe('churn', () => {
  it('ends half of the sessions within their half-life', () => {
    const { simulator, returned } = churning({ absenceHalfLifeMs: 10_000 * minute })
    simulator.run(10 * minute)
    expect(upCount(simulator) / 2000).toBeCloseTo(0.5, 1)
    simulator.run(20 * minute)
    expect(upCount(simulator) / 2000).toBeCloseTo(0.25, 1)
    expect(returned.length).toBeLessThan(10)
  })

  it('settles where as many come as go', () => {
    const { simulator, returned } = churning({ absenceHalfLifeMs: 5 * minute })
    simulator.run(120 * minute)
    expect(upCount(simulator) / 2000).toBeCloseTo(2 / 3, 1)
    expect(returned.length).toBeGreaterThan(2000)
  })

  it('is the same for the same seed', () => {
    const [a, b, c] = [churning({}, 1), churning({}, 1), churning({}, 2)]
    for (const { simulator } of [a, b, c]) simulator.run(60 * minute)
    expect(b.returned).toEqual(a.returned)
    expect(b.simulator.fingerprint).toBe(a.simulator.fingerprint)
    expect(c.simulator.fingerprint).not.toBe(a.simulator.fingerprint)
  })

  it('tells the peers of those who leave, unless they crash', () => {
    for (const [crashShare, noticedAt] of [
      [0, 50],
      [1, 10_000],
    ] as const) {
      const { simulator } = churning({ crashShare, absenceHalfLifeMs: 10_000 * minute })
      simulator.link(0, 1)
      simulator.run(0)
      while (simulator.isUp(0) && simulator.isUp(1)) simulator.step(1, 1000 * minute)
      const leftAt = simulator.now
      const stayed = simulator.isUp(0) ? 0 : 1
      simulator.run(leftAt + noticedAt - 1)
      expect(simulator.machine(stayed).neighborCount).toBe(1)
      simulator.run(leftAt + noticedAt)
      expect(simulator.machine(stayed).neighborCount).toBe(0)
    }
  })
})
