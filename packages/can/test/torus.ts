import type { Key } from '@servent/keyspace'
import { toPeer } from '@servent/machine'
import type { StructuredEvent } from '@servent/records'
import { pairLatency, Simulator, type SimulatorOptions } from '@servent/simulator'
import { distanceOf } from '../src/contacts.ts'
import { type Can, type CanConfig, type Claims, can, type Message, type Point, pointOf } from '../src/index.ts'

export const second = 1000
export const minute = 60 * second

export type TorusSimulator = Simulator<Message, StructuredEvent, CanConfig, Can>

/** A simulation of nodes and what each told its application. */
export interface Torus {
  readonly sim: TorusSimulator
  readonly events: { readonly node: number; readonly at: number; readonly event: StructuredEvent }[]
  readonly config: CanConfig
}

export function torus(
  options: Partial<SimulatorOptions<Message, StructuredEvent, CanConfig>> & { readonly nodes: number },
  config: Partial<CanConfig> = {}
): Torus {
  const events: Torus['events'] = []
  const complete = Object.freeze({ ...can.defaults, ...config })
  const sim: TorusSimulator = new Simulator(can, {
    seed: 1,
    latency: pairLatency(20, 80),
    ...options,
    configOf: () => complete,
    onEvent: (node, event) => {
      events.push({ node, at: sim.now, event })
    },
  })
  return { sim, events, config: complete }
}

/** Starts nodes one after the other, each with a random earlier one as its contact. */
export function joinAll({ sim }: Torus, intervalMs = 200): void {
  const random = sim.random('joins')
  for (let node = 0; node < sim.nodes; node++) {
    const contact = Math.floor(random() * node)
    sim.schedule(node * intervalMs, () => {
      sim.start(node)
      if (node > 0) sim.machine(node).addContact(toPeer(contact))
    })
  }
  sim.run(sim.now + sim.nodes * intervalMs)
}

export function running({ sim }: Torus): number[] {
  return Array.from({ length: sim.nodes }, (_, node) => node).filter((node) => sim.isUp(node))
}

/** Who of the running nodes claims a point in a reality. */
export function holders(nodes: readonly (readonly [number, Claims])[], point: Point, reality: number): number[] {
  return nodes.filter(([, claims]) => distanceOf(claims, point, reality) === 0).map(([node]) => node)
}

export function claimsOf(torus: Torus): [number, Claims][] {
  return running(torus).map((node) => [node, torus.sim.machine(node).claims])
}

/** The volume of what all claim in a reality. Exact: volumes are powers of two. */
export function volumeIn(nodes: readonly (readonly [number, Claims])[], reality: number): number {
  let volume = 0
  for (const [, claims] of nodes) for (const { depth } of claims[reality] ?? []) volume += 2 ** -depth
  return volume
}

/** Random keys, the same in every run. */
export function keys(torus: Torus, count: number, purpose = 'keys'): Key[] {
  const random = torus.sim.random(purpose)
  return Array.from({ length: count }, () => Int32Array.from({ length: 5 }, () => random() * 2 ** 32) as unknown as Key)
}

export function pointIn(torus: Torus, key: Key): Point {
  return pointOf(key, torus.config.dimensions)
}
