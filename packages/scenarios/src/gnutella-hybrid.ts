import { type GnutellaEvent, gnutella06, type HybridConfig, type HybridServent, type Message } from '@servent/gnutella'
import type { Library } from '@servent/library'
import { randomInt, toPeer } from '@servent/machine'
import type { Adjacency } from '@servent/simulator'
import { drawNode, type Question } from './asking.ts'
import { configFor } from './hybrid-config.ts'
import { hybridTopology, ultrapeerCount } from './hybrid-topology.ts'
import type { ScenarioOptions } from './options.ts'
import type { QueryId } from './query-ledger.ts'
import type { FailureResult, ScenarioResult } from './scenario.ts'
import { SearchExperiment } from './search-experiment.ts'
import { UltrapeerFailure } from './ultrapeer-failure.ts'

/** Virtual time for tables to reach everyone who is to have them; where the network grows by itself, for that too. */
const RUN_UP_MS = 30_000
const RUN_UP_GROWN_MS = 240_000
/** Nodes of a network that grows come one after the other, over this time. */
const ARRIVAL_MS = 60_000
/** Others that a newcomer knows. */
const HOSTS_KNOWN = 5
/** Queries follow one another after this; a rare file is looked for in many steps, so several are on their way at once. */
const QUERY_INTERVAL_MS = 1000
/** What the last one is given beyond the time that it takes to ask all neighbors of an ultrapeer one after the other. */
const QUERY_MARGIN_MS = 10_000
/** After a crash, queries are asked again after this. */
const RECOVERY_MS = 30_000
const BEFORE = 0
const AFTER = 1

/** Nodes are started in one round, and linked in another. */
const STARTING = 0
const ROUNDS = 2

const QUERY_TYPES = ['Query', 'QueryHit', 'QueryStatusRequest', 'QueryStatusResponse']

/**
 * Gnutella 0.6: ultrapeers with links among themselves, leaves with three ultrapeers each, query route tables, dynamic
 * queries. Asks for files, from nodes drawn at random, and counts what each query costs and finds.
 *
 * The servents are those that run in a tab, with the limits that they have there. They begin with their roles and
 * neighbors; tables are exchanged as messages before the first query. With `grown` roles and links are found, too.
 */
export class GnutellaHybrid extends SearchExperiment<Message, GnutellaEvent, HybridConfig, HybridServent> {
  /** What is asked, and asked again after a crash. */
  readonly #plan: Question[] = []
  /** Nodes that are ultrapeers from the start; in a network that grows, those that can well be. */
  readonly #ultrapeers: number
  readonly #failure: UltrapeerFailure | undefined
  readonly #configs = new Map<Library, HybridConfig>()
  readonly #ultrapeerConfigs = new Map<Library, HybridConfig>()
  readonly #runUpMs: number
  protected readonly endMs: number
  #adjacency: Adjacency | undefined

  constructor(options: ScenarioOptions) {
    super(gnutella06, options, { queryTypes: QUERY_TYPES, rounds: options.grown ? 1 : ROUNDS })
    this.#ultrapeers = ultrapeerCount(options.nodes, options.leaves)
    this.#runUpMs = options.grown ? RUN_UP_GROWN_MS : RUN_UP_MS
    this.endMs = this.#runUpMs + this.#batchMs + (options.failUltrapeers > 0 ? RECOVERY_MS + this.#batchMs : 0)
    if (options.failUltrapeers > 0) this.#failure = this.#makeFailure(options.failUltrapeers)
  }

  result(): ScenarioResult {
    const { nodes, queries } = this.options
    const failure = this.#failure
    const roles = this.#roles()
    const more = failure === undefined ? roles : { ...roles, failure: this.#failureResult(failure) }
    return this.resultOf('gnutella-0.6', failure === undefined ? queries : 2 * queries, nodes - roles.ultrapeers, more)
  }

  protected build(node: number, round: number): void {
    if (this.options.grown) this.#startLater(node)
    else if (round === STARTING) this.simulator.start(node)
    else this.#link(node)
  }

  /** How long it takes to ask all queries and to wait for the last. */
  get #batchMs(): number {
    const { queries, degree, ttl } = this.options
    return queries * QUERY_INTERVAL_MS + Math.ceil(degree) * ttl * gnutella06.defaults.hopWaitMs + QUERY_MARGIN_MS
  }

  protected onBuilt(): void {
    this.#adjacency = undefined
    this.#askAll(this.#runUpMs, BEFORE)
    const failure = this.#failure
    if (failure === undefined) return
    const crashAt = this.#runUpMs + this.#batchMs
    this.simulator.schedule(crashAt, () => failure.crash())
    this.#askAll(crashAt + RECOVERY_MS, AFTER)
  }

  #askAll(startMs: number, phase: number): void {
    for (let i = 0; i < this.options.queries; i++) {
      this.simulator.schedule(startMs + i * QUERY_INTERVAL_MS, () => this.#askPlanned(i, phase))
    }
  }

