import { describe, expect, it } from 'vitest'
import { pastryFailure, pastryHops, pastryRelativeDistance, pastryTableQuality, runLookups } from '../src/index.ts'

const options = { nodes: 1000, lookups: 4000, seed: 1 }

describe('Pastry as its paper measures it, at 1,000 nodes', () => {
  it('Figure 4: takes 2.485 hops', () => {
    const { meanHops, success } = pastryHops(options)
    expect(Math.abs(meanHops - 2.485)).toBeLessThan(0.03)
    expect(success).toBe(1)
  })

  it('Figure 6: goes a third farther than straight', () => {
    expect(Math.abs(pastryRelativeDistance(options) - 1.329)).toBeLessThan(0.04)
  })

  it('Figure 7: joins fill tables with the nearest nodes, for no more messages than it says', () => {
    const { optimal, possible, empty, messagesPerJoin } = pastryTableQuality({ nodes: 400, seed: 1 })
    expect(optimal[0]).toBeGreaterThan(14)
    expect(optimal[1]).toBeGreaterThan(0.9 * (possible[1] as number))
    expect(empty).toBeLessThan(0.3)
    expect(messagesPerJoin).toBeLessThan(1.5 * 48 * (Math.log(400) / Math.log(16)))
  })

  it('Figure 10: a tenth of the nodes failing costs a fraction of a hop, of which repair brings back the most', () => {
    const { before, withoutRepair, afterRepair } = pastryFailure({ ...options, lookups: 12_000, failed: 100 })
    expect(withoutRepair.meanHops - before.meanHops).toBeGreaterThan(0.05)
    expect(afterRepair.meanHops).toBeLessThan((before.meanHops + withoutRepair.meanHops) / 2)
    expect(withoutRepair.success).toBeGreaterThan(0.99)
  })
})

describe('the scenario', () => {
  it('finds who is responsible while nodes come and go', () => {
    const { success, maintenanceMessagesPerNodePerSecond } = runLookups('pastry', {
      nodes: 300,
      lookups: 1000,
      churn: 300,
      seed: 1,
    })
    expect(success).toBeGreaterThan(0.98)
    expect(maintenanceMessagesPerNodePerSecond).toBeLessThan(4)
  })

  it('finds values after three nodes in ten crashed', () => {
    const result = runLookups('pastry', { nodes: 300, lookups: 600, keys: 100, fail: 0.3, seed: 1 })
    expect(result.atOnce?.success).toBeGreaterThan(0.95)
    expect(result.later?.success).toBeGreaterThan(0.99)
    expect(result.values).toMatchObject({ replicas: 8, foundLater: 1 })
  })

  it('gives the same result with every message passed through its bytes', () => {
    const run = (wire: boolean) => runLookups('pastry', { nodes: 150, lookups: 300, joins: 'ideal', fail: 0.1, wire })
    expect(run(true)).toEqual(run(false))
  })
})
