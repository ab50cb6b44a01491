import { gnutella06, type HybridConfig } from '@servent/gnutella'
import type { Library } from '@servent/library'
import type { ScenarioOptions } from './options.ts'

/** What a Node process with a public address can carry, and what a tab can. */
const CAPACITY_NATURAL = 1
const CAPACITY_TAB = 0.5

/**
 * The protocol's own config, limits and all, but for the topology that the experiment asks for. Roles are fixed unless the
 * experiment is about finding them.
 *
 * @param isUltrapeer - whether the node is one, or can well be one
 */
export function configFor(options: ScenarioOptions, library: Library, isUltrapeer: boolean): HybridConfig {
  const { defaults } = gnutella06
  const isFound = options.grown || options.failUltrapeers > 0
  const degree = Math.ceil(options.degree)
  return {
    ...defaults,
    library,
    role: isFound ? 'auto' : isUltrapeer ? 'ultrapeer' : 'leaf',
    capacity: isUltrapeer ? CAPACITY_NATURAL : CAPACITY_TAB,
    neighborsTarget: degree,
    // As much room for newcomers as by default.
    neighborsMax: degree + defaults.neighborsMax - defaults.neighborsTarget,
    leafSlots: Math.max(defaults.leafSlots, Math.ceil((5 / 3) * options.leaves)),
    ttl: options.ttl,
    maxTtl: options.ttl,
    ttlMax: Math.max(options.ttl, defaults.ttlMax),
    joinTtl: Math.min(options.ttl, defaults.joinTtl),
  }
}
