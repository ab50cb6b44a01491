import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createExperiment, type Experiment, type ScenarioOptions, type ScenarioResult } from '@servent/scenarios'

/** What running an experiment took, which differs from machine to machine. */
export interface Cost {
  /** Events a second of wall time, once everything was built. */
  readonly eventsPerSecond: number
  /** Events that this speed was measured on. */
  readonly eventsTimed: number
  /** Heap and typed arrays of the whole experiment when it was over and the garbage collected, by node. */
  readonly bytesPerNode: number
  /** The most memory that the process had, all told. */
  readonly peakRssBytes: number
  readonly buildSeconds: number
  readonly wallSeconds: number
}

/** Events between two looks at the progress. */
const STEP_EVENTS = 65_536

/**
 * Runs an experiment and takes its time.
 *
 * @param onProgress - told after each step: how much is done, and how many events there were
 */
export function measure(
  scenario: string,
  options: ScenarioOptions,
  onProgress: (done: number, events: number) => void = () => undefined
): ScenarioResult & Cost {
  return measureExperiment(() => createExperiment(scenario, options), options.nodes, onProgress)
}

/** An experiment of any kind, as far as it is measured. */
type Measurable<Result> = Pick<Experiment, 'progress' | 'events' | 'isBuilt' | 'step'> & { result(): Result }

/** Runs an experiment of any kind and takes its time: see {@link measure}. */
export function measureExperiment<Result extends object>(
  create: () => Measurable<Result>,
  nodes: number,
  onProgress: (done: number, events: number) => void = () => undefined
): Result & Cost {
  const before = bytesInUse()
  const startedAt = performance.now()
  const experiment = create()
  while (!experiment.isBuilt && experiment.step(STEP_EVENTS)) onProgress(experiment.progress, experiment.events)
  const builtAt = performance.now()
  const eventsBefore = experiment.events
  while (experiment.step(STEP_EVENTS)) onProgress(experiment.progress, experiment.events)
  const endedAt = performance.now()
  const eventsTimed = experiment.events - eventsBefore
  const bytes = bytesInUse() - before
  return {
    ...experiment.result(),
    eventsPerSecond: Math.round(eventsTimed / ((endedAt - builtAt) / 1000)),
    eventsTimed,
    bytesPerNode: Math.round(bytes / nodes),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    buildSeconds: (builtAt - startedAt) / 1000,
    wallSeconds: (endedAt - startedAt) / 1000,
  }
}

/** Heap and typed arrays, after the garbage is gone. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
