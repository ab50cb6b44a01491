import { Catalog, QueryLedger } from '@servent/scenarios'
import { randomFor } from '@servent/simulator'
import { describe, expect, it } from 'vitest'

const workload = new Catalog(100, randomFor(1, 'test'))
const file = workload.draw(randomFor(2, 'test'))
const holder = [...workload.holdersOf(file)].find((node) => node > 1) as number
const other = Array.from({ length: 100 }, (_, node) => node).find((node) => node > 1 && !workload.holds(node, file))

describe('the books of queries', () => {
  it('tell a node that is reached from one that is reached again', () => {
    const ledger = new QueryLedger(100, workload, (node) => node !== 0)
    ledger.asked('a', 1, file, 1, 0)
    for (const node of [1, 0, holder, other as number, other as number]) ledger.delivered('a', node, 2)
    ledger.delivered('unknown', 5, 1)
    expect(ledger.reach(1, 50)).toEqual({
      nodesReachedPerQuery: 3,
      duplicatesPerQuery: 2,
      meanHops: 2,
      hopHistogram: [1, 0, 3],
      leavesReachedPerQuery: 2,
      leavesReachedWithoutMatch: 0.5,
      leavesReachedInVain: 1 / 50,
    })
  })

  it('count each node that answers once, and no more than are wanted', () => {
    const ledger = new QueryLedger(100, workload)
    ledger.asked(1, 0, file, 80, 1000)
    ledger.asked(2, 0, file, 4, 1000)
    ledger.asked(3, 0, file, 1, 1000, 1)
    for (let peer = 0; peer < 60; peer++) ledger.answered(1, peer, 1300 + peer)
    for (const peer of [7, 7, 8]) ledger.answered(2, peer, 1500)
    expect(ledger.findings(0)).toEqual({
      hitsPerQuery: 31,
      resultsPerQuery: 26,
      recall: 62 / 84,
      recallWanted: 52 / 54,
      recallRare: 2 / 4,
      rareQueries: 1,
      latencyMs: { p50: 300, p95: 500 },
    })
    expect(ledger.findings(1)).toMatchObject({ recall: 0, recallRare: 0, latencyMs: { p50: 0, p95: 0 } })
    expect(ledger.findings().rareQueries).toBe(2)
    expect(new QueryLedger(100, workload).findings().recall).toBe(1)
  })
})
