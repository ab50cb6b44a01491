import { toPeer } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import { gnutella06, type HybridConfig } from '../src/index.ts'
import { hits, minute, reachable, second, sharing, type World, world } from './hybrid-rig.ts'

const { defaults } = gnutella06
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** Ultrapeers in a ring of many chords, and leaves with three of them each, as they stand. */
function topology(net: World, ultrapeers: number, nodes: number): void {
  const join = (a: number, b: number, kindOfB: 'leaf' | 'ultrapeer') => {
    if (!net.sim.link(a, b)) return
    net.hybrid(a).adopt(toPeer(b), kindOfB)
    net.hybrid(b).adopt(toPeer(a), 'ultrapeer')
  }
  for (const a of range(0, ultrapeers)) {
    for (const step of [1, 2, 5, 7]) join(a, (a + step) % ultrapeers, 'ultrapeer')
  }
  for (const leaf of range(ultrapeers, nodes)) {
    for (const step of [0, 3, 7]) join((leaf + step) % ultrapeers, leaf, 'leaf')
  }
}

function standing(seed: number, extra: Partial<HybridConfig> = {}): World {
  const net = world({
    nodes: 400,
    seed,
    configOf: (node) => ({
      ...defaults,
      neighborsTarget: 8,
      neighborsMax: 12,
      capacity: node < 20 ? 1 : 0.5,
      library: sharing(`song ${node}`, ...(node % 40 === 39 ? ['rare thing'] : [])),
      ...extra,
    }),
  })
  topology(net, 20, 400)
  net.sim.run(minute)
  return net
}

describe('four hundred servents, of which a third of the ultrapeers stops at once', () => {
  it('have an ultrapeer each within thirty seconds, and find as much as before', () => {
    const net = standing(1)
    expect(net.find(100, 'rare')).toHaveLength(10)
    // Among them all three of a few leaves: 1, 4 and 8 are those of leaf 21, 61, …
    const gone = [1, 4, 8, 5, 12, 15, 19]
    for (const node of gone) net.sim.crash(node)
    net.sim.run(net.sim.now + 30 * second)
    for (const node of range(20, 400)) {
      const { role, ultrapeers } = net.hybrid(node)
      const alive = ultrapeers.filter((peer) => net.sim.isUp(peer as number))
      expect([node, role === 'ultrapeer' || alive.length > 0]).toEqual([node, true])
    }
    net.sim.run(net.sim.now + 30 * second)
    expect(reachable(net, 100)).toBe(400 - gone.length)
    expect(net.find(100, 'rare')).toHaveLength(10)
  })

  it('find others when all of them stop, for leaves become ultrapeers', () => {
    const net = standing(2)
    for (const node of range(0, 20)) net.sim.crash(node)
    net.sim.run(net.sim.now + 5 * minute)
    for (const node of range(20, 400)) {
      const { role, ultrapeers } = net.hybrid(node)
      expect([node, role === 'ultrapeer' || ultrapeers.length > 0]).toEqual([node, true])
    }
  })
})

describe('a leaf that asks a thousand times a second', () => {
  it('is hung up on and kept out; others find what they look for', () => {
    let relayed = 0
    const net = world({
      nodes: 60,
      seed: 3,
      configOf: (node) => ({
        ...defaults,
        isRude: node === 59,
        role: node < 6 ? 'ultrapeer' : 'leaf',
        library: sharing(node % 10 === 8 ? 'alpha' : `song ${node}`),
      }),
      observer: {
        onDeliver: (_to, from, { type }) => {
          if (type === 'Query' && from !== 59) relayed++
        },
      },
    })
    for (const node of range(1, 60)) net.sim.machine(node).addHost(toPeer(Math.min((node - 1) % 6, node - 1)))
    net.sim.run(30 * second)
    const sent = 20_000
    for (let i = 0; i < sent; i++) net.sim.schedule(i, () => net.sim.machine(59).query(`alpha junk ${i}`))
    const before = relayed
    const from = net.events.length
    for (const node of [7, 10, 11, 12, 13]) net.sim.schedule(10 * second, () => net.sim.machine(node).query('alpha'))
    net.sim.run(net.sim.now + minute)
    const found = new Map<number, Set<unknown>>()
    for (const { node, event } of net.events.slice(from)) {
      if (event.type !== 'query-hit' || node === 59) continue
      found.set(node, (found.get(node) ?? new Set()).add(event.peer))
    }
    for (const node of [7, 10, 11, 12, 13]) expect([node, found.get(node)?.size]).toEqual([node, 6])
    expect(hits(net.events).length).toBeGreaterThan(0)
    // Three ultrapeers let a few dozen each through.
    expect(relayed - before).toBeLessThan(sent / 10)
    const drops = range(0, 6).map((node) => net.sim.machine(node).drops['query-limit'] ?? 0)
    expect(drops.some((count) => count > 0)).toBe(true)
  })
})
