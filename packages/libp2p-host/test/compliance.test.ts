import type { Libp2p } from '@libp2p/interface'
import { toPeer } from '@servent/machine'
import { hostCompliance, type ProbeEvent, probe, type World, type WorldNode } from '@servent/machine/testing'
import { commonsOf, runProtocol } from '../src/index.ts'
import { until } from '../src/testing/index.ts'
import { makeNodeOver, strangerOf } from './nodes.ts'

async function world(transport: 'memory' | 'websockets'): Promise<World> {
  const nodes: Libp2p[] = []
  const stops: (() => Promise<void>)[] = []
  return {
    nobody: await strangerOf(),
    async spawn(count) {
      const spawned: WorldNode[] = []
      for (let i = 0; i < count; i++) {
        const node = await makeNodeOver(transport)
        nodes.push(node)
        const events: ProbeEvent[] = []
        const runner = runProtocol(node, probe, {}, { onEvent: (event) => events.push(event) })
        await runner.start()
        stops.push(() => runner.stop())
        spawned.push({ peer: runner.self, machine: runner.machine, events, stop: () => runner.stop() })
      }
      introduce(nodes)
      return spawned
    },
    until,
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async close() {
      await Promise.all(stops.map((stop) => stop()))
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

/** Tells every node where every other is. */
function introduce(nodes: readonly Libp2p[]): void {
  for (const node of nodes) {
    for (const other of nodes) {
      const peer = toPeer(other.peerId.toString())
      if (other !== node) for (const ma of other.getMultiaddrs()) commonsOf(node).addressBook.learn(peer, ma, true)
    }
  }
}

hostCompliance('libp2p over memory', () => world('memory'))
hostCompliance('libp2p over WebSockets', () => world('websockets'))
