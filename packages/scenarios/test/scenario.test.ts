import { createExperiment, runScenario, SCENARIOS } from '@servent/scenarios'
import { describe, expect, it } from 'vitest'

const small = { nodes: 300, queries: 5 }

describe('an experiment', () => {
  it('gives the same result for the same options, to the last bit, and another for another seed', () => {
    const result = runScenario('gnutella-0.4', small)
    expect(runScenario('gnutella-0.4', small)).toEqual(result)
    expect(runScenario('gnutella-0.4', { ...small, seed: 2 }).fingerprint).not.toBe(result.fingerprint)
  })

  it('gives the same result when every message passes through the codec', () => {
    for (const options of [
      small,
      { ...small, loss: 0.1, latency: 'uniform:10-90' },
      { ...small, nodes: 100, churn: 60 },
    ]) {
      expect(runScenario('gnutella-0.4', { ...options, wire: true })).toEqual(runScenario('gnutella-0.4', options))
    }
  })

  it('gives the same result in small steps, and says how far it is', () => {
    const experiment = createExperiment('gnutella-0.4', small)
    const progress = [experiment.progress]
    while (experiment.step(97)) progress.push(experiment.progress)
    expect(experiment.result()).toEqual(runScenario('gnutella-0.4', small))
    expect(progress[0]).toBe(0)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(experiment.progress).toBe(1)
  })

  it('does not move when the code is turned inside out', () => {
    expect(runScenario('gnutella-0.4', small).fingerprint).toMatchInlineSnapshot(`"cd892b455975fe83"`)
  })

  it('counts what a flood is made of', () => {
    const result = runScenario('gnutella-0.4', { nodes: 500, degree: 5, ttl: 20, queries: 7 })
    const links = (500 * 5) / 2
    expect(result.nodesReachedPerQuery).toBe(499)
    expect(result.messages.Query).toBe(7 * (2 * links - 499))
    expect(result.duplicatesPerQuery).toBe(2 * links - 499 - 499)
    expect(result.hopHistogram[0]).toBe(7)
    expect(result.hopHistogram.reduce((sum, count) => sum + count)).toBe(7 * 500)
    expect(result.recall).toBe(1)
  })

  it('loses some of the nodes with some of the messages', () => {
    const whole = runScenario('gnutella-0.4', { nodes: 500, ttl: 7 })
    const lossy = runScenario('gnutella-0.4', { nodes: 500, ttl: 7, loss: 0.05 })
    expect(lossy.drops.loss).toBeGreaterThan(0)
    expect(lossy.recall).toBeLessThan(whole.recall)
    expect(lossy.recall).toBeGreaterThan(0.5)
  })

  it('knits itself together again while nodes come and go', () => {
    const result = runScenario('gnutella-0.4', { nodes: 200, queries: 10, churn: 60 })
    expect(result.recall).toBeGreaterThan(0.7)
    expect(result.messages.Connect).toBeGreaterThan(200)
  })

  it('is refused with a sentence when it cannot be', () => {
    const complaints = [
      ['chord', {}, 'There is no scenario named chord; there is gnutella-0.4, gnutella-0.6, napster.'],
      ['gnutella-0.4', { nodes: 1 }, 'nodes must be a whole number from 2 to 10000000, not 1.'],
      ['gnutella-0.4', { ttl: 2.5 }, 'ttl must be a whole number from 1 to 250, not 2.5.'],
      ['gnutella-0.4', { loss: Number.NaN }, 'loss must be a number from 0 to 1, not NaN.'],
      ['gnutella-0.4', { nodes: 5, degree: 5 }, 'degree must be less than the number of nodes, 5, not 5.'],
      ['gnutella-0.4', { latency: 'uniform:9-3' }, /^latency must be .* not uniform:9-3\.$/],
    ] as const
    for (const [name, options, complaint] of complaints) {
      expect(() => runScenario(name, options)).toThrow(complaint)
    }
    expect([...SCENARIOS.keys()]).toEqual(['gnutella-0.4', 'gnutella-0.6', 'napster'])
  })

  it('runs at its smallest', () => {
    const result = runScenario('gnutella-0.4', { nodes: 2, degree: 2, ttl: 1, queries: 1 })
    expect(result.nodesReachedPerQuery).toBe(1)
  })
})