  /** Puts up the links to neighbors with higher numbers, as if both ends had shaken hands. */
  #link(node: number): void {
    const simulator = this.simulator
    const { start, peers } = this.#topology()
    for (let i = start[node] as number; i < (start[node + 1] as number); i++) {
      const peer = peers[i] as number
      if (peer < node) continue
      simulator.link(node, peer)
      simulator.machine(node).adopt(toPeer(peer), this.#kindOf(peer))
      simulator.machine(peer).adopt(toPeer(node), this.#kindOf(node))
    }
  }

  #kindOf(node: number): 'leaf' | 'ultrapeer' {
    return node < this.#ultrapeers ? 'ultrapeer' : 'leaf'
  }

  #topology(): Adjacency {
    const { nodes, degree } = this.options
    this.#adjacency ??= hybridTopology(nodes, this.#ultrapeers, degree, this.simulator.random('topology'))
    return this.#adjacency
  }

  /** A newcomer, who knows some who have been there before. */
  #startLater(node: number): void {
    const { nodes } = this.options
    const simulator = this.simulator
    const random = simulator.random(`arrival ${node}`)
    const hosts = Array.from({ length: HOSTS_KNOWN }, () => randomInt(random, Math.max(1, node)))
    simulator.schedule((ARRIVAL_MS * node) / nodes, () => {
      simulator.start(node)
      for (const host of new Set(hosts)) if (host !== node) simulator.machine(node).addHost(toPeer(host))
    })
  }

  protected configOf(node: number): HybridConfig {
    const library = this.workload.libraryOf(node)
    const isUltrapeer = node < this.#ultrapeers
    const configs = isUltrapeer ? this.#ultrapeerConfigs : this.#configs
    let config = configs.get(library)
    if (config === undefined) {
      config = configFor(this.options, library, isUltrapeer)
      configs.set(library, config)
    }
    return config
  }

  /** Asks what is planned in this place, from another node if that one is gone. */
  #askPlanned(index: number, phase: number): void {
    if (index === 0 && phase === BEFORE) this.endSetup()
    const planned = this.#plan[index] ?? this.drawQuestion()
    if (planned === undefined) return
    this.#plan[index] = planned
    const asker = this.running.isUp(planned.asker) ? planned.asker : drawNode(this.random, this.running)
    if (asker !== undefined) this.ask({ asker, file: planned.file }, phase)
  }

  protected query(asker: number, criteria: string): QueryId {
    return this.simulator.machine(asker).query(criteria)
  }

  protected override isLeaf(node: number): boolean {
    return !this.#isUltrapeer(node)
  }

  protected onDeliver(node: number, _from: number, message: Message): void {
    if (message.type === 'Query') this.ledger.delivered(message.guid, node, message.hops + 1)
  }

  protected onEvent(_node: number, event: GnutellaEvent): void {
    if (event.type === 'query-hit') this.ledger.answered(event.guid, event.peer, this.simulator.now)
  }

  #isUltrapeer(node: number): boolean {
    return this.simulator.machine(node).role === 'ultrapeer'
  }

  #makeFailure(part: number): UltrapeerFailure {
    const simulator = this.simulator
    const network = {
      nodes: simulator.nodes,
      get now() {
        return simulator.now
      },
      isUp: (node: number) => simulator.isUp(node),
      isUltrapeer: (node: number) => this.#isUltrapeer(node),
      ultrapeersOf: (leaf: number) => simulator.machine(leaf).ultrapeers,
      crash: (node: number) => simulator.crash(node),
      schedule: (delayMs: number, action: () => void) => simulator.schedule(delayMs, action),
    }
    return new UltrapeerFailure(network, part, simulator.random('failure'))
  }

  #failureResult({ crashed, orphans, recoverySeconds }: UltrapeerFailure): FailureResult {
    const recallBefore = this.ledger.findings(BEFORE).recallWanted
    const recallAfter = this.ledger.findings(AFTER).recallWanted
    return { crashed, orphans, recoverySeconds, recallBefore, recallAfter }
  }

  #roles(): Required<Pick<ScenarioResult, 'ultrapeers' | 'leavesPerUltrapeer' | 'linksPerUltrapeer' | 'tableFill'>> {
    let ultrapeers = 0
    let leaves = 0
    let links = 0
    let fill = 0
    for (let node = 0; node < this.options.nodes; node++) {
      if (!this.simulator.isUp(node) || !this.#isUltrapeer(node)) continue
      const machine = this.simulator.machine(node)
      ultrapeers++
      leaves += machine.leaves.length
      links += machine.ultrapeers.length
      fill += machine.tableFill
    }
    const count = Math.max(1, ultrapeers)
    return {
      ultrapeers,
      leavesPerUltrapeer: leaves / count,
      linksPerUltrapeer: links / count,
      tableFill: fill / count,
    }
  }
}
