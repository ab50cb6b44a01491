import { type Peer, type Random, randomInt, shuffle, toPeer } from '@servent/machine'
import { IdealTables, type Message, type Pastry, type PastryConfig, pastry } from '@servent/pastry'
import type { LookupDone, StructuredEvent } from '@servent/records'
import { Simulator } from '@servent/simulator'
import { stillPastry } from './pastry.ts'
import { Plane } from './plane.ts'

/** Lookups begun in one millisecond of virtual time. */
const LOOKUPS_PER_MS = 2
/** Virtual time for what is under way when the last lookup has begun. */
const END_MS = 60_000

/** How an experiment of the paper on Pastry (§3) is set up: b = 4, |L| = 16, |M| = 32. */
export interface PastryFigureOptions {
  readonly nodes: number
  /** Routes from random nodes to the identifiers of random nodes; the paper has 200,000. */
  readonly lookups: number
  readonly seed: number
}

/** Hops of many lookups. */
export interface HopFindings {
  readonly meanHops: number
  /** The part of the lookups that took so many hops. */
  readonly shares: readonly number[]
  /** The part that ended at the node closest to the key. */
  readonly success: number
}

/** Figures 4 and 5: hops with the tables that nodes should have. */
export function pastryHops(options: PastryFigureOptions): HopFindings {
  return new Trial(options, stillPastry(PAPER)).beginIdeal().lookUp(options.lookups)
}

/** Figure 6: how much longer routes are than the way straight there, each entry being the nearest node that fits. */
export function pastryRelativeDistance(options: PastryFigureOptions): number {
  const trial = new Trial(options, stillPastry(PAPER))
  trial.beginIdeal((tables) => trial.plane.nearestEntry(tables))
  let [travelled, direct] = [0, 0]
  trial.lookUp(options.lookups, ({ path }) => {
    for (let i = 1; i < path.length; i++) travelled += trial.plane.distance(path[i - 1] as Peer, path[i] as Peer)
    direct += trial.plane.distance(path[0] as Peer, path.at(-1) as Peer)
  })
  return travelled / direct
}

/** What tables are like after real joins, by row. */
export interface TableQuality {
  /** Entries that are the nearest node there is, a node, in rows 0, 1 and so on. */
  readonly optimal: readonly number[]
  /** Entries that some node fits, a node. */
  readonly possible: readonly number[]
  /** Entries that some node fits and that are empty, a node. */
  readonly empty: number
  /** Messages of a join, on average. */
  readonly messagesPerJoin: number
}

/** Figure 7, the case WTF: each node joined through one near it, with the second stage. */
export function pastryTableQuality({ nodes, seed }: Omit<PastryFigureOptions, 'lookups'>): TableQuality {
  const trial = new Trial({ nodes, seed }, stillPastry({ ...PAPER, repairs: true }), true)
  trial.beginJoining()
  return trial.tableQuality()
}

/** §3.4: a part of the nodes fails at once. */
export interface FailureFindings {
  readonly before: HopFindings
  readonly withoutRepair: HopFindings
  readonly afterRepair: HopFindings
  /** Requests for rows and leaf sets that repair took, a failed node. */
  readonly requestsPerFailure: number
}

/** Figure 10: hops when nodes have failed, before and after their tables were repaired as lookups came across them. */
export function pastryFailure(options: PastryFigureOptions & { readonly failed: number }): FailureFindings {
  const { lookups, failed } = options
  const still = new Trial(options, stillPastry(PAPER)).beginIdeal()
  const before = still.lookUp(lookups)
  still.fail(failed)
  const withoutRepair = still.lookUp(lookups)
  const repairing = new Trial(options, { ...stillPastry(PAPER), repairs: true }).beginIdeal()
  repairing.fail(failed)
  repairing.lookUp(lookups)
  const requests = repairing.sent('RowRequest') + repairing.sent('LeafSetRequest')
  return { before, withoutRepair, afterRepair: repairing.lookUp(lookups), requestsPerFailure: requests / failed }
}

const PAPER: PastryConfig = { ...pastry.defaults, leafSetSize: 16, neighborhoodSize: 32, prefersLinked: false }

/** Between two nodes that join: a join is over by then, as in the paper. */
const JOIN_INTERVAL_MS = 100

/** One simulated network. */
class Trial {
  readonly plane: Plane
  readonly #nodes: number
  readonly #simulator: Simulator<Message, StructuredEvent, PastryConfig, Pastry>
  readonly #random: Random
  readonly #sent = new Map<string, number>()
  #tables: IdealTables | undefined
  #onDone: (done: LookupDone) => void = () => undefined

