import { toPeer } from '@servent/machine'
import {
  hostCompliance,
  type Probe,
  type ProbeEvent,
  probe,
  type World,
  type WorldNode,
} from '@servent/machine/testing'
import { constantLatency, type LatencyModel, Simulator, uniformLatency } from '@servent/simulator'

/** Long for this world: whatever a test waits for takes no longer than a dial that fails, some ten seconds. */
const LIMIT_MS = 60_000

function worldOf(latency: LatencyModel, wire: boolean): () => Promise<World> {
  return async () => {
    const events: ProbeEvent[][] = [[], [], []]
    const simulator = new Simulator(probe, {
      nodes: 3,
      seed: 1,
      latency,
      wire,
      onEvent: (node, event) => events[node]?.push(event),
    })
    const machines: Probe[] = []
    return {
      nobody: toPeer(99),
      async spawn(count) {
        const nodes: WorldNode[] = []
        for (let node = 0; node < count; node++) {
          simulator.start(node)
          const machine = simulator.machine(node)
          machines.push(machine)
          const stop = async () => simulator.stop(node)
          nodes.push({ peer: toPeer(node), machine, events: events[node] ?? [], stop })
        }
        return nodes
      },
      async until(condition) {
        const limit = simulator.now + LIMIT_MS
        while (!condition()) if (!simulator.step(1, limit)) throw new Error('it did not happen within a minute')
      },
      pass: async (ms) => simulator.run(simulator.now + ms),
      close: async () => undefined,
    }
  }
}

hostCompliance('the simulator', worldOf(constantLatency(50), false))
hostCompliance('the simulator without latency', worldOf(constantLatency(0), false))
hostCompliance('the simulator with jitter', worldOf(uniformLatency(1, 200), false))
hostCompliance('the simulator with every message through its codec', worldOf(uniformLatency(1, 200), true))
