import { runScenario } from '@servent/scenarios'
import { describe, expect, it } from 'vitest'

const small = { nodes: 300, degree: 8, leaves: 12, queries: 5 }

describe('Gnutella 0.6 with ultrapeers and leaves', () => {
  it('gives the same result for the same options, to the last bit, and another for another seed', () => {
    const result = runScenario('gnutella-0.6', small)
    expect(runScenario('gnutella-0.6', small)).toEqual(result)
    expect(runScenario('gnutella-0.6', { ...small, seed: 2 }).fingerprint).not.toBe(result.fingerprint)
  })

  it('gives the same result when every message passes through the codec', () => {
    expect(runScenario('gnutella-0.6', { ...small, wire: true })).toEqual(runScenario('gnutella-0.6', small))
  })

  it('begins with the topology that was asked for, and keeps it', () => {
    const { ultrapeers, leavesPerUltrapeer, linksPerUltrapeer, tableFill } = runScenario('gnutella-0.6', small)
    expect(ultrapeers).toBe(60)
    expect(leavesPerUltrapeer).toBe(12)
    // Whoever has fewer than most looks for more.
    expect(linksPerUltrapeer).toBeGreaterThan(7.9)
    expect(linksPerUltrapeer).toBeLessThan(9)
    expect(tableFill).toBeGreaterThan(0)
    expect(tableFill).toBeLessThan(0.1)
  })

  it('finds nearly all that is wanted with a small part of the messages of a flood', () => {
    const options = { nodes: 1500, queries: 15, workload: 'own' } as const
    const hybrid = runScenario('gnutella-0.6', { ...options, degree: 10, leaves: 30 })
    const flood = runScenario('gnutella-0.4', { ...options, ttl: 12 })
    expect(flood.recall).toBe(1)
    expect(hybrid.recallWanted).toBeGreaterThan(0.95)
    expect(hybrid.recallRare).toBeGreaterThan(0.95)
    expect(hybrid.messagesPerQuery).toBeLessThan(flood.messagesPerQuery / 6)
    expect(hybrid.bytesPerNodePerSecond).toBeLessThan(flood.bytesPerNodePerSecond / 5)
    // A flood disturbs everyone, a routed query hardly any leaf that has nothing to answer.
    expect(flood.leavesReachedWithoutMatch).toBeGreaterThan(0.9)
    expect(hybrid.leavesReachedPerQuery).toBeLessThan(flood.leavesReachedPerQuery / 20)
  })

  it('asks for the same files from the same nodes as a flood does', () => {
    const options = { nodes: 300, queries: 40, workload: 'own', degree: 8 } as const
    const hybrid = runScenario('gnutella-0.6', options)
    const flood = runScenario('gnutella-0.4', options)
    expect(hybrid.rareQueries).toBe(flood.rareQueries)
    expect(hybrid.hitsPerQuery / hybrid.recall).toBeCloseTo(flood.hitsPerQuery / flood.recall, 6)
  })

  it('gets over the crash of a third of its ultrapeers within half a minute', () => {
    const result = runScenario('gnutella-0.6', {
      nodes: 1000,
      degree: 12,
      leaves: 30,
      queries: 60,
      failUltrapeers: 0.33,
    })
    const { crashed, orphans, recoverySeconds, recallBefore, recallAfter } = result.failure ?? expect.fail('no failure')
    expect(crashed).toBe(30)
    expect(orphans).toBeGreaterThan(0)
    expect(recoverySeconds).toBeLessThan(30)
    expect(recallBefore).toBeGreaterThan(0.95)
    expect(recallAfter).toBeGreaterThan(recallBefore - 0.02)
  })

  it('forms by itself where nodes know a few others, and finds what there is', () => {
    const result = runScenario('gnutella-0.6', { nodes: 300, degree: 8, leaves: 20, queries: 30, grown: true })
    expect(result.ultrapeers).toBeGreaterThan(20)
    expect(result.ultrapeers).toBeLessThan(120)
    expect(result.linksPerUltrapeer).toBeGreaterThan(4)
    expect(result.recallWanted).toBeGreaterThan(0.9)
  })
})
