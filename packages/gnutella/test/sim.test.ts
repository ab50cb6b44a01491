import { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { randomGraph, Simulator, type SimulatorOptions, uniformLatency } from '@servent/simulator'
import { describe, expect, it } from 'vitest'
import {
  type GnutellaConfig,
  type GnutellaEvent,
  gnutella04,
  type Message,
  type QueryHitEvent,
  type Servent,
} from '../src/index.ts'

type Options = SimulatorOptions<Message, GnutellaEvent, GnutellaConfig>

const second = 1000
const minute = 60 * second

/** A network that stands: nobody dials, nobody pings. */
const still = { ...gnutella04.defaults, neighborsTarget: 0, maintenanceIntervalMs: 0, joinTtl: 0 }

function sharing(name: string): Library {
  const library = new Library()
  library.add({ name, size: 1000, sha1: undefined, cid: undefined })
  return library
}

function simulator(options: Options): Simulator<Message, GnutellaEvent, GnutellaConfig, Servent> {
  const sim = new Simulator(gnutella04, { latency: uniformLatency(10, 100), ...options })
  sim.start()
  return sim
}

/** Puts neighbors side by side at random, on average `degree` each. */
function wire(sim: ReturnType<typeof simulator>, degree: number): void {
  const edges = randomGraph(sim.nodes, degree, sim.random('topology'))
  for (let i = 0; i < edges.length; i += 2) {
    const [a, b] = [edges[i] as number, edges[i + 1] as number]
    sim.link(a, b)
    sim.machine(a).adopt(toPeer(b))
    sim.machine(b).adopt(toPeer(a))
  }
}

describe('a thousand servents', () => {
  function flood(isWire: boolean) {
    const hits: QueryHitEvent[] = []
    let queryCount = 0
    const sim = simulator({
      nodes: 1000,
      seed: 1,
      wire: isWire,
      configOf: (node) => (node % 20 === 0 ? { ...still, library: sharing(`alpha ${node}`) } : still),
      onEvent: (_, event) => {
        if (event.type === 'query-hit') hits.push(event)
      },
      observer: {
        onDeliver: (_to, _from, { type }) => {
          if (type === 'Query') queryCount++
        },
      },
    })
    wire(sim, 4)
    sim.schedule(0, () => sim.machine(1).query('alpha'))
    sim.run(minute)
    const duplicateCount = Array.from({ length: 1000 }, (_, node) => sim.machine(node).drops.duplicate ?? 0)
    return {
      hits,
      queryCount,
      duplicates: duplicateCount.reduce((sum, count) => sum + count),
      fingerprint: sim.fingerprint,
    }
  }

  it('are nearly all reached by a flood with TTL 7, each file told once, each loop cut', () => {
    const { hits, queryCount, duplicates } = flood(false)
    expect(hits.length).toBeGreaterThan(0.9 * 50)
    expect(new Set(hits.map(({ name }) => name)).size).toBe(hits.length)
    for (const { hops } of hits) expect(hops >= 1 && hops <= 7).toBe(true)
    // Whoever was reached took the first that came; all others that came were duplicates.
    expect(queryCount - duplicates).toBeGreaterThan(0.85 * 1000)
    expect(queryCount - duplicates).toBeLessThan(1000)
    expect(duplicates).toBeGreaterThan(500)
  })

  it('do the same with every message through its bytes', () => {
    expect(flood(true).fingerprint).toBe(flood(false).fingerprint)
  })
})

describe('fifty servents', () => {
  it('that know one host find each other, and keep as many neighbors as they want', () => {
    const sim = simulator({ nodes: 50, seed: 2 })
    for (let node = 1; node < 50; node++) {
      sim.schedule(node * second, () => sim.machine(node).addHost(toPeer(0)))
    }
    sim.run(5 * minute)
    const counts = Array.from({ length: 50 }, (_, node) => sim.machine(node).neighbors.length)
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(3)
    expect(Math.max(...counts)).toBeLessThanOrEqual(
      gnutella04.defaults.neighborsMax + gnutella04.defaults.neighborsTarget
    )
    // The one that everybody knew goes; nobody is cut off.
    sim.crash(0)
    sim.run(10 * minute)
    const left = Array.from({ length: 49 }, (_, i) => sim.machine(i + 1).neighbors)
    expect(Math.min(...left.map((neighbors) => neighbors.length))).toBeGreaterThanOrEqual(3)
    for (const neighbors of left) expect(neighbors).not.toContain(0)
    expect(reachable(sim, 1)).toBe(49)
  })

  it('are not drowned by one of them that sends a thousand queries a second', () => {
    const hitsOf = new Map<string, number>()
    let queryCount = 0
    const sim = simulator({
      nodes: 50,
      seed: 3,
      configOf: (node) => ({ ...still, library: sharing(`alpha ${node}`) }),
      onEvent: (_, event) => {
        if (event.type === 'query-hit') hitsOf.set(event.guid, (hitsOf.get(event.guid) ?? 0) + 1)
      },
      observer: {
        onDeliver: (_to, from, { type }) => {
          if (type === 'Query' && from !== 49) queryCount++
        },
      },
    })
    wire(sim, 4)
    for (let i = 0; i < 30_000; i++) sim.schedule(i, () => sim.machine(49).query('junk'))
    const honest: string[] = []
    for (let i = 0; i < 20; i++) {
      sim.schedule(11 * second + i * second, () => honest.push(sim.machine(i).query('alpha', { ttl: 7 })))
    }
    sim.run(minute)
    // The flooder is out: nobody takes it for a neighbor any more.
    expect(sim.machine(49).neighbors).toEqual([])
    // Each of its neighbors let ten through, and those are one flood each at the most.
    expect(queryCount).toBeLessThan((4 * 10 + honest.length) * 3 * 50)
    for (let node = 0; node < 49; node++) {
      expect(sim.machine(node).neighbors.length).toBeGreaterThanOrEqual(1)
    }
    // Honest queries are answered by all that they reach: 48 others.
    const answered = honest.map((guid) => hitsOf.get(guid) ?? 0)
    expect(answered.filter((count) => count >= 46).length).toBeGreaterThanOrEqual(0.95 * honest.length)
  })
})

/** How many servents can be reached over neighbors. */
function reachable(sim: ReturnType<typeof simulator>, from: number): number {
  const found = new Set([from])
  for (const node of found) for (const peer of sim.machine(node).neighbors) found.add(peer as number)
  return found.size
}
