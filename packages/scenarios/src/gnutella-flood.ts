import { type GnutellaConfig, type GnutellaEvent, gnutella04, type Message, type Servent } from '@servent/gnutella'
import type { Library } from '@servent/library'
import { assert, type Random, toPeer } from '@servent/machine'
import { type Adjacency, adjacencyOf, churn, randomGraph, Simulator, TrafficCounter } from '@servent/simulator'
import { countHolders, drawNode, drawQuestion, type Running } from './asking.ts'
import { parseLatency } from './latency-option.ts'
import type { ScenarioOptions } from './options.ts'
import { QueryLedger } from './query-ledger.ts'
import type { Experiment, ScenarioResult } from './scenario.ts'
import { SearchTraffic } from './search-traffic.ts'
import type { Workload } from './workload.ts'
import { createWorkload } from './workloads.ts'

/** Virtual time before the first query: with churn, long enough for the network to be as it will stay. */
const WARM_UP_MS = 1000
const WARM_UP_CHURN_MS = 60_000
/** Queries follow one another at least so long, so that no bucket of a neighbor runs empty. */
const QUERY_INTERVAL_MS_MIN = 1000
const QUERY_INTERVAL_CHURN_MS_MIN = 5000

/** What is being built, in this order. */
const STARTING = 0
const LINKING = 1
const RUNNING = 2

/**
 * Gnutella 0.4 in a random graph: asks for files one after the other, from nodes drawn at random, and counts what each
 * query costs and finds.
 *
 * The servents are those that run in a tab, with two differences: they begin with their neighbors, and the limits on how
 * much a neighbor may send are off, for it is the flood itself that is measured. Without churn nobody pings.
 */
export class GnutellaFlood implements Experiment {
  readonly #options: ScenarioOptions
  readonly #simulator: Simulator<Message, GnutellaEvent, GnutellaConfig, Servent>
  readonly #workload: Workload
  readonly #ledger: QueryLedger
  readonly #traffic = new TrafficCounter<Message>()
  readonly #cost = new SearchTraffic(this.#traffic, ['Query', 'QueryHit'])
  readonly #random: Random
  readonly #running: Running
  readonly #configs = new Map<Library, GnutellaConfig>()
  readonly #intervalMs: number
  readonly #warmUpMs: number
  readonly #endMs: number

  #phase: typeof STARTING | typeof LINKING | typeof RUNNING = STARTING
  #builtCount = 0
  #adjacency: Adjacency | undefined

  #queryCount = 0

  constructor(options: ScenarioOptions) {
    const latency = parseLatency(options.latency)
    assert(typeof latency !== 'string', 'options are checked before an experiment is made of them')
    this.#options = options
    const isChurning = options.churn > 0
    // There and back, and a little more.
    const roundTripMs = 2 * options.ttl * latency.msMax + 100
    this.#intervalMs = Math.max(roundTripMs, isChurning ? QUERY_INTERVAL_CHURN_MS_MIN : QUERY_INTERVAL_MS_MIN)
    this.#warmUpMs = isChurning ? WARM_UP_CHURN_MS : WARM_UP_MS
    this.#endMs = this.#warmUpMs + options.queries * this.#intervalMs
    this.#simulator = new Simulator(gnutella04, {
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
    this.#ledger = new QueryLedger(options.nodes, this.#workload)
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
    const { nodes, degree } = this.#options
    this.#adjacency ??= adjacencyOf(nodes, randomGraph(nodes, degree, this.#simulator.random('topology')))
    const until = Math.min(nodes, this.#builtCount + budget)
    for (let node = this.#builtCount; node < until; node++) {
      if (this.#phase === STARTING) this.#begin(node)
      else this.#link(node)
    }
    this.#builtCount = until
    if (until === nodes) this.#nextPhase()
    return true
  }

  result(): ScenarioResult {
    const { nodes, degree, ttl, seed, queries, latency, loss, churn, workload } = this.#options
    return {
      overlay: 'gnutella-0.4',
      nodes,
      degree,
      ttl,
      seed,
      queries,
      latency,
      loss,
      churn,
      workload,
      ...this.#cost.cost(nodes, queries, this.#simulator.now),
      ...this.#ledger.findings(),
      ...this.#ledger.reach(queries, nodes),
      drops: { ...this.#simulator.drops },
      events: this.#simulator.events,
      virtualSeconds: this.#simulator.now / 1000,
      fingerprint: this.#simulator.fingerprint,
    }
  }

  #nextPhase(): void {
    this.#builtCount = 0
    if (this.#phase === STARTING) {
      this.#phase = LINKING
      return
    }
    this.#adjacency = undefined
    // Lets the connections come up, so that what follows is the flood and nothing else.
    this.#simulator.run(0)
    this.#phase = RUNNING
    const { queries } = this.#options
    for (let i = 0; i < queries; i++) {
      this.#simulator.schedule(this.#warmUpMs + i * this.#intervalMs, () => this.#ask())
    }
    this.#beginChurn()
  }

  /**
   * Starts a node, which takes its neighbors as if they had shaken hands. What belongs to one node is made in one go, so that
   * it lies together in memory.
   */
  #begin(node: number): void {
    this.#simulator.start(node)
    const machine = this.#simulator.machine(node)
    const { start, peers } = this.#adjacency as Adjacency
    for (let i = start[node] as number; i < (start[node + 1] as number); i++) machine.adopt(toPeer(peers[i] as number))
  }

  /** Puts up the connections to neighbors with higher numbers. */
  #link(node: number): void {
    const { start, peers } = this.#adjacency as Adjacency
    for (let i = start[node] as number; i < (start[node + 1] as number); i++) {
      const peer = peers[i] as number
      if (node < peer) this.#simulator.link(node, peer)
    }
  }