  constructor(
    { nodes, seed }: { readonly nodes: number; readonly seed: number },
    config: PastryConfig,
    isNear = false
  ) {
    this.#nodes = nodes
    const plane = (): Plane => this.plane
    const withPlane = { ...config, proximity: (self: Peer, peer: Peer) => plane().distance(self, peer) }
    this.#simulator = new Simulator(pastry, {
      nodes,
      seed,
      configOf: () => (isNear ? withPlane : config),
      onEvent: (_node, event) => {
        if (event.type === 'lookup-done') this.#onDone(event)
      },
      observer: { onSend: (_from, _to, { type }) => this.#sent.set(type, this.sent(type) + 1) },
    })
    this.#random = this.#simulator.random('lookups')
    this.plane = new Plane(nodes, this.#simulator.random('plane'))
  }

  sent(type: string): number {
    return this.#sent.get(type) ?? 0
  }

  /** Starts all nodes with the tables that they should have. */
  beginIdeal(chooseBy?: (tables: IdealTables) => IdealTables['choose']): this {
    const tables = this.#ideal()
    if (chooseBy !== undefined) tables.choose = chooseBy(tables)
    for (const [place, peer] of tables.sorted.entries()) {
      this.#simulator.start(peer as number)
      this.#simulator.machine(peer as number).adopt(tables.at(place))
    }
    return this
  }

  /** Starts nodes one after the other; each joins through the nearest of those that are there. */
  beginJoining(): void {
    const simulator = this.#simulator
    for (let node = 0; node < this.#nodes; node++) {
      simulator.schedule(node * JOIN_INTERVAL_MS, () => {
        simulator.start(node)
        if (node > 0) simulator.machine(node).addContact(this.#nearestBefore(node))
      })
    }
    simulator.run(simulator.now + this.#nodes * JOIN_INTERVAL_MS + END_MS)
  }

  /** Lets nodes crash, drawn at random. */
  fail(count: number): void {
    const running = Array.from({ length: this.#nodes }, (_, node) => node).filter((node) => this.#simulator.isUp(node))
    for (const node of shuffle(this.#random, running).slice(0, count)) this.#simulator.crash(node)
  }

  /** Looks up the identifiers of running nodes. */
  lookUp(lookups: number, onRight: (done: LookupDone) => void = () => undefined): HopFindings {
    const simulator = this.#simulator
    const tables = this.#ideal()
    const counts: number[] = []
    let [hopSum, rightCount] = [0, 0]
    this.#onDone = (done) => {
      const hops = done.path.length - 1
      if (tables.sorted[tables.closestTo(done.key)] !== done.responsible) return
      while (counts.length <= hops) counts.push(0)
      counts[hops] = (counts[hops] as number) + 1
      hopSum += hops
      rightCount++
      onRight(done)
    }
    for (let i = 0; i < lookups; i++) {
      simulator.schedule(i / LOOKUPS_PER_MS, () => {
        const from = tables.sorted[randomInt(this.#random, tables.sorted.length)] as number
        simulator.machine(from).lookup(tables.keyAt(randomInt(this.#random, tables.sorted.length)))
      })
    }
    simulator.run(simulator.now + lookups / LOOKUPS_PER_MS + END_MS)
    return {
      meanHops: hopSum / rightCount,
      shares: counts.map((count) => count / rightCount),
      success: rightCount / lookups,
    }
  }

  tableQuality(): TableQuality {
    const tables = this.#ideal()
    tables.choose = this.plane.nearestEntry(tables)
    const [optimal, possible] = [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]
    let empty = 0
    for (const [place, peer] of tables.sorted.entries()) {
      const { routingTable } = this.#simulator.machine(peer as number).tables
      for (const [slot, best] of tables.at(place).slots.entries()) {
        if (best === undefined) continue
        const row = slot >> 4
        if (routingTable.rivalOf(best) === undefined) empty++
        possible[row] = (possible[row] ?? 0) + 1
        if (routingTable.has(best)) optimal[row] = (optimal[row] ?? 0) + 1
      }
    }
    const perNode = (count: number) => count / this.#nodes
    const messages = [...this.#sent.values()].reduce((sum, count) => sum + count, 0)
    return {
      optimal: optimal.map(perNode),
      possible: possible.map(perNode),
      empty: perNode(empty),
      messagesPerJoin: perNode(messages),
    }
  }

  /** The tables that the running nodes should have. */
  #ideal(): IdealTables {
    const running = Array.from({ length: this.#nodes }, (_, node) => node).filter(
      (node) => this.#simulator.isUp(node) || this.#tables === undefined
    )
    this.#tables = new IdealTables(running.map(toPeer), (peer) => this.#simulator.keyOf(peer), {
      leafSetSize: PAPER.leafSetSize,
      random: this.#simulator.random('tables'),
    })
    return this.#tables
  }

  #nearestBefore(node: number): Peer {
    const self = toPeer(node)
    let best = toPeer(0)
    for (let other = 1; other < node; other++) {
      const peer = toPeer(other)
      if (this.plane.distance(self, peer) < this.plane.distance(self, best)) best = peer
    }
    return best
  }
}
