import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { searchTable } from './search/table.ts'

const SIM = fileURLToPath(new URL('../../packages/scenarios/bin/sim.ts', import.meta.url))

/** More than any run needs: a heap that is nearly full is slow. */
const HEAP_MIB_MAX = 8192

/** TTLs that 0.4 is tried with. The first is the specification's; with the last every node of a million has it long ago. */
const TTL_MIN = 7
const TTL_MAX = 24

/** What the command of the scenarios prints of one overlay, as far as it matters here. */
export interface SearchRun {
  readonly overlay: string
  readonly ttl: number
  readonly messagesPerQuery: number
  readonly messagesPerQueryByKind: Readonly<Record<string, number>>
  readonly bytesPerQuery: number
  readonly bytesPerNodePerSecond: number
  readonly resultsPerQuery: number
  readonly hitsPerQuery: number
  readonly recall: number
  readonly recallWanted: number
  readonly recallRare: number
  readonly rareQueries: number
  readonly latencyMs: { readonly p50: number; readonly p95: number }
  readonly nodesReachedPerQuery: number
  readonly leavesReachedPerQuery: number
  readonly leavesReachedWithoutMatch: number
  readonly leavesReachedInVain: number
  readonly peakRssBytes: number
  readonly wallSeconds: number
  readonly fingerprint: string
}

export interface SearchReport {
  readonly bench: 'search'
  readonly node: string
  readonly cpu: string
  readonly nodes: number
  readonly queries: number
  readonly seed: number
  /** Messages per query of 0.4 by those of 0.6, at equal results. */
  readonly ratio: number
  /** 0.6, 0.4 with the TTL that finds as many results, and the central index. */
  readonly overlays: readonly SearchRun[]
  /** What 0.4 found with each TTL. */
  readonly flood: readonly Pick<SearchRun, 'ttl' | 'resultsPerQuery' | 'recallWanted' | 'messagesPerQuery'>[]
}

/**
 * One workload in three overlays: `npm run -s bench -- search [--nodes N] [--queries Q] [--seed S] [--json]`.
 *
 * Gnutella 0.6 goes first; then 0.4 with its TTL raised until it finds as many results, counted up to those that are
 * wanted of each query; then Napster's index. Each run is a process of its own; files, askers and what they ask for are
 * the same in all.
 */
export async function run(options: {
  readonly json: boolean
  readonly args: readonly string[]
}): Promise<SearchReport> {
  const { values } = parseArgs({
    args: [...options.args],
    options: {
      nodes: { type: 'string', default: '100000' },
      queries: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      latency: { type: 'string', default: 'pair:20-80' },
      json: { type: 'boolean' },
    },
  })
  const { nodes, queries, seed, latency } = values
  const sim = async (scenario: string, more: readonly string[]): Promise<SearchRun> => {
    const same = ['--nodes', nodes, '--queries', queries, '--seed', seed, '--latency', latency, '--workload', 'own']
    const result = await child<SearchRun>([SIM, scenario, ...same, ...more, '--json'])
    const { overlay, ttl, messagesPerQuery, resultsPerQuery, wallSeconds } = result
    process.stderr.write(
      `${overlay} TTL ${ttl}: ${resultsPerQuery} results, ${messagesPerQuery} messages a query, ${wallSeconds.toFixed(0)} s\n`
    )
    return result
  }
  const hybrid = await sim('gnutella-0.6', [])
  const floods: SearchRun[] = []
  for (let ttl = TTL_MIN; ttl <= TTL_MAX; ttl++) {
    const flood = await sim('gnutella-0.4', ['--degree', '4', '--ttl', String(ttl)])
    floods.push(flood)
    if (flood.resultsPerQuery >= hybrid.resultsPerQuery) break
  }
  const flood = floods.at(-1)
  if (flood === undefined || flood.resultsPerQuery < hybrid.resultsPerQuery) {
    throw new Error(`0.4 does not find ${hybrid.resultsPerQuery} results with a TTL of ${TTL_MAX}.`)
  }
  const index = await sim('napster', [])
  const report: SearchReport = {
    bench: 'search',
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    nodes: Number(nodes),
    queries: Number(queries),
    seed: Number(seed),
    ratio: flood.messagesPerQuery / hybrid.messagesPerQuery,
    overlays: [hybrid, flood, index],
    flood: floods.map(({ ttl, resultsPerQuery, recallWanted, messagesPerQuery }) => ({
      ttl,
      resultsPerQuery,
      recallWanted,
      messagesPerQuery,
    })),
  }
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : searchTable(report))
  return report
}

async function child<Result>(args: readonly string[]): Promise<Result> {
  const nodeArgs = ['--conditions=source', `--max-old-space-size=${HEAP_MIB_MAX}`, ...args]
  const { stdout } = await promisify(execFile)(process.execPath, nodeArgs)
  return JSON.parse(stdout)
}
