import { type GnutellaConfig, type GnutellaEvent, gnutella04, type Message, type Servent } from '@servent/gnutella'
import type { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { type Adjacency, adjacencyOf, churn, randomGraph } from '@servent/simulator'
import { drawNode } from './asking.ts'
import type { ScenarioOptions } from './options.ts'
import type { QueryId } from './query-ledger.ts'
import type { ScenarioResult } from './scenario.ts'
import { SearchExperiment } from './search-experiment.ts'

/** Virtual time before the first query: with churn, long enough for the network to be as it will stay. */
const WARM_UP_MS = 1000
const WARM_UP_CHURN_MS = 60_000
/** Queries follow one another at least so long, so that no bucket of a neighbor runs empty. */
const QUERY_INTERVAL_MS_MIN = 1000
const QUERY_INTERVAL_CHURN_MS_MIN = 5000

/** Nodes are started in one round, and linked in another. */
const STARTING = 0
const ROUNDS = 2

/**
 * Gnutella 0.4 in a random graph: asks for files one after the other, from nodes drawn at random, and counts what each
 * query costs and finds.
 *
 * The servents are those that run in a tab, with two differences: they begin with their neighbors, and the limits on how
 * much a neighbor may send are off, for it is the flood itself that is measured. Without churn nobody pings.
 */
export class GnutellaFlood extends SearchExperiment<Message, GnutellaEvent, GnutellaConfig, Servent> {
  readonly #configs = new Map<Library, GnutellaConfig>()
  readonly #intervalMs: number
  readonly #warmUpMs: number
  protected readonly endMs: number
  #adjacency: Adjacency | undefined

  constructor(options: ScenarioOptions) {
    super(gnutella04, options, { queryTypes: ['Query', 'QueryHit'], rounds: ROUNDS })
    const isChurning = options.churn > 0
    // There and back, and a little more.
    const roundTripMs = 2 * options.ttl * this.latencyMsMax + 100
    this.#intervalMs = Math.max(roundTripMs, isChurning ? QUERY_INTERVAL_CHURN_MS_MIN : QUERY_INTERVAL_MS_MIN)
    this.#warmUpMs = isChurning ? WARM_UP_CHURN_MS : WARM_UP_MS
    this.endMs = this.#warmUpMs + options.queries * this.#intervalMs
  }

  result(): ScenarioResult {
    return this.resultOf('gnutella-0.4')
  }

  protected build(node: number, round: number): void {
    const { nodes, degree } = this.options
    this.#adjacency ??= adjacencyOf(nodes, randomGraph(nodes, degree, this.simulator.random('topology')))
    if (round === STARTING) this.#begin(node, this.#adjacency)
    else this.#link(node, this.#adjacency)
  }

  protected onBuilt(): void {
    this.#adjacency = undefined
    // Lets the connections come up, so that what follows is the flood and nothing else.
    this.simulator.run(0)
    for (let i = 0; i < this.options.queries; i++) {
      this.simulator.schedule(this.#warmUpMs + i * this.#intervalMs, () => this.askNext())
    }
    this.#beginChurn()
  }

  /**
   * Starts a node, which takes its neighbors as if they had shaken hands. What belongs to one node is made in one go, so that
   * it lies together in memory.
   */
  #begin(node: number, { start, peers }: Adjacency): void {
    this.simulator.start(node)
    const machine = this.simulator.machine(node)
    for (let i = start[node] as number; i < (start[node + 1] as number); i++) machine.adopt(toPeer(peers[i] as number))
  }

  /** Puts up the connections to neighbors with higher numbers. */
  #link(node: number, { start, peers }: Adjacency): void {
    for (let i = start[node] as number; i < (start[node + 1] as number); i++) {
      const peer = peers[i] as number
      if (node < peer) this.simulator.link(node, peer)
    }
  }

  #beginChurn(): void {
    const { churn: halfLifeSeconds, degree } = this.options
    if (halfLifeSeconds === 0) return
    const random = this.simulator.random('host cache')
    churn(this.simulator, { sessionHalfLifeMs: halfLifeSeconds * 1000 }, (node) => {
      // What a host cache would tell: some who are there.
      for (let i = 0; i < degree; i++) {
        const host = drawNode(random, this.running)
        if (host !== undefined) this.simulator.machine(node).addHost(toPeer(host))
      }
    })
  }

  protected configOf(node: number): GnutellaConfig {
    const library = this.workload.libraryOf(node)
    let config = this.#configs.get(library)
    if (config === undefined) {
      config = configFor(this.options, library)
      this.#configs.set(library, config)
    }
    return config
  }

  protected query(asker: number, criteria: string): QueryId {
    return this.simulator.machine(asker).query(criteria)
  }

  protected onDeliver(node: number, _from: number, message: Message): void {
    if (message.type === 'Query') this.ledger.delivered(message.guid, node, message.hops + 1)
  }

  protected onEvent(_node: number, event: GnutellaEvent): void {
    if (event.type === 'query-hit') this.ledger.answered(event.guid, event.peer, this.simulator.now)
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
