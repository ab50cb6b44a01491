// Servents of 0.6, and of 0.4 among them, in a simulator.
import { Library, type NewFile } from '@servent/library'
import { type Protocol, toPeer } from '@servent/machine'
import { Simulator, type SimulatorOptions, uniformLatency } from '@servent/simulator'
import {
  type GnutellaEvent,
  gnutella06,
  type HybridConfig,
  HybridServent,
  type Message,
  type Query,
  type QueryHitEvent,
  Servent,
} from '../src/index.ts'

export const second = 1000
export const minute = 60 * second

/** What a node of a mixed network is. */
export interface NodeConfig extends HybridConfig {
  /** Whether it speaks 0.4 alone. */
  readonly isOld?: boolean
  /** Whether it knows no limit to its own queries, and does not listen to those of others. */
  readonly isRude?: boolean
}

class RudeServent extends HybridServent {
  protected override sendOwn(query: Query): void {
    for (const peer of this.neighbors) this.host.send(peer, query)
  }
}

export type Mixed = Simulator<Message, GnutellaEvent, NodeConfig, Servent>
type Options = SimulatorOptions<Message, GnutellaEvent, NodeConfig>

/** Both versions behind one protocol id, as on the real network. */
const mixed: Protocol<Message, GnutellaEvent, NodeConfig, Servent> = {
  ...gnutella06,
  create: (host, config) => {
    if (config.isOld === true) return new Servent(host, config)
    return config.isRude === true ? new RudeServent(host, config) : new HybridServent(host, config)
  },
}

export function sharing(...files: (string | NewFile)[]): Library {
  const library = new Library()
  for (const file of files) {
    library.add(typeof file === 'string' ? { name: file, size: 1000, sha1: undefined, cid: undefined } : file)
  }
  return library
}

export interface World {
  readonly sim: Mixed
  /** Everything told so far, with the node that told it. */
  readonly events: { readonly node: number; readonly event: GnutellaEvent }[]
  hybrid(node: number): HybridServent
  /** Does something now, and lets time pass. */
  act(ms: number, what: () => void): void
  /** Names that a query of a node finds within `ms`, in order. */
  find(node: number, words: string, ms?: number): string[]
}

/** A network that has started, in which nobody knows anybody. */
export function world(options: Options): World {
  const events: World['events'] = []
  const sim: Mixed = new Simulator(mixed, {
    latency: uniformLatency(10, 100),
    onEvent: (node, event) => events.push({ node, event }),
    ...options,
  })
  sim.start()
  const act = (ms: number, what: () => void) => {
    sim.schedule(0, what)
    sim.run(sim.now + ms)
  }
  return {
    sim,
    events,
    act,
    hybrid(node) {
      const machine = sim.machine(node)
      if (!(machine instanceof HybridServent)) throw new TypeError(`servent ${node} is one of 0.4`)
      return machine
    },
    find(node, words, ms = minute) {
      const from = events.length
      act(ms, () => sim.machine(node).query(words))
      return hits(events.slice(from))
        .map(({ name }) => name)
        .sort()
    },
  }
}

export function hits(events: World['events']): QueryHitEvent[] {
  return events.flatMap(({ event }) => (event.type === 'query-hit' ? [event] : []))
}

/** Everybody knows everybody else, as tabs do that have one page open. */
export function introduceAll({ sim }: World, nodes: readonly number[]): void {
  for (const node of nodes) for (const other of nodes) if (node !== other) sim.machine(node).addHost(toPeer(other))
}

/** How many can be reached from one over links that both ends have. */
export function reachable({ sim }: World, from: number): number {
  const found = new Set([from])
  for (const node of found) for (const peer of sim.machine(node).neighbors) found.add(peer as number)
  return found.size
}
