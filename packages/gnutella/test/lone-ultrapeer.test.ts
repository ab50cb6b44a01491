import { toPeer } from '@servent/machine'
import { expect, it } from 'vitest'
import { gnutella06 } from '../src/index.ts'
import { minute, reachable, second, sharing, world } from './hybrid-rig.ts'

const LEAVES = [1, 2, 3, 4, 5, 6]

it.each([1, 2, 3, 4])(
  'leaves of a lone ultrapeer hear of each other from it, and go on when it dies (seed %i)',
  (seed) => {
    const net = world({
      nodes: 7,
      seed,
      configOf: (node) => ({
        ...gnutella06.defaults,
        capacity: node === 0 ? 1 : 0.5,
        library: sharing(`song ${node}`),
      }),
    })
    for (const leaf of LEAVES) net.sim.schedule(leaf * second, () => net.sim.machine(leaf).addHost(toPeer(0)))
    net.sim.run(minute)
    for (const leaf of LEAVES) {
      expect(net.hybrid(leaf).role).toBe('leaf')
      // The first had nobody to hear of; it is the others who know it.
      if (leaf > 1) expect(net.hybrid(leaf).hosts.length).toBeGreaterThan(0)
    }
    net.sim.crash(0)
    net.sim.run(net.sim.now + 30 * second)
    for (const leaf of LEAVES) expect(reachable(net, leaf)).toBe(6)
    expect(net.find(1, 'song')).toHaveLength(5)
  }
)
