import type { ScenarioOptions } from './options.ts'

/** What an experiment measured. The same for the same options, in Node and in a page: no time of the world is in it. */
export interface ScenarioResult {
  readonly overlay: string
  readonly nodes: number
  readonly degree: number
  readonly ttl: number
  readonly seed: number
  readonly queries: number
  readonly latency: string
  readonly loss: number
  readonly churn: number
  /** Messages sent for a query, replies included, on average. */
  readonly messagesPerQuery: number
  /** Copies of a query that came to a node which had it already, on average. */
  readonly duplicatesPerQuery: number
  /** Bytes of the messages of a query, replies included, as the codec writes them. */
  readonly bytesPerQuery: number
  /** Nodes that a query came to, the asker not counted, on average. */
  readonly nodesReachedPerQuery: number
  /** Which part of the nodes that have what is looked for answered, all queries together, 0 to 1. */
  readonly recall: number
  /** Nodes that answered a query, on average. */
  readonly hitsPerQuery: number
  /** Links from the asker to a node that the query came to, on average. */
  readonly meanHops: number
  /** How many nodes a query came to first after so many links, all queries together; at 0 the askers. */
  readonly hopHistogram: readonly number[]
  /** Messages of each type sent in the whole experiment. */
  readonly messages: Readonly<Record<string, number>>
  /** Messages that the network did not deliver, by reason. */
  readonly drops: Readonly<Record<string, number>>
  /** Events of the whole experiment: messages, timers and what connections tell. */
  readonly events: number
  readonly virtualSeconds: number
  /** A hash of all events, in order. */
  readonly fingerprint: string
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
  create(options: ScenarioOptions): Experiment
}
