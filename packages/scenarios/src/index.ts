/**
 * Experiments: a protocol on the simulator, a topology, a workload, and what is measured. Pure and stepwise, so that the
 * same experiment runs in Node and in a Worker of a page and gives the same fingerprint.
 *
 * @packageDocumentation
 */
export { GnutellaFlood } from './gnutella-flood.ts'
export { GnutellaHybrid } from './gnutella-hybrid.ts'
export { LATENCY_HELP, type LatencyOption, parseLatency } from './latency-option.ts'
export { canNeighbors, canVolumeShares, type TorusSize } from './lookups/can-figures.ts'
export {
  type ChordFigure,
  chordChurn,
  chordFailure,
  chordLoad,
  chordPathLength,
} from './lookups/chord-figures.ts'
export {
  checkLookupOptions,
  completeLookupOptions,
  DEFAULT_LOOKUP_OPTIONS,
  JOINS,
  type Joins,
  type LookupOptions,
} from './lookups/options.ts'
export type { Nodes, Oracle, StructuredOverlay } from './lookups/overlay.ts'
export {
  type FailureFindings,
  type HopFindings,
  type PastryFigureOptions,
  pastryFailure,
  pastryHops,
  pastryRelativeDistance,
  pastryTableQuality,
  type TableQuality,
} from './lookups/pastry-figures.ts'
export {
  createLookups,
  LOOKUP_SCENARIOS,
  type LookupScenario,
  type RunningLookups,
  runLookups,
} from './lookups/registry.ts'
export { lookupReportRows } from './lookups/report.ts'
export type { LookupFindings, LookupResult, ValueFindings } from './lookups/result.ts'
export { NapsterIndex } from './napster-index.ts'
export { checkOptions, DEFAULT_OPTIONS, type ScenarioOptions } from './options.ts'
export { OwnFiles } from './own-files.ts'
export { type Findings, type QueryId, QueryLedger, type Reach } from './query-ledger.ts'
export { createExperiment, defaultsOf, runScenario, SCENARIOS } from './registry.ts'
export { type ReportRow, reportRows, toTable } from './report.ts'
export type { Experiment, FailureResult, Scenario, ScenarioResult } from './scenario.ts'
export type { SearchCost } from './search-traffic.ts'
export { Catalog, type Workload, Zipf } from './workload.ts'
export { createWorkload, isWorkloadName, WORKLOAD_HELP, WORKLOADS, type WorkloadName } from './workloads.ts'
