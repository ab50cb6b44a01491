// Rings of simulated nodes, and what they should be.
import { type Key, keyFromWords } from '@servent/keyspace'
import { type Peer, type Random, randomInt, toPeer } from '@servent/machine'
import { Simulator, type SimulatorOptions, uniformLatency } from '@servent/simulator'
import { type ChordConfig, type ChordEvent, type ChordNode, chord, IdealRing, type Message } from '../src/index.ts'

type Options = SimulatorOptions<Message, ChordEvent, ChordConfig>
export type Ring = Simulator<Message, ChordEvent, ChordConfig, ChordNode>

export const second = 1000
export const minute = 60 * second

/** Quick ones, so that a ring is at rest within minutes of virtual time. */
export const config: ChordConfig = { ...chord.defaults, timeoutMsMax: 1000, fixFingersIntervalMs: 10 * second }

export function ringOf(nodes: number, seed: number, options: Partial<Options> = {}): Ring {
  return new Simulator(chord, { nodes, seed, latency: uniformLatency(10, 60), configOf: () => config, ...options })
}

export function running(ring: Ring): Peer[] {
  return Array.from({ length: ring.nodes }, (_, node) => node)
    .filter((node) => ring.isUp(node))
    .map(toPeer)
}

export function idealOf(ring: Ring, peers = running(ring)): IdealRing {
  return new IdealRing(peers, (peer) => ring.keyOf(peer))
}

/** Starts nodes with the tables they should have. */
export function build(ring: Ring, count = ring.nodes): void {
  const peers = Array.from({ length: count }, (_, node) => toPeer(node))
  const ideal = idealOf(ring, peers)
  for (let node = 0; node < count; node++) {
    ring.start(node)
    ring.machine(node).adopt(ideal.placeOf(toPeer(node), config.successorsMax))
  }
}

/** Lets a node join through another, some time from now. */
export function joinLater(ring: Ring, node: number, contact: number, delayMs: number): void {
  ring.schedule(delayMs, () => {
    ring.start(node)
    ring.machine(node).addContact(toPeer(contact))
  })
}

/** What is not as it should be: predecessors and successor lists exactly, fingers where both have one. */
export function faults(ring: Ring): string[] {
  const ideal = idealOf(ring)
  return running(ring).flatMap((peer) => {
    const machine = ring.machine(peer as number)
    const want = ideal.placeOf(peer, config.successorsMax)
    const wrong: string[] = []
    if (machine.predecessor !== want.predecessor) wrong.push(`${peer}: predecessor ${machine.predecessor}`)
    if (String(machine.successors) !== String(want.successors)) wrong.push(`${peer}: successors ${machine.successors}`)
    if (String(machine.fingers) !== String(want.fingers)) wrong.push(`${peer}: fingers ${machine.fingers}`)
    return wrong
  })
}

export function randomKey(random: Random): Key {
  return keyFromWords(Int32Array.from({ length: 5 }, () => randomInt(random, 2 ** 32)))
}
