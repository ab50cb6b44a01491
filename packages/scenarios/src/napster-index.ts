import type { Library } from '@servent/library'
import { assert, type Random, toPeer } from '@servent/machine'
import {
  IndexClient,
  type IndexServer,
  type Message,
  type NapsterConfig,
  type NapsterEvent,
  napster,
} from '@servent/napster'
import { Simulator, TrafficCounter } from '@servent/simulator'
import { countHolders, drawQuestion, type Running } from './asking.ts'
import { parseLatency } from './latency-option.ts'
import type { ScenarioOptions } from './options.ts'
import { QueryLedger } from './query-ledger.ts'
import type { Experiment, ScenarioResult } from './scenario.ts'
import { SearchTraffic } from './search-traffic.ts'
import type { Workload } from './workload.ts'
import { createWorkload } from './workloads.ts'

/** Clients log in one after the other, over this virtual time, and share what they have. */
const ARRIVAL_MS = 60_000
/** Then the index has so long to take it all in. */
const RUN_UP_MS = 90_000
const QUERY_INTERVAL_MS = 1000
/** The last query is given this time. */
const QUERY_MS_MAX = 20_000

/**
 * Napster: one index that knows what everyone shares. Asks for files, from clients drawn at random, and counts what each
 * search costs and finds. The index is one node more than there are clients.
 */
export class NapsterIndex implements Experiment {
  readonly #options: ScenarioOptions
  readonly #simulator: Simulator<Message, NapsterEvent, NapsterConfig, IndexServer | IndexClient>
  readonly #index: number
  readonly #workload: Workload
  readonly #ledger: QueryLedger
  readonly #traffic = new TrafficCounter<Message>()
  readonly #cost = new SearchTraffic(this.#traffic, ['Search', 'SearchResult', 'SearchEnd'])
  readonly #random: Random
  readonly #running: Running
  readonly #configs = new Map<Library, NapsterConfig>()
  /** The search that each client asked last. */
  readonly #lastOf = new Map<number, string>()
  readonly #endMs: number
  #startedCount = 0
  #queryCount = 0

  constructor(options: ScenarioOptions) {
    const latency = parseLatency(options.latency)
    assert(typeof latency !== 'string', 'options are checked before an experiment is made of them')
    this.#options = options
    this.#index = options.nodes
    this.#endMs = RUN_UP_MS + options.queries * QUERY_INTERVAL_MS + QUERY_MS_MAX
    this.#simulator = new Simulator(napster, {
      nodes: options.nodes + 1,
      seed: options.seed,
      latency: latency.model,
      loss: options.loss,
      wire: options.wire,
      configOf: (node) => this.#configOf(node),
      onEvent: (node, event) => this.#onEvent(node, event),
      observer: {
        onSend: (node, to, message, byteCount) => this.#traffic.onSend(node, to, message, byteCount),
        onDeliver: (node, from, message) => this.#onDeliver(node, from, message),
      },
    })
    this.#random = this.#simulator.random('queries')
    this.#running = { nodes: options.nodes, isUp: (node) => this.#simulator.isUp(node) }
    this.#workload = createWorkload(options.workload, options.nodes, this.#simulator.random('files'))
    this.#ledger = new QueryLedger(options.nodes + 1, this.#workload, (node) => node !== this.#index)
  }

  get progress(): number {
    if (!this.isBuilt) return (0.2 * this.#startedCount) / this.#options.nodes
    return 0.2 + (0.8 * this.#simulator.now) / this.#endMs
  }

  get events(): number {
    return this.#simulator.events
  }

  get bytes(): number {
    return this.#simulator.bytes + this.#ledger.bytes
  }

  get isBuilt(): boolean {
    return this.#startedCount === this.#options.nodes
  }

  step(budget: number): boolean {
    if (this.isBuilt) return this.#simulator.step(budget, this.#endMs)
    const { nodes, queries } = this.#options
    if (this.#startedCount === 0) this.#simulator.start(this.#index)
    const until = Math.min(nodes, this.#startedCount + budget)
    for (let node = this.#startedCount; node < until; node++) {
      this.#simulator.schedule((ARRIVAL_MS * node) / nodes, () => this.#begin(node))
    }
    this.#startedCount = until
    if (!this.isBuilt) return true
    for (let i = 0; i < queries; i++) this.#simulator.schedule(RUN_UP_MS + i * QUERY_INTERVAL_MS, () => this.#ask())
    return true
  }

  result(): ScenarioResult {
    const { nodes, degree, ttl, seed, queries, latency, loss, churn, workload } = this.#options
    const simulator = this.#simulator
    return {
      overlay: 'napster',
      nodes,
      degree,
      ttl,
      seed,
      queries,
      latency,
      loss,
      churn,
      workload,
      ...this.#cost.cost(nodes, queries, simulator.now),
      ...this.#ledger.findings(),
      ...this.#ledger.reach(queries, nodes),
      drops: { ...simulator.drops },
      events: simulator.events,
      virtualSeconds: simulator.now / 1000,
      fingerprint: simulator.fingerprint,
    }
  }

  #begin(node: number): void {
    this.#simulator.start(node)
    this.#clientAt(node).addIndex(toPeer(this.#index))
  }

  #clientAt(node: number): IndexClient {
    const machine = this.#simulator.machine(node)
    assert(machine instanceof IndexClient, 'all nodes but the last are clients')
    return machine
  }

  #configOf(node: number): NapsterConfig {
    const { defaults } = napster
    if (node === this.#index) return { ...defaults, isIndex: true, usersMax: this.#options.nodes }
    const library = this.#workload.libraryOf(node)
    let config = this.#configs.get(library)
    if (config === undefined) {
      // Nothing changes in it, so nobody needs to look every second.
      config = { ...defaults, library, librarySyncMs: 0 }
      this.#configs.set(library, config)
    }
    return config
  }

  #ask(): void {
    if (this.#queryCount++ === 0) this.#cost.endSetup(this.#simulator.now)
    const question = drawQuestion(this.#random, this.#workload, this.#running)
    if (question === undefined) return
    const { asker, file } = question
    const holderCount = countHolders(question, this.#workload, this.#running)
    const request = this.#clientAt(asker).search(this.#workload.criteriaFor(file))
    const id = idOf(asker, request)
    this.#lastOf.set(asker, id)
    this.#ledger.asked(id, asker, file, holderCount, this.#simulator.now)
  }

  #onDeliver(node: number, from: number, message: Message): void {
    const id = message.type === 'Search' ? this.#lastOf.get(from) : undefined
    if (id !== undefined) this.#ledger.delivered(id, node, 1)
  }

  #onEvent(node: number, event: NapsterEvent): void {
    if (event.type === 'napster-hit') this.#ledger.answered(idOf(node, event.id), event.peer, this.#simulator.now)
  }
}

/** Clients number their searches from 1 on, each its own. */
function idOf(node: number, request: number): string {
  return `${node} ${request}`
}
