import { toPeer } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import { gnutella06 } from '../src/index.ts'
import { introduceAll, minute, reachable, second, sharing, world } from './hybrid-rig.ts'

const { defaults } = gnutella06
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('fifty servents of 0.6 that know one host', () => {
  const queried = new Set<number>()
  const net = world({
    nodes: 50,
    seed: 1,
    configOf: (node) => ({
      ...defaults,
      capacity: node < 5 ? 1 : 0.5,
      library: sharing(`file ${node}`, node % 10 === 7 ? `alpha ${node}` : `beta ${node}`),
    }),
    observer: {
      onDeliver: (to, _from, { type }) => {
        if (type === 'Query') queried.add(to)
      },
    },
  })
  for (const node of range(1, 50)) net.sim.schedule(100 * node, () => net.sim.machine(node).addHost(toPeer(0)))
  net.sim.run(2 * minute)

  it('are leaves of three ultrapeers each, or ultrapeers among themselves', () => {
    for (const node of range(0, 50)) {
      const { role, ultrapeers, leaves } = net.hybrid(node)
      expect([node, role]).toEqual([node, node < 5 ? 'ultrapeer' : 'leaf'])
      expect([node, ultrapeers.length]).toEqual([node, node < 5 ? 4 : 3])
      if (node >= 5) expect(leaves).toEqual([])
    }
  })

  it('carry a query to the leaves whose tables match, and to no other', () => {
    expect(net.find(20, 'alpha')).toEqual(['alpha 17', 'alpha 27', 'alpha 37', 'alpha 47', 'alpha 7'])
    expect([...queried].filter((node) => node >= 5).sort()).toEqual([17, 27, 37, 47, 7])
  })
})

describe('tabs without anybody to lead them', () => {
  const tabs = (nodes: number, seed: number) =>
    world({ nodes, seed, configOf: (node) => ({ ...defaults, library: sharing(`song ${node}`) }) })

  it.each([1, 2, 3, 4, 5])('two of them find each other (seed %i)', (seed) => {
    const net = tabs(2, seed)
    introduceAll(net, [0, 1])
    net.sim.run(30 * second)
    expect([net.hybrid(0).role, net.hybrid(1).role]).toContain('ultrapeer')
    expect(net.find(0, 'song')).toEqual(['song 1'])
    expect(net.find(1, 'song')).toEqual(['song 0'])
  })

  it.each([1, 2, 3])('a dozen form one network, in which at most half are ultrapeers in the end (seed %i)', (seed) => {
    const net = tabs(12, seed)
    introduceAll(net, range(0, 12))
    net.sim.run(30 * second)
    for (const node of range(0, 12)) expect(reachable(net, node)).toBe(12)
    expect(net.find(3, 'song')).toHaveLength(11)
    net.sim.run(10 * minute)
    for (const node of range(0, 12)) expect(reachable(net, node)).toBe(12)
    const ultrapeers = range(0, 12).filter((node) => net.hybrid(node).role === 'ultrapeer')
    expect(ultrapeers.length).toBeGreaterThanOrEqual(1)
    expect(ultrapeers.length).toBeLessThanOrEqual(6)
    expect(net.find(3, 'song')).toHaveLength(11)
  })

  it('step down once a natural ultrapeer is there, and search on when it has gone', () => {
    const net = world({
      nodes: 7,
      seed: 4,
      configOf: (node) => ({ ...defaults, capacity: node === 6 ? 1 : 0.5, library: sharing(`song ${node}`) }),
    })
    net.sim.crash(6)
    introduceAll(net, range(0, 6))
    net.sim.run(minute)
    expect(range(0, 6).some((node) => net.hybrid(node).role === 'ultrapeer')).toBe(true)
    net.act(10 * minute, () => {
      net.sim.start(6)
      for (const node of range(0, 6)) net.sim.machine(node).addHost(toPeer(6))
    })
    for (const node of range(0, 7))
      expect([node, net.hybrid(node).role]).toEqual([node, node < 6 ? 'leaf' : 'ultrapeer'])
    expect(net.find(0, 'song')).toHaveLength(6)
    net.sim.crash(6)
    net.sim.run(net.sim.now + 30 * second)
    expect(net.find(0, 'song')).toEqual(range(1, 6).map((node) => `song ${node}`))
  })
})
