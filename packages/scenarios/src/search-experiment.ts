import { assert, type Machine, type Protocol, type Random } from '@servent/machine'
import { Simulator, TrafficCounter } from '@servent/simulator'
import { countHolders, drawQuestion, type Question, type Running } from './asking.ts'
import { parseLatency } from './latency-option.ts'
import type { ScenarioOptions } from './options.ts'
import { type QueryId, QueryLedger } from './query-ledger.ts'
import type { Experiment, ScenarioResult } from './scenario.ts'
import { SearchTraffic } from './search-traffic.ts'
import type { Workload } from './workload.ts'
import { createWorkload } from './workloads.ts'

/** What an overlay's experiment is set up with. */
export interface SearchSetup {
  /** Nodes of the simulator, where that is more than those that ask. */
  readonly nodes?: number
  /** Messages that nobody would send if nobody searched. */
  readonly queryTypes: readonly string[]
  /** How often all nodes are gone through, in their order, until everything is built. */
  readonly rounds: number
}

/** The part of the progress that building is. */
const BUILDING = 0.2

/**
 * Asks for files in an overlay, from nodes drawn at random, and counts what each query costs and finds: what the experiments
 * of all overlays for searching have in common.
 */
export abstract class SearchExperiment<
  Message extends { readonly type: string },
  Event,
  Config,
  M extends Machine<Message>,
> implements Experiment
{
  protected readonly options: ScenarioOptions
  protected readonly simulator: Simulator<Message, Event, Config, M>
  protected readonly workload: Workload
  protected readonly ledger: QueryLedger
  protected readonly random: Random
  protected readonly running: Running
  /** The longest that a message is under way, in milliseconds. */
  protected readonly latencyMsMax: number
  /** When it is over, in milliseconds of virtual time. */
  protected abstract readonly endMs: number
  readonly #cost: SearchTraffic<Message>
  readonly #rounds: number
  #round = 0
  #builtCount = 0
  #askedCount = 0

  constructor(protocol: Protocol<Message, Event, Config, M>, options: ScenarioOptions, setup: SearchSetup) {
    const latency = parseLatency(options.latency)
    assert(typeof latency !== 'string', 'options are checked before an experiment is made of them')
    const { nodes = options.nodes, queryTypes, rounds } = setup
    const traffic = new TrafficCounter<Message>()
    this.options = options
    this.latencyMsMax = latency.msMax
    this.#rounds = rounds
    this.#cost = new SearchTraffic(traffic, queryTypes)
    this.simulator = new Simulator(protocol, {
      nodes,
      seed: options.seed,
      latency: latency.model,
      loss: options.loss,
      wire: options.wire,
      configOf: (node) => this.configOf(node),
      onEvent: (node, event) => this.onEvent(node, event),
      observer: {
        onSend: (node, to, message, byteCount) => traffic.onSend(node, to, message, byteCount),
        onDeliver: (node, from, message) => this.onDeliver(node, from, message),
      },
    })
    this.random = this.simulator.random('queries')
    this.running = { nodes: options.nodes, isUp: (node) => this.simulator.isUp(node) }
    this.workload = createWorkload(options.workload, options.nodes, this.simulator.random('files'))
    this.ledger = new QueryLedger(nodes, this.workload, (node) => this.isLeaf(node))
  }

  get progress(): number {
    if (!this.isBuilt) return (BUILDING * (this.#round + this.#builtCount / this.options.nodes)) / this.#rounds
    return BUILDING + ((1 - BUILDING) * this.simulator.now) / this.endMs
  }

  get events(): number {
    return this.simulator.events
  }

  get bytes(): number {
    return this.simulator.bytes + this.ledger.bytes
  }

  get isBuilt(): boolean {
    return this.#round === this.#rounds
  }

  step(budget: number): boolean {
    if (this.isBuilt) return this.simulator.step(budget, this.endMs)
    const { nodes } = this.options
    const until = Math.min(nodes, this.#builtCount + budget)
    for (let node = this.#builtCount; node < until; node++) this.build(node, this.#round)
    this.#builtCount = until
    if (until < nodes) return true
    this.#builtCount = 0
    this.#round++
    if (this.isBuilt) this.onBuilt()
    return true
  }

  abstract result(): ScenarioResult

  protected abstract configOf(node: number): Config
  /** Does for one node what is done in this round. */
  protected abstract build(node: number, round: number): void
  /** Everything is built: plans what happens from here on. */
  protected abstract onBuilt(): void
  protected abstract onDeliver(node: number, from: number, message: Message): void
  protected abstract onEvent(node: number, event: Event): void
  /** Lets a node ask, and tells what its query is known by. */
  protected abstract query(asker: number, criteria: string): QueryId

  /** Whether a node carries nothing on for others; it is so in an overlay of equals for all. */
  protected isLeaf(_node: number): boolean {
    return true
  }

  /** The first query is about to be asked: what was sent until now was for no query. */
  protected endSetup(): void {
    this.#cost.endSetup(this.simulator.now)
  }

  protected drawQuestion(): Question | undefined {
    return drawQuestion(this.random, this.workload, this.running)
  }

  /** Asks the next question. */
  protected askNext(): void {
    if (this.#askedCount++ === 0) this.endSetup()
    const question = this.drawQuestion()
    if (question !== undefined) this.ask(question)
  }

  /** Asks a question, and opens the books on it. */
  protected ask(question: Question, phase?: number): void {
    const { asker, file } = question
    const holderCount = countHolders(question, this.workload, this.running)
    const id = this.query(asker, this.workload.criteriaFor(file))
    this.ledger.asked(id, asker, file, holderCount, this.simulator.now, phase)
  }

  /**
   * What every overlay tells.
   *
   * @param asked - queries
   * @param leaves - how many nodes are leaves
   * @param more - what this one tells besides
   */
  protected resultOf(
    overlay: string,
    asked: number = this.options.queries,
    leaves: number = this.options.nodes,
    more: Partial<ScenarioResult> = {}
  ): ScenarioResult {
    const { nodes, degree, ttl, seed, queries, latency, loss, churn, workload } = this.options
    const { now, drops, events, fingerprint } = this.simulator
    return {
      ...{ overlay, nodes, degree, ttl, seed, queries, latency, loss, churn, workload },
      ...this.#cost.cost(nodes, asked, now),
      ...this.ledger.findings(),
      ...this.ledger.reach(asked, leaves),
      ...more,
      drops: { ...drops },
      events,
      virtualSeconds: now / 1000,
      fingerprint,
    }
  }
}
