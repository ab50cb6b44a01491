import { runScenario } from '@servent/scenarios'
import { describe, expect, it } from 'vitest'

const small = { nodes: 300, queries: 10 }

describe('a central index', () => {
  it('gives the same result for the same options, and when every message passes through the codec', () => {
    const result = runScenario('napster', small)
    expect(runScenario('napster', small)).toEqual(result)
    expect(runScenario('napster', { ...small, wire: true })).toEqual(result)
    expect(runScenario('napster', { ...small, seed: 2 }).fingerprint).not.toBe(result.fingerprint)
  })

  it('finds everything with one message out, and the answers to it back', () => {
    const result = runScenario('napster', small)
    const { Search, SearchResult, SearchEnd } = result.messagesPerQueryByKind
    expect([Search, SearchEnd]).toEqual([1, 1])
    expect(SearchResult).toBe(result.hitsPerQuery)
    expect([result.recall, result.recallWanted, result.recallRare]).toEqual([1, 1, 1])
    expect(result.latencyMs).toEqual({ p50: 100, p95: 100 })
  })

  it('disturbs nobody who has nothing', () => {
    const { nodesReachedPerQuery, leavesReachedPerQuery } = runScenario('napster', small)
    expect([nodesReachedPerQuery, leavesReachedPerQuery]).toEqual([1, 0])
  })
})
