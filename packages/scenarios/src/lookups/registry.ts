import { CAN } from './can.ts'
import { CHORD } from './chord.ts'
import { LookupExperiment } from './lookup-experiment.ts'
import { checkLookupOptions, completeLookupOptions, type LookupOptions } from './options.ts'
import { PASTRY } from './pastry.ts'
import type { LookupResult } from './result.ts'

/** An experiment with lookups that runs: see `Experiment`. */
export type RunningLookups = Pick<
  LookupExperiment<never, never, never>,
  'progress' | 'events' | 'bytes' | 'isBuilt' | 'step' | 'result'
>

/** A kind of experiment with a structured overlay. */
export interface LookupScenario {
  readonly name: string
  /** One line for a list. */
  readonly description: string
  create(options: LookupOptions): RunningLookups
}

/** All structured overlays there are, by name. */
export const LOOKUP_SCENARIOS: ReadonlyMap<string, LookupScenario> = new Map(
  [
    {
      name: 'can',
      description: 'Lookups on a torus that nodes have divided among them.',
      create: (options: LookupOptions): RunningLookups => new LookupExperiment('can', CAN, options),
    },
    {
      name: 'chord',
      description: 'Lookups on a ring with fingers and successor lists.',
      create: (options: LookupOptions): RunningLookups => new LookupExperiment('chord', CHORD, options),
    },
    {
      name: 'pastry',
      description: 'Lookups by prefix, with leaf sets.',
      create: (options: LookupOptions): RunningLookups => new LookupExperiment('pastry', PASTRY, options),
    },
  ].map((scenario) => [scenario.name, scenario])
)

/** Events in one step of `runLookups`. */
const STEP_EVENTS = 65_536

/**
 * Makes an experiment.
 *
 * @throws RangeError whose message is one sentence for a person, if there is no such overlay or an option is out of range
 */
export function createLookups(name: string, options: Partial<LookupOptions> = {}): RunningLookups {
  const scenario = LOOKUP_SCENARIOS.get(name)
  if (scenario === undefined) {
    throw new RangeError(
      `There is no structured overlay named ${name}; there is ${[...LOOKUP_SCENARIOS.keys()].join(', ')}.`
    )
  }
  const complete = completeLookupOptions(options)
  const complaint = checkLookupOptions(complete)
  if (complaint !== undefined) throw new RangeError(complaint)
  return scenario.create(complete)
}

/**
 * Runs an experiment from beginning to end.
 *
 * @throws RangeError as `createLookups`
 */
export function runLookups(name: string, options: Partial<LookupOptions> = {}): LookupResult {
  const experiment = createLookups(name, options)
  while (experiment.step(STEP_EVENTS));
  return experiment.result()
}
