import { type GnutellaEvent, gnutella06, type HybridConfig, type HybridServent, type Message } from '@servent/gnutella'
import type { Library } from '@servent/library'
import { assert, type Random, randomInt, toPeer } from '@servent/machine'
import { type Adjacency, Simulator, TrafficCounter } from '@servent/simulator'
import { countHolders, drawNode, drawQuestion, type Question, type Running } from './asking.ts'
import { configFor } from './hybrid-config.ts'
import { hybridTopology, ultrapeerCount } from './hybrid-topology.ts'
import { parseLatency } from './latency-option.ts'
import type { ScenarioOptions } from './options.ts'
import { QueryLedger } from './query-ledger.ts'
import type { Experiment, FailureResult, ScenarioResult } from './scenario.ts'
import { SearchTraffic } from './search-traffic.ts'
import { UltrapeerFailure } from './ultrapeer-failure.ts'
import type { Workload } from './workload.ts'
import { createWorkload } from './workloads.ts'

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

/** What is being built, in this order. */
const STARTING = 0
const LINKING = 1
const RUNNING = 2

/**
 * Gnutella 0.6: ultrapeers with links among themselves, leaves with three ultrapeers each, query route tables, dynamic
 * queries. Asks for files, from nodes drawn at random, and counts what each query costs and finds.
 *
 * The servents are those that run in a tab, with the limits that they have there. They begin with their roles and
 * neighbors; tables are exchanged as messages before the first query. With `grown` roles and links are found, too.
 */
export class GnutellaHybrid implements Experiment {
  readonly #options: ScenarioOptions
  readonly #simulator: Simulator<Message, GnutellaEvent, HybridConfig, HybridServent>
  readonly #workload: Workload
  readonly #ledger: QueryLedger
  readonly #traffic = new TrafficCounter<Message>()
  readonly #cost = new SearchTraffic(this.#traffic, ['Query', 'QueryHit', 'QueryStatusRequest', 'QueryStatusResponse'])
  readonly #random: Random
  readonly #running: Running
  /** What is asked, and asked again after a crash. */
  readonly #plan: Question[] = []
  /** Nodes that are ultrapeers from the start; in a network that grows, those that can well be. */
  readonly #ultrapeers: number
  readonly #failure: UltrapeerFailure | undefined
  readonly #configs = new Map<Library, HybridConfig>()
  readonly #ultrapeerConfigs = new Map<Library, HybridConfig>()
  readonly #runUpMs: number
  readonly #endMs: number

  #phase: typeof STARTING | typeof LINKING | typeof RUNNING = STARTING
  #builtCount = 0
  #adjacency: Adjacency | undefined

