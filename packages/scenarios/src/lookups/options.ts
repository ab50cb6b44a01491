import { parseLatency } from '../latency-option.ts'

/** How nodes come into a structured overlay: with the tables they should have, or by joining one after the other. */
export const JOINS = ['ideal', 'real'] as const
export type Joins = (typeof JOINS)[number]

/** What can be chosen of an experiment with a structured overlay. Plain data, so that it can be sent to a Worker. */
export interface LookupOptions {
  /** How many nodes, 2 to 10,000,000. */
  readonly nodes: number
  /** Lookups of random keys from random nodes, each node asking once in ten seconds on average. */
  readonly lookups: number
  /** Values put before, with every copy in place; they are looked for again with the lookups. */
  readonly keys: number
  /** A safe integer. The same options with the same seed give the same result and fingerprint. */
  readonly seed: number
  /** How long messages take, such as `constant:50`; see `parseLatency`. */
  readonly latency: string
  /** Which part of the messages is lost, 0 to 1. */
  readonly loss: number
  /** Which part of the nodes crashes at once, 0 to 0.9. Half of the lookups follow at once, the others half a minute later. */
  readonly fail: number
  /** Half of the sessions are over after so many seconds of virtual time; 0 if nobody leaves. */
  readonly churn: number
  readonly joins: Joins
  /** Whether nobody keeps up its tables: a picture of one moment, as papers have it, and a quick one of a million nodes. */
  readonly still: boolean
  /** Whether the asker goes from node to node itself, if the overlay can. */
  readonly iterative: boolean
  /** Of CAN: d of the torus, 1 to 10. */
  readonly dimensions: number
  /** Of CAN: coordinate spaces, 1 to 8. */
  readonly realities: number
  /** Of CAN: whether a node asked to split leaves it to a neighbor with a larger zone. */
  readonly uniform: boolean
  /** Of CAN: whether to forward by the ratio of progress to round-trip time. */
  readonly rttWeighted: boolean
  /** Whether each message passes through encode and decode: slower, and the fingerprint must not change. */
  readonly wire: boolean
}

export const DEFAULT_LOOKUP_OPTIONS: LookupOptions = Object.freeze({
  nodes: 1000,
  // From the papers on Chord: 10,000 lookups an experiment.
  lookups: 10_000,
  keys: 0,
  seed: 1,
  // Ours: half a round trip between two homes of one continent.
  latency: 'constant:50',
  loss: 0,
  fail: 0,
  churn: 0,
  joins: 'ideal',
  still: false,
  iterative: false,
  // From the paper (§2): two dimensions and nothing of §3.
  dimensions: 2,
  realities: 1,
  uniform: false,
  rttWeighted: false,
  wire: false,
})

/** More nodes than these do not keep up their tables unless told to: a million would take an hour. */
const STILL_ABOVE = 100_000

/** Options of which not all were chosen, complete. */
export function completeLookupOptions(options: Partial<LookupOptions>): LookupOptions {
  const complete = { ...DEFAULT_LOOKUP_OPTIONS, ...options }
  const { nodes, joins, churn, fail, keys } = complete
  const mayBeStill = joins === 'ideal' && churn === 0 && fail === 0 && keys === 0
  return { ...complete, still: options.still ?? (mayBeStill && nodes > STILL_ABOVE) }
}

const RANGES = [
  ['nodes', 2, 10_000_000, true],
  ['lookups', 1, 10_000_000, true],
  ['keys', 0, 1_000_000, true],
  ['seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true],
  ['loss', 0, 1, false],
  ['fail', 0, 0.9, false],
  ['churn', 0, 1_000_000, false],
  ['dimensions', 1, 10, true],
  ['realities', 1, 8, true],
] as const

/** One sentence that says what is wrong with the options, or undefined. */
export function checkLookupOptions(options: LookupOptions): string | undefined {
  for (const [name, min, max, isWhole] of RANGES) {
    const value = options[name]
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) continue
    return `${name} must be a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}, not ${value}.`
  }
  if (!JOINS.includes(options.joins)) return `joins must be ${JOINS.join(' or ')}, not ${options.joins}.`
  if (options.still && options.churn > 0) return 'still and churn go ill together: nobody would find who came back.'
  if (options.still && options.joins === 'real')
    return 'still and joins real go ill together: nobody would have tables.'
  const latency = parseLatency(options.latency)
  return typeof latency === 'string' ? latency : undefined
}
