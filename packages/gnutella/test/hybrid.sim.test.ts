import { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { Simulator, type SimulatorOptions, uniformLatency } from '@servent/simulator'
import { describe, expect, it } from 'vitest'
import {
  type GnutellaEvent,
  gnutella06,
  type HybridConfig,
  type HybridServent,
  type Message,
  type QueryHitEvent,
} from '../src/index.ts'

type Options = SimulatorOptions<Message, GnutellaEvent, HybridConfig>

const second = 1000
const minute = 60 * second

function sharing(...names: string[]): Library {
  const library = new Library()
  for (const name of names) library.add({ name, size: 1000, sha1: undefined, cid: undefined })
  return library
}

function simulator(options: Options): Simulator<Message, GnutellaEvent, HybridConfig, HybridServent> {
  return new Simulator(gnutella06, { latency: uniformLatency(10, 100), ...options })
}

describe('fifty servents of 0.6 that know one host', () => {
  const hits: QueryHitEvent[] = []
  const queried = new Set<number>()
  const sim = simulator({
    nodes: 50,
    seed: 1,
    configOf: (node) => ({
      ...gnutella06.defaults,
      capacity: node < 5 ? 1 : 0.5,
      library: sharing(`file ${node}`, node % 10 === 7 ? `alpha ${node}` : `beta ${node}`),
    }),
    onEvent: (_, event) => {
      if (event.type === 'query-hit') hits.push(event)
    },
    observer: {
      onDeliver: (to, _from, { type }) => {
        if (type === 'Query') queried.add(to)
      },
    },
  })
  sim.start()
  for (let node = 1; node < 50; node++) {
    sim.schedule(100 * node, () => sim.machine(node).addHost(toPeer(0)))
  }
  sim.run(2 * minute)

  it('are leaves of three ultrapeers each, or ultrapeers among themselves', () => {
    for (let node = 0; node < 50; node++) {
      const { role, ultrapeers, leaves } = sim.machine(node)
      expect([node, role]).toEqual([node, node < 5 ? 'ultrapeer' : 'leaf'])
      expect([node, ultrapeers.length]).toEqual([node, node < 5 ? 4 : 3])
      if (node >= 5) expect(leaves).toEqual([])
    }
  })

  it('carry a query to the leaves whose tables match, and to no other', () => {
    sim.schedule(0, () => sim.machine(20).query('alpha'))
    sim.run(sim.now + minute)
    expect(hits.map(({ name }) => name).sort()).toEqual(['alpha 17', 'alpha 27', 'alpha 37', 'alpha 47', 'alpha 7'])
    expect([...queried].filter((node) => node >= 5).sort()).toEqual([17, 27, 37, 47, 7])
  })
})
