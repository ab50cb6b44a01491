import type { Library } from '@servent/library'
import { assert, toPeer } from '@servent/machine'
import {
  IndexClient,
  type IndexServer,
  type Message,
  type NapsterConfig,
  type NapsterEvent,
  napster,
} from '@servent/napster'
import type { ScenarioOptions } from './options.ts'
import type { QueryId } from './query-ledger.ts'
import type { ScenarioResult } from './scenario.ts'
import { SearchExperiment } from './search-experiment.ts'

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
export class NapsterIndex extends SearchExperiment<Message, NapsterEvent, NapsterConfig, IndexServer | IndexClient> {
  readonly #index: number
  readonly #configs = new Map<Library, NapsterConfig>()
  /** The search that each client asked last. */
  readonly #lastOf = new Map<number, string>()
  protected readonly endMs: number

  constructor(options: ScenarioOptions) {
    const queryTypes = ['Search', 'SearchResult', 'SearchEnd']
    super(napster, options, { nodes: options.nodes + 1, queryTypes, rounds: 1 })
    this.#index = options.nodes
    this.endMs = RUN_UP_MS + options.queries * QUERY_INTERVAL_MS + QUERY_MS_MAX
  }

  result(): ScenarioResult {
    return this.resultOf('napster')
  }

  protected build(node: number): void {
    if (node === 0) this.simulator.start(this.#index)
    this.simulator.schedule((ARRIVAL_MS * node) / this.options.nodes, () => this.#begin(node))
  }

  protected onBuilt(): void {
    for (let i = 0; i < this.options.queries; i++) {
      this.simulator.schedule(RUN_UP_MS + i * QUERY_INTERVAL_MS, () => this.askNext())
    }
  }

  protected override isLeaf(node: number): boolean {
    return node !== this.#index
  }

  #begin(node: number): void {
    this.simulator.start(node)
    this.#clientAt(node).addIndex(toPeer(this.#index))
  }

  #clientAt(node: number): IndexClient {
    const machine = this.simulator.machine(node)
    assert(machine instanceof IndexClient, 'all nodes but the last are clients')
    return machine
  }

  protected configOf(node: number): NapsterConfig {
    const { defaults } = napster
    if (node === this.#index) return { ...defaults, isIndex: true, usersMax: this.options.nodes }
    const library = this.workload.libraryOf(node)
    let config = this.#configs.get(library)
    if (config === undefined) {
      // Nothing changes in it, so nobody needs to look every second.
      config = { ...defaults, library, librarySyncMs: 0 }
      this.#configs.set(library, config)
    }
    return config
  }

  protected query(asker: number, criteria: string): QueryId {
    const id = idOf(asker, this.#clientAt(asker).search(criteria))
    this.#lastOf.set(asker, id)
    return id
  }

  protected onDeliver(node: number, from: number, message: Message): void {
    const id = message.type === 'Search' ? this.#lastOf.get(from) : undefined
    if (id !== undefined) this.ledger.delivered(id, node, 1)
  }

  protected onEvent(node: number, event: NapsterEvent): void {
    if (event.type === 'napster-hit') this.ledger.answered(idOf(node, event.id), event.peer, this.simulator.now)
  }
}

/** Clients number their searches from 1 on, each its own. */
function idOf(node: number, request: number): string {
  return `${node} ${request}`
}
