import type { Random } from '@servent/machine'
import { OwnFiles } from './own-files.ts'
import { Catalog, type Workload } from './workload.ts'

/** What there is to share, by name. */
export const WORKLOADS = ['collections', 'own'] as const

export type WorkloadName = (typeof WORKLOADS)[number]

/** What can be given, for a help text. */
export const WORKLOAD_HELP =
  'collections (a thousand, which many share), own (each sharer its own files, rare ones too)'

export function isWorkloadName(name: string): name is WorkloadName {
  return WORKLOADS.some((workload) => workload === name)
}

/** Deals out files to nodes. The same stream of random numbers gives the same, whatever the overlay. */
export function createWorkload(name: WorkloadName, nodes: number, random: Random): Workload {
  return name === 'own' ? new OwnFiles(nodes, random) : new Catalog(nodes, random)
}