  constructor(options: ScenarioOptions) {
    const latency = parseLatency(options.latency)
    assert(typeof latency !== 'string', 'options are checked before an experiment is made of them')
    this.#options = options
    this.#ultrapeers = ultrapeerCount(options.nodes, options.leaves)
    this.#runUpMs = options.grown ? RUN_UP_GROWN_MS : RUN_UP_MS
    this.#endMs = this.#runUpMs + this.#batchMs + (options.failUltrapeers > 0 ? RECOVERY_MS + this.#batchMs : 0)
    this.#simulator = new Simulator(gnutella06, {
      nodes: options.nodes,
      seed: options.seed,
      latency: latency.model,
      loss: options.loss,
      wire: options.wire,
      configOf: (node) => this.#configOf(node),
      onEvent: (_node, event) => this.#onEvent(event),
      observer: {
        onSend: (node, to, message, byteCount) => this.#traffic.onSend(node, to, message, byteCount),
        onDeliver: (node, _from, message) => this.#onDeliver(node, message),
      },
    })
    this.#random = this.#simulator.random('queries')
    this.#running = { nodes: options.nodes, isUp: (node) => this.#simulator.isUp(node) }
    this.#workload = createWorkload(options.workload, options.nodes, this.#simulator.random('files'))
    this.#ledger = new QueryLedger(options.nodes, this.#workload, (node) => !this.#isUltrapeer(node))
    if (options.failUltrapeers > 0) this.#failure = this.#makeFailure(options.failUltrapeers)
  }

  get progress(): number {
    if (this.#phase !== RUNNING) return (0.1 * this.#builtCount) / this.#options.nodes + 0.1 * this.#phase
    return 0.2 + (0.8 * this.#simulator.now) / this.#endMs
  }

  get events(): number {
    return this.#simulator.events
  }

  get bytes(): number {
    return this.#simulator.bytes + this.#ledger.bytes
  }

  get isBuilt(): boolean {
    return this.#phase === RUNNING
  }

  step(budget: number): boolean {
    if (this.#phase === RUNNING) return this.#simulator.step(budget, this.#endMs)
    const { nodes, grown } = this.#options
    const until = Math.min(nodes, this.#builtCount + budget)
    for (let node = this.#builtCount; node < until; node++) {
      if (grown) this.#startLater(node)
      else if (this.#phase === STARTING) this.#simulator.start(node)
      else this.#link(node)
    }
    this.#builtCount = until
    if (until === nodes) this.#nextPhase()
    return true
  }

  result(): ScenarioResult {
    const { nodes, degree, ttl, seed, queries, latency, loss, churn, workload } = this.#options
    const simulator = this.#simulator
    const roles = this.#roles()
    const asked = this.#failure === undefined ? queries : 2 * queries
    return {
      overlay: 'gnutella-0.6',
      nodes,
      degree,
      ttl,
      seed,
      queries,
      latency,
      loss,
      churn,
      workload,
      ...this.#cost.cost(nodes, asked, simulator.now),
      ...this.#ledger.findings(),
      ...this.#ledger.reach(asked, nodes - roles.ultrapeers),
      ...roles,
      ...(this.#failure === undefined ? {} : { failure: this.#failureResult(this.#failure) }),
      drops: { ...simulator.drops },
      events: simulator.events,
      virtualSeconds: simulator.now / 1000,
      fingerprint: simulator.fingerprint,
    }
  }

  /** How long it takes to ask all queries and to wait for the last. */
  get #batchMs(): number {
    const { queries, degree, ttl } = this.#options
    return queries * QUERY_INTERVAL_MS + Math.ceil(degree) * ttl * gnutella06.defaults.hopWaitMs + QUERY_MARGIN_MS
  }

  #nextPhase(): void {
    this.#builtCount = 0
    if (this.#phase === STARTING && !this.#options.grown) {
      this.#phase = LINKING
      return
    }
    this.#adjacency = undefined
    this.#phase = RUNNING
    this.#askAll(this.#runUpMs, BEFORE)
    const failure = this.#failure
    if (failure === undefined) return
    const crashAt = this.#runUpMs + this.#batchMs
    this.#simulator.schedule(crashAt, () => failure.crash())
    this.#askAll(crashAt + RECOVERY_MS, AFTER)
  }

  #askAll(startMs: number, phase: number): void {
    for (let i = 0; i < this.#options.queries; i++) {
      this.#simulator.schedule(startMs + i * QUERY_INTERVAL_MS, () => this.#ask(i, phase))
    }
  }

  /** Puts up the links to neighbors with higher numbers, as if both ends had shaken hands. */
  #link(node: number): void {
    const simulator = this.#simulator
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
    const { nodes, degree } = this.#options
    this.#adjacency ??= hybridTopology(nodes, this.#ultrapeers, degree, this.#simulator.random('topology'))
    return this.#adjacency
  }

  /** A newcomer, who knows some who have been there before. */
  #startLater(node: number): void {
    const { nodes } = this.#options
    const simulator = this.#simulator
    const random = simulator.random(`arrival ${node}`)
    const hosts = Array.from({ length: HOSTS_KNOWN }, () => randomInt(random, Math.max(1, node)))
    simulator.schedule((ARRIVAL_MS * node) / nodes, () => {
      simulator.start(node)
      for (const host of new Set(hosts)) if (host !== node) simulator.machine(node).addHost(toPeer(host))
    })
  }

  #configOf(node: number): HybridConfig {
    const library = this.#workload.libraryOf(node)
    const isUltrapeer = node < this.#ultrapeers
    const configs = isUltrapeer ? this.#ultrapeerConfigs : this.#configs
    let config = configs.get(library)
    if (config === undefined) {
      config = configFor(this.#options, library, isUltrapeer)
      configs.set(library, config)
    }
    return config
  }

  #ask(index: number, phase: number): void {
    if (index === 0 && phase === BEFORE) this.#cost.endSetup(this.#simulator.now)
    const planned = this.#plan[index] ?? drawQuestion(this.#random, this.#workload, this.#running)
    if (planned === undefined) return
    this.#plan[index] = planned
    const asker = this.#running.isUp(planned.asker) ? planned.asker : drawNode(this.#random, this.#running)
    if (asker === undefined) return
    const { file } = planned
    const holderCount = countHolders({ asker, file }, this.#workload, this.#running)
    const guid = this.#simulator.machine(asker).query(this.#workload.criteriaFor(file))
    this.#ledger.asked(guid, asker, file, holderCount, this.#simulator.now, phase)
  }

  #onDeliver(node: number, message: Message): void {
    if (message.type === 'Query') this.#ledger.delivered(message.guid, node, message.hops + 1)
  }

  #onEvent(event: GnutellaEvent): void {
    if (event.type === 'query-hit') this.#ledger.answered(event.guid, event.peer, this.#simulator.now)
  }

  #isUltrapeer(node: number): boolean {
    return this.#simulator.machine(node).role === 'ultrapeer'
  }

  #makeFailure(part: number): UltrapeerFailure {
    const simulator = this.#simulator
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
    const recallBefore = this.#ledger.findings(BEFORE).recallWanted
    const recallAfter = this.#ledger.findings(AFTER).recallWanted
    return { crashed, orphans, recoverySeconds, recallBefore, recallAfter }
  }

  #roles(): Required<Pick<ScenarioResult, 'ultrapeers' | 'leavesPerUltrapeer' | 'linksPerUltrapeer' | 'tableFill'>> {
    let ultrapeers = 0
    let leaves = 0
    let links = 0
    let fill = 0
    for (let node = 0; node < this.#options.nodes; node++) {
      if (!this.#simulator.isUp(node) || !this.#isUltrapeer(node)) continue
      const machine = this.#simulator.machine(node)
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
