import { toPeer } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import { gnutella06 } from '../src/index.ts'
import { introduceAll, minute, reachable, second, sharing, type World, world } from './hybrid-rig.ts'

const { defaults } = gnutella06
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** Nodes whose number is odd speak 0.4 alone. The degree of those is what 0.4 wants. */
function mixed(nodes: number, seed: number, capacityOf: (node: number) => number): World {
  return world({
    nodes,
    seed,
    wire: true,
    configOf: (node) => ({
      ...defaults,
      isOld: node % 2 === 1,
      capacity: capacityOf(node),
      library: sharing(`song ${node}`),
      ...(node % 2 === 1 ? { neighborsTarget: 4, neighborsMax: 8, ttl: 7 } : {}),
    }),
  })
}

describe('a servent of 0.6 and one of 0.4', () => {
  it.each([
    ['0.6 dials 0.4', 0, 1],
    ['0.4 dials 0.6', 1, 0],
  ])('shake hands and find what the other has when %s', (_, dialer, dialed) => {
    const net = mixed(2, 1, () => 1)
    net.act(second, () => net.sim.machine(dialer).connect(toPeer(dialed)))
    expect(net.sim.machine(0).neighbors).toEqual([1])
    expect(net.sim.machine(1).neighbors).toEqual([0])
    expect(net.hybrid(0).ultrapeers).toEqual([])
    expect(net.find(0, 'song')).toEqual(['song 1'])
    expect(net.find(1, 'song')).toEqual(['song 0'])
    expect(net.sim.machine(0).drops).toEqual({})
    expect(net.sim.machine(1).drops).toEqual({})
  })

  it('do when both dial at once', () => {
    const net = mixed(2, 1, () => 1)
    net.act(second, () => {
      net.sim.machine(0).connect(toPeer(1))
      net.sim.machine(1).connect(toPeer(0))
    })
    expect(net.find(0, 'song')).toEqual(['song 1'])
    expect(net.find(1, 'song')).toEqual(['song 0'])
  })

  it('make one network out of two tabs: the leaf becomes an ultrapeer', () => {
    const net = mixed(2, 2, () => 0.5)
    introduceAll(net, [0, 1])
    net.sim.run(minute)
    expect(net.hybrid(0).role).toBe('ultrapeer')
    expect(net.find(1, 'song')).toEqual(['song 0'])
  })

  it('part when the leaf has an ultrapeer, after the other was told where ultrapeers are', () => {
    // 0 is an ultrapeer, 2 its leaf; 1 knows the leaf alone.
    const net = mixed(3, 3, (node) => (node === 0 ? 1 : 0.5))
    net.act(10 * second, () => net.sim.machine(2).addHost(toPeer(0)))
    net.act(minute, () => net.sim.machine(1).addHost(toPeer(2)))
    expect(net.hybrid(2).neighbors).toEqual([0])
    expect(net.sim.machine(1).neighbors).toEqual([0])
    expect(net.find(1, 'song')).toEqual(['song 0', 'song 2'])
    expect(net.find(2, 'song')).toEqual(['song 0', 'song 1'])
  })
})

describe('forty servents, every other one of 0.4', () => {
  it('are one network, in which everybody finds what everybody has', () => {
    const net = mixed(40, 4, (node) => (node % 10 === 0 ? 1 : 0.5))
    for (const node of range(1, 40)) {
      net.sim.schedule(200 * node, () =>
        net.sim.machine(node).addHost(toPeer(node % 2 === 1 && node > 1 ? node - 2 : 0))
      )
    }
    net.sim.run(5 * minute)
    expect(reachable(net, 0)).toBe(40)
    for (const node of [4, 5, 20, 31]) expect(net.find(node, 'song').length).toBeGreaterThanOrEqual(38)
  })
})
