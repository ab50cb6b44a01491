import { type GnutellaConfig, type GnutellaEvent, gnutella04, type Message, type Servent } from '@servent/gnutella'
import { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { runScenario } from '@servent/scenarios'
import { randomGraph, Simulator } from '@servent/simulator'
import { describe, expect, it } from 'vitest'

type Network = Simulator<Message, GnutellaEvent, GnutellaConfig, Servent>

interface Figure {
  readonly simulator: Network
  /** Who has answered so far. */
  readonly answers: Set<unknown>
  /** Query messages sent so far. */
  readonly queryCount: () => number
}

/** A network as one would draw it: some servents, some links, and one of them has the file. */
function draw(nodes: number, degree: number, ttl: number, holder: number, seed: number): Figure {
  const library = new Library()
  library.add({ name: 'blue train.mp3', size: 1, sha1: undefined, cid: undefined })
  const config = { ...gnutella04.defaults, ttl, ttlMax: ttl, maintenanceIntervalMs: 0, joinTtl: 0 }
  const answers = new Set<unknown>()
  let queries = 0
  const simulator: Network = new Simulator(gnutella04, {
    nodes,
    seed,
    configOf: (node) => (node === holder ? { ...config, library } : config),
    onEvent: (_node, event) => {
      if (event.type === 'query-hit') answers.add(event.peer)
    },
    observer: {
      onSend: (_node, _to, { type }) => {
        if (type === 'Query') queries++
      },
    },
  })
  simulator.start()
  const edges = randomGraph(nodes, degree, simulator.random('topology'))
  for (let i = 0; i < edges.length; i += 2) {
    const [a, b] = [edges[i] as number, edges[i + 1] as number]
    simulator.link(a, b)
    simulator.machine(a).adopt(toPeer(b))
    simulator.machine(b).adopt(toPeer(a))
  }
  simulator.run(1000)
  return { simulator, answers, queryCount: () => queries }
}

describe('flooding, as a lecture on peer-to-peer networks tells it', () => {
  it('finds more the farther a query may travel', () => {
    const recalls = [1, 2, 3, 4, 5, 6, 7, 8].map((ttl) => runScenario('gnutella-0.4', { nodes: 2000, ttl }).recall)
    for (let i = 1; i < recalls.length; i++) expect(recalls[i]).toBeGreaterThan(recalls[i - 1] as number)
    expect(recalls[0]).toBeLessThan(0.02)
    expect(recalls.at(-1)).toBeGreaterThan(0.98)
  })

  it('pays for redundant links with duplicates', () => {
    const results = [2, 3, 4, 6, 8].map((degree) => runScenario('gnutella-0.4', { nodes: 1000, degree, ttl: 12 }))
    const duplicates = results.map(
      ({ duplicatesPerQuery, nodesReachedPerQuery }) => duplicatesPerQuery / nodesReachedPerQuery
    )
    for (let i = 1; i < duplicates.length; i++) expect(duplicates[i]).toBeGreaterThan(duplicates[i - 1] as number)
    // Who is reached sends to all neighbors but one; all but one copy a node are too many.
    expect(duplicates.at(-1)).toBeCloseTo(8 - 2, 1)
  })

  it('costs forty messages for a search of four hops in a small figure', () => {
    // Twenty-one servents with thirty links: each link carries the query once or twice, 2 * 30 - (21 - 1) = 40 times in all.
    const { simulator, answers, queryCount } = draw(21, 60 / 21, 5, 20, 11)
    simulator.machine(0).query('blue train')
    simulator.run(5000)
    expect(queryCount()).toBe(40)
    expect(answers).toEqual(new Set([toPeer(20)]))
  })

  it('goes on without any one of the nodes, whichever it is', () => {
    const holder = 59
    for (let removed = 0; removed < 60; removed++) {
      if (removed === holder) continue
      const { simulator, answers } = draw(60, 4, 7, holder, 1)
      simulator.stop(removed)
      simulator.run(2000)
      simulator.machine(removed === 0 ? 1 : 0).query('blue train')
      simulator.run(4000)
      expect(answers, `without node ${removed}`).toEqual(new Set([toPeer(holder)]))
    }
  })

  it('does not scale: each node that there is sees each query that is asked', () => {
    for (const nodes of [250, 500, 1000, 2000]) {
      const { messages, queries } = runScenario('gnutella-0.4', { nodes, ttl: 14 })
      expect((messages.Query as number) / queries / nodes).toBeCloseTo(3, 1)
    }
  })
})
