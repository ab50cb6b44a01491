import { type Key, keyFromWords } from '@servent/keyspace'
import { type Peer, type Random, toPeer } from '@servent/machine'
import type { RequestId, StructuredEvent } from '@servent/records'
import { Simulator, type SimulatorOptions } from '@servent/simulator'
import { IdealTables, type Message, type Pastry, type PastryConfig, pastry } from '../src/index.ts'

/** The event that ends a request. */
export type Ending = Exclude<StructuredEvent, { readonly type: 'joined' | 'neighborhood-changed' | 'provider-found' }>

type Options = Partial<SimulatorOptions<Message, StructuredEvent, PastryConfig>> & {
  readonly config?: Partial<PastryConfig>
  readonly configFor?: (network: Network, node: number) => Partial<PastryConfig>
}

/** Nodes in a simulator, and what they told. */
export class Network {
  readonly nodes: number
  readonly simulator: Simulator<Message, StructuredEvent, PastryConfig, Pastry>
  readonly random: Random
  readonly endings = new Map<RequestId, Ending>()
  readonly found = new Map<RequestId, Peer[]>()
  readonly joined = new Set<number>()
  /** Messages sent, by type. */
  readonly sent = new Map<string, number>()

  constructor(nodes: number, { config = {}, configFor, ...options }: Options = {}) {
    this.nodes = nodes
    this.simulator = new Simulator(pastry, {
      nodes,
      seed: 1,
      configOf: (node) => ({ ...pastry.defaults, ...config, ...configFor?.(this, node) }),
      onEvent: (node, event) => this.#onEvent(node, event),
      observer: { onSend: (_from, _to, { type }) => this.sent.set(type, (this.sent.get(type) ?? 0) + 1) },
      ...options,
    })
    this.random = this.simulator.random('test')
  }

  get running(): number[] {
    return Array.from({ length: this.nodes }, (_, node) => node).filter((node) => this.simulator.isUp(node))
  }

  machine(node: number): Pastry {
    return this.simulator.machine(node)
  }

  keyOf(node: number): Key {
    return this.simulator.keyOf(toPeer(node))
  }

  pick(): number {
    const { running } = this
    return running[Math.floor(this.random() * running.length)] as number
  }

  randomKey(): Key {
    return keyFromWords(Int32Array.from({ length: 5 }, () => Math.floor(this.random() * 2 ** 32)))
  }

  /** The tables that the running nodes should have. */
  ideal(): IdealTables {
    return new IdealTables(this.running.map(toPeer), (peer) => this.simulator.keyOf(peer), {
      leafSetSize: this.machine(this.running[0] as number).config.leafSetSize,
      random: this.simulator.random('ideal'),
    })
  }

  /** The running node closest to a key. */
  closestTo(key: Key): number {
    const ideal = this.ideal()
    return ideal.sorted[ideal.closestTo(key)] as number
  }

  /** Starts all nodes with the tables they should have. */
  startIdeal(): this {
    this.simulator.start()
    const ideal = this.ideal()
    for (const [place, peer] of ideal.sorted.entries()) this.machine(peer as number).adopt(ideal.at(place))
    return this
  }

  /** Starts nodes one after the other, each knowing one of those before. */
  startJoining(intervalMs: number, contactOf = (node: number) => Math.floor(this.random() * node)): this {
    for (let node = 0; node < this.nodes; node++) {
      this.simulator.schedule(node * intervalMs, () => {
        this.simulator.start(node)
        if (node > 0) this.machine(node).addContact(toPeer(contactOf(node)))
      })
    }
    return this
  }

  /** Lets some time pass. */
  pass(ms: number): this {
    this.simulator.run(this.simulator.now + ms)
    return this
  }

  /** Does something to a machine and lets time pass until it is over. */
  request(node: number, verb: (machine: Pastry) => RequestId): Ending {
    const id = verb(this.machine(node))
    for (let i = 0; i < 1000 && !this.endings.has(id); i++) this.pass(100)
    const ending = this.endings.get(id)
    if (ending === undefined) throw new Error('a request ends')
    return ending
  }

  /** Nodes whose leaf set is not what it should be. */
  wrongLeafSets(): number[] {
    const ideal = this.ideal()
    return ideal.sorted.flatMap((peer, place) => {
      const { leafSet } = this.machine(peer as number).tables
      const { smaller, larger } = ideal.at(place)
      const isRight = leafSet.smaller.join() === smaller.join() && leafSet.larger.join() === larger.join()
      return isRight ? [] : [peer as number]
    })
  }

  /** Entries of routing tables that could be filled and are not, and those that are filled and cannot be. */
  wrongSlots(): { readonly missing: number; readonly extra: number; readonly all: number } {
    const ideal = this.ideal()
    let [missing, extra, all] = [0, 0, 0]
    for (const [place, peer] of ideal.sorted.entries()) {
      const { routingTable } = this.machine(peer as number).tables
      const wanted = ideal.at(place).slots.filter((entry) => entry !== undefined)
      all += wanted.length
      missing += wanted.filter((entry) => routingTable.rivalOf(entry) === undefined).length
      extra += Math.max(0, routingTable.entries.length - wanted.length)
    }
    return { missing, extra, all }
  }

  #onEvent(node: number, event: StructuredEvent): void {
    switch (event.type) {
      case 'joined':
        this.joined.add(node)
        return
      case 'neighborhood-changed':
        return
      case 'provider-found':
        this.found.set(event.id, [...(this.found.get(event.id) ?? []), event.peer])
        return
      default:
        this.endings.set(event.id, event)
    }
  }
}
