import { constantLatency, type LatencyModel, pairLatency, planarLatency, uniformLatency } from '@servent/simulator'

/** A latency that was given as text. */
export interface LatencyOption {
  readonly model: LatencyModel
  /** No message takes longer, in milliseconds. */
  readonly msMax: number
}

const MODELS = { uniform: uniformLatency, pair: pairLatency, planar: planarLatency } as const

/** What can be given, for a help text. */
export const LATENCY_HELP =
  'constant:MS, uniform:MIN-MAX (each message), pair:MIN-MAX (each pair), planar:MIN-MAX (by distance)'

const MS_MAX = 60_000

/** Reads `constant:50` or `uniform:20-80`. Gives a sentence if it is neither. */
export function parseLatency(text: string): LatencyOption | string {
  const [, name, low, high = low] = /^(\w+):(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  const msMin = Number(low)
  const msMax = Number(high)
  if (msMin <= msMax && msMax <= MS_MAX) {
    if (name === 'constant' && msMin === msMax) return { model: constantLatency(msMin), msMax }
    if (name === 'uniform' || name === 'pair' || name === 'planar') return { model: MODELS[name](msMin, msMax), msMax }
  }
  return `latency must be ${LATENCY_HELP}, in whole milliseconds up to ${MS_MAX}, not ${text}.`
}
