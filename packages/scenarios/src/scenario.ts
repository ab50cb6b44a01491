import type { ScenarioOptions } from './options.ts'
import type { Findings, Reach } from './query-ledger.ts'
import type { SearchCost } from './search-traffic.ts'
import type { WorkloadName } from './workloads.ts'

/** What an experiment measured. The same for the same options, in Node and in a page: no time of the world is in it. */
export interface ScenarioResult extends SearchCost, Findings, Reach {
  readonly overlay: string
  readonly nodes: number
  readonly degree: number
  readonly ttl: number
  readonly seed: number
  readonly queries: number
  readonly latency: string
  readonly loss: number
  readonly churn: number
  readonly workload: WorkloadName
  /** Ultrapeers that run, at the end; undefined in an overlay of equals, as all that follows. */
  readonly ultrapeers?: number
  /** Leaves of a running ultrapeer, on average, at the end. */
  readonly leavesPerUltrapeer?: number
  /** Links of a running ultrapeer to others, on average, at the end. */
  readonly linksPerUltrapeer?: number
  /** Which part of the slots of an ultrapeer's query route table is taken, on average, at the end. */
  readonly tableFill?: number
  /** What the crash of ultrapeers did, if there was one. */
  readonly failure?: FailureResult
  /** Messages that the network did not deliver, by reason. */
  readonly drops: Readonly<Record<string, number>>
  /** Events of the whole experiment: messages, timers and what connections tell. */
  readonly events: number
  readonly virtualSeconds: number
  /** A hash of all events, in order. */
  readonly fingerprint: string
}

/** How an overlay came through a crash. */
export interface FailureResult {
  /** Ultrapeers that crashed. */
  readonly crashed: number
  /** Leaves that were left without any ultrapeer. */
  readonly orphans: number
  /** Seconds of virtual time from the crash until every running leaf had an ultrapeer; undefined if that did not come. */
  readonly recoverySeconds: number | undefined
  /** Recall of the results wanted, over files of running nodes, before the crash and half a minute after it. */
  readonly recallBefore: number
  readonly recallAfter: number
}

/** An experiment that runs: stepwise, so that whoever runs it stays alive meanwhile. */
export interface Experiment {
  /** How much is done, 0 to 1. */
  readonly progress: number
  /** Events so far. */
  readonly events: number
  /** Bytes of the simulator's typed arrays. */
  readonly bytes: number
  /** Whether everything is built, so that from here on events are what takes time. */
  readonly isBuilt: boolean
  /**
   * Does a part of the work.
   *
   * @param budget - about how many events, or nodes to build
   * @returns whether there is more to do
   */
  step(budget: number): boolean
  /** What was measured. Complete when `step` has returned false. */
  result(): ScenarioResult
}

/** A kind of experiment. */
export interface Scenario {
  /** The overlay's name, as the command takes it: `gnutella-0.4`. */
  readonly name: string
  /** One line for a list. */
  readonly description: string
  /** Where it begins from something else than `DEFAULT_OPTIONS`. */
  readonly defaults: Partial<ScenarioOptions>
  create(options: ScenarioOptions): Experiment
}
