import { gnutella06 } from '@servent/gnutella'
import { GnutellaFlood } from './gnutella-flood.ts'
import { GnutellaHybrid } from './gnutella-hybrid.ts'
import { NapsterIndex } from './napster-index.ts'
import { checkOptions, DEFAULT_OPTIONS, type ScenarioOptions } from './options.ts'
import type { Experiment, Scenario, ScenarioResult } from './scenario.ts'

/** All experiments there are, by name. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  (
    [
      {
        name: 'gnutella-0.4',
        description: 'Search by flooding in a random graph of equal servents.',
        defaults: {},
        create: (options: ScenarioOptions) => new GnutellaFlood(options),
      },
      {
        name: 'gnutella-0.6',
        description: 'Ultrapeers, leaves, query routing and dynamic queries.',
        // Of an ultrapeer, and of a query: what the protocol asks for.
        defaults: { degree: gnutella06.defaults.neighborsTarget, ttl: gnutella06.defaults.maxTtl, workload: 'own' },
        create: (options: ScenarioOptions) => new GnutellaHybrid(options),
      },
      {
        name: 'napster',
        description: 'A central index that knows what everyone shares.',
        defaults: { workload: 'own' },
        create: (options: ScenarioOptions) => new NapsterIndex(options),
      },
    ] satisfies Scenario[]
  ).map((scenario) => [scenario.name, scenario])
)

/** The options of an experiment of which none was chosen. */
export function defaultsOf(name: string): ScenarioOptions {
  return { ...DEFAULT_OPTIONS, ...SCENARIOS.get(name)?.defaults }
}

/** Events in one step of `runScenario`. */
const STEP_EVENTS = 65_536

/**
 * Makes an experiment.
 *
 * @throws RangeError whose message is one sentence for a person, if there is no such scenario or an option is out of range
 */
export function createExperiment(name: string, options: Partial<ScenarioOptions> = {}): Experiment {
  const scenario = SCENARIOS.get(name)
  if (scenario === undefined) {
    throw new RangeError(`There is no scenario named ${name}; there is ${[...SCENARIOS.keys()].join(', ')}.`)
  }
  const complete = { ...defaultsOf(name), ...options }
  const complaint = checkOptions(complete)
  if (complaint !== undefined) throw new RangeError(complaint)
  return scenario.create(complete)
}

/**
 * Runs an experiment from beginning to end.
 *
 * @throws RangeError as `createExperiment`
 */
export function runScenario(name: string, options: Partial<ScenarioOptions> = {}): ScenarioResult {
  const experiment = createExperiment(name, options)
  while (experiment.step(STEP_EVENTS));
  return experiment.result()
}
