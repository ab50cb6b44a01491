import { Histogram } from '@servent/simulator'
import type { Workload } from './workload.ts'

/** What names a query: the same object or number wherever it comes up. */
export type QueryId = string | number

/** Results that somebody reads. From LimeWire: what an ultrapeer looks for on behalf of a leaf. */
const RESULTS_WANTED = 50

/** A file that so few have is rare. Ours. */
const RARE_HOLDERS_MAX = 10

/** What became of one query. */
class Entry {
  readonly file: number
  readonly askedAt: number
  readonly phase: number
  readonly holderCount: number
  /** Who has got it, a bit a node: a query at a time, this stays in the cache. */
  readonly reached: Uint32Array
  readonly answered = new Set<unknown>()
  firstAt = Number.NaN

  constructor(file: number, askedAt: number, phase: number, holderCount: number, nodes: number) {
    this.file = file
    this.askedAt = askedAt
    this.phase = phase
    this.holderCount = holderCount
    this.reached = new Uint32Array((nodes + 31) >>> 5)
  }
}

/** What queries found, in one phase of an experiment or in all of it. */
export interface Findings {
  /** Results, all of them, on average. */
  readonly hitsPerQuery: number
  /** Results, of each query as many as are wanted at the most, on average. */
  readonly resultsPerQuery: number
  /** Which part of those who have what is asked for answered, all queries together, 0 to 1. */
  readonly recall: number
  /** The same, where of each query no more than the results that are wanted count. */
  readonly recallWanted: number
  /** The same as `recall`, of the queries for rare files alone. 1 if there were none. */
  readonly recallRare: number
  /** Queries for rare files. */
  readonly rareQueries: number
  /** Milliseconds of virtual time until the first result, of the queries that had one: the median and the 95th percentile. */
  readonly latencyMs: { readonly p50: number; readonly p95: number }
}

/** How far queries came. */
export interface Reach {
  /** Nodes that a query came to, the asker not counted, on average. */
  readonly nodesReachedPerQuery: number
  /** Copies of a query that came to a node which had it already, on average. */
  readonly duplicatesPerQuery: number
  readonly meanHops: number
  /** How many nodes a query came to first after so many links; at 0 the askers. */
  readonly hopHistogram: readonly number[]
  /** Leaves that a query came to, on average; where all are equals, every node is one. */
  readonly leavesReachedPerQuery: number
  /** Which part of those leaves had nothing that was asked for, 0 to 1. */
  readonly leavesReachedWithoutMatch: number
  /** Which part of all leaves a query came to that had nothing of it, on average, 0 to 1. */
  readonly leavesReachedInVain: number
}

/** Books of all queries of an experiment: whom each came to, and what it found. */
export class QueryLedger {
  readonly #nodes: number
  readonly #workload: Workload
  readonly #isLeaf: (node: number) => boolean
  readonly #entries = new Map<QueryId, Entry>()
  /** Copies of one query come one after the other. */
  #lastId: QueryId | undefined
  #lastEntry: Entry | undefined
  #copiesReceived = 0
  #leavesReached = 0
  #leavesWithoutMatch = 0
  readonly #hops = new Histogram()

  /** @param isLeaf - whether a node carries nothing on for others; it is so in an overlay of equals for all */
  constructor(nodes: number, workload: Workload, isLeaf: (node: number) => boolean = () => true) {
    this.#nodes = nodes
    this.#workload = workload
    this.#isLeaf = isLeaf
  }

  get bytes(): number {
    return this.#entries.size * 4 * ((this.#nodes + 31) >>> 5)
  }

  /**
   * A query was asked.
   *
   * @param holderCount - how many could answer it
   * @param phase - for {@link findings}
   */
  asked(id: QueryId, asker: number, file: number, holderCount: number, now: number, phase = 0): void {
    const entry = new Entry(file, now, phase, holderCount, this.#nodes)
    mark(entry.reached, asker)
    this.#entries.set(id, entry)
  }

  /** A copy of a query came to a node over so many links. */
  delivered(id: QueryId, node: number, hops: number): void {
    const entry = this.#find(id)
    if (entry === undefined) return
    this.#copiesReceived++
    if (!mark(entry.reached, node)) return
    this.#hops.add(hops)
    if (!this.#isLeaf(node)) return
    this.#leavesReached++
    if (!this.#workload.holds(node, entry.file)) this.#leavesWithoutMatch++
  }

  /** The asker heard that somebody has it. */
  answered(id: QueryId, peer: unknown, now: number): void {
    const entry = this.#find(id)
    if (entry === undefined) return
    if (entry.answered.size === 0) entry.firstAt = now
    entry.answered.add(peer)
  }

  /** What was found by the queries of a phase, or by all. */
  findings(phase?: number): Findings {
    const entries = [...this.#entries.values()].filter((entry) => phase === undefined || entry.phase === phase)
    const count = Math.max(1, entries.length)
    const rare = entries.filter(({ holderCount }) => holderCount > 0 && holderCount <= RARE_HOLDERS_MAX)
    const latencies = entries
      .filter(({ answered }) => answered.size > 0)
      .map(({ firstAt, askedAt }) => firstAt - askedAt)
    latencies.sort((a, b) => a - b)
    return {
      hitsPerQuery: sum(entries, ({ answered }) => answered.size) / count,
      resultsPerQuery: sum(entries, ({ answered }) => Math.min(answered.size, RESULTS_WANTED)) / count,
      recall: recallOf(entries, Number.POSITIVE_INFINITY),
      recallWanted: recallOf(entries, RESULTS_WANTED),
      recallRare: recallOf(rare, Number.POSITIVE_INFINITY),
      rareQueries: rare.length,
      latencyMs: { p50: percentile(latencies, 0.5), p95: percentile(latencies, 0.95) },
    }
  }

  /** How far all queries came, divided by their number, and by that of all leaves. */
  reach(queries: number, leaves: number): Reach {
    const reached = this.#hops.total
    return {
      nodesReachedPerQuery: reached / queries,
      duplicatesPerQuery: (this.#copiesReceived - reached) / queries,
      meanHops: this.#hops.mean,
      hopHistogram: [queries, ...this.#hops.toArray().slice(1)],
      leavesReachedPerQuery: this.#leavesReached / queries,
      leavesReachedWithoutMatch: this.#leavesReached === 0 ? 0 : this.#leavesWithoutMatch / this.#leavesReached,
      leavesReachedInVain: leaves === 0 ? 0 : this.#leavesWithoutMatch / queries / leaves,
    }
  }

  #find(id: QueryId): Entry | undefined {
    if (id === this.#lastId) return this.#lastEntry
    const entry = this.#entries.get(id)
    if (entry !== undefined) {
      this.#lastId = id
      this.#lastEntry = entry
    }
    return entry
  }
}

/** @returns whether the bit was not set yet */
function mark(bits: Uint32Array, node: number): boolean {
  const word = bits[node >>> 5] as number
  const bit = 1 << (node & 31)
  if ((word & bit) !== 0) return false
  bits[node >>> 5] = word | bit
  return true
}

function recallOf(entries: readonly Entry[], wanted: number): number {
  const holders = sum(entries, ({ holderCount }) => Math.min(holderCount, wanted))
  return holders === 0 ? 1 : sum(entries, ({ answered }) => Math.min(answered.size, wanted)) / holders
}

/** The smallest value that the given part of all do not exceed; 0 of none. */
function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0
}

function sum(entries: readonly Entry[], value: (entry: Entry) => number): number {
  return entries.reduce((total, entry) => total + value(entry), 0)
}