  #beginChurn(): void {
    const { churn: halfLifeSeconds, degree } = this.#options
    if (halfLifeSeconds === 0) return
    const random = this.#simulator.random('host cache')
    churn(this.#simulator, { sessionHalfLifeMs: halfLifeSeconds * 1000 }, (node) => {
      // What a host cache would tell: some who are there.
      for (let i = 0; i < degree; i++) {
        const host = drawNode(random, this.#running)
        if (host !== undefined) this.#simulator.machine(node).addHost(toPeer(host))
      }
    })
  }

  #configOf(node: number): GnutellaConfig {
    const library = this.#workload.libraryOf(node)
    let config = this.#configs.get(library)
    if (config === undefined) {
      config = configFor(this.#options, library)
      this.#configs.set(library, config)
    }
    return config
  }

  #ask(): void {
    if (this.#queryCount === 0) this.#cost.endSetup(this.#simulator.now)
    this.#queryCount++
    const question = drawQuestion(this.#random, this.#workload, this.#running)
    if (question === undefined) return
    const { asker, file } = question
    const holderCount = countHolders(question, this.#workload, this.#running)
    const guid = this.#simulator.machine(asker).query(this.#workload.criteriaFor(file))
    this.#ledger.asked(guid, asker, file, holderCount, this.#simulator.now)
  }

  #onDeliver(node: number, message: Message): void {
    if (message.type === 'Query') this.#ledger.delivered(message.guid, node, message.hops + 1)
  }

  #onEvent(event: GnutellaEvent): void {
    if (event.type === 'query-hit') this.#ledger.answered(event.guid, event.peer, this.#simulator.now)
  }
}

/** The protocol's own config, but for what is said at {@link GnutellaFlood}. */
function configFor(options: ScenarioOptions, library: Library): GnutellaConfig {
  const { defaults } = gnutella04
  const isChurning = options.churn > 0
  const neighbors = Math.ceil(options.degree)
  return {
    ...defaults,
    library,
    ttl: options.ttl,
    ttlMax: options.ttl,
    ttlHardMax: Math.max(options.ttl, defaults.ttlHardMax),
    neighborsTarget: isChurning ? neighbors : 0,
    neighborsMax: 2 * neighbors,
    joinTtl: isChurning ? Math.min(defaults.joinTtl, options.ttl) : 0,
    maintenanceIntervalMs: isChurning ? defaults.maintenanceIntervalMs : 0,
    queryIntervalMs: 0,
    hitIntervalMs: 0,
    resultsTakenMax: options.nodes,
  }
}
