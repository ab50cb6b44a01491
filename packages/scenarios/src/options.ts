import { parseLatency } from './latency-option.ts'
import { WORKLOADS, type WorkloadName } from './workloads.ts'

/** What can be chosen of an experiment. Plain data, so that it can be sent to a Worker. */
export interface ScenarioOptions {
  /** How many nodes, 2 to 10,000,000. */
  readonly nodes: number
  /** Neighbors of a node, on average. */
  readonly degree: number
  /** Links that a query may travel. */
  readonly ttl: number
  /** How many queries are asked, one after the other. */
  readonly queries: number
  /** A safe integer. The same options with the same seed give the same result and fingerprint. */
  readonly seed: number
  /** How long messages take, such as `constant:50`; see `parseLatency`. */
  readonly latency: string
  /** Which part of the messages is lost, 0 to 1. */
  readonly loss: number
  /** Half of the sessions are over after so many seconds of virtual time; 0 if nobody leaves. */
  readonly churn: number
  /** Whether each message passes through encode and decode: slower, and the fingerprint must not change. */
  readonly wire: boolean
  /** Who shares what. */
  readonly workload: WorkloadName
  /** Leaves of an ultrapeer, on average. */
  readonly leaves: number
  /** Which part of the ultrapeers crashes at once, 0 to 0.9: queries are asked before and, half a minute later, after. */
  readonly failUltrapeers: number
  /** Whether nodes begin knowing a few others and find their neighbors and roles themselves. */
  readonly grown: boolean
}

export const DEFAULT_OPTIONS: ScenarioOptions = Object.freeze({
  nodes: 1000,
  // From Ripeanu et al., "Mapping the Gnutella Network" (2002): 3.4 connections a node, rounded up to a whole number.
  degree: 4,
  // From the Gnutella protocol specification v0.4.
  ttl: 7,
  // Ours: enough for a mean, few enough to wait for.
  queries: 20,
  seed: 1,
  // Ours: half a round trip between two homes of one continent. Constant, so that hops can be read off the clock.
  latency: 'constant:50',
  loss: 0,
  churn: 0,
  wire: false,
  workload: 'collections',
  // Ours: with a hundred places for leaves, a third of the ultrapeers may fail and the others still have room for all.
  leaves: 60,
  failUltrapeers: 0,
  grown: false,
})

const RANGES = [
  ['nodes', 2, 10_000_000, true],
  ['degree', 2, 1000, false],
  ['ttl', 1, 250, true],
  ['queries', 1, 100_000, true],
  ['seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true],
  ['loss', 0, 1, false],
  ['churn', 0, 1_000_000, false],
  ['leaves', 1, 1000, false],
  ['failUltrapeers', 0, 0.9, false],
] as const

/** One sentence that says what is wrong with the options, or undefined. */
export function checkOptions(options: ScenarioOptions): string | undefined {
  for (const [name, min, max, isWhole] of RANGES) {
    const value = options[name]
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) continue
    return `${name} must be a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}, not ${value}.`
  }
  if (options.degree > options.nodes - 1 && options.nodes > 2) {
    return `degree must be less than the number of nodes, ${options.nodes}, not ${options.degree}.`
  }
  if (!WORKLOADS.includes(options.workload))
    return `workload must be ${WORKLOADS.join(' or ')}, not ${options.workload}.`
  const latency = parseLatency(options.latency)
  return typeof latency === 'string' ? latency : undefined
}
