import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { median, positive } from './numbers.ts'
import type { Limits } from './simulator/limits.ts'

const SIM = fileURLToPath(new URL('../../packages/scenarios/bin/sim.ts', import.meta.url))
const LIMITS = fileURLToPath(new URL('./simulator/limits-process.ts', import.meta.url))

/** Sizes, and how many floods make some million events of each. */
const SIZES = [
  { nodes: 10_000, queries: 100 },
  { nodes: 100_000, queries: 20 },
  { nodes: 1_000_000, queries: 4 },
] as const

const DEFAULT_ROUNDS = 3

/** More than any size needs: a heap that is nearly full is slow. */
const HEAP_MIB_MAX = 8192

/** What the command of the scenarios prints, as far as it matters here. */
interface Run {
  readonly eventsPerSecond: number
  readonly eventsTimed: number
  readonly bytesPerNode: number
  readonly peakRssBytes: number
  readonly buildSeconds: number
  readonly nodesReachedPerQuery: number
  readonly fingerprint: string
}

/** What was measured at one size: medians, and the speed of each round. */
export interface SizeReport extends Run, Limits {
  readonly nodes: number
  readonly queries: number
  readonly rounds: readonly number[]
  /** How many reads from memory that depend on one another would have taken as long as one event. */
  readonly randomReadsPerEvent: number
}

export interface SimulatorReport {
  readonly bench: 'simulator'
  readonly node: string
  readonly cpu: string
  readonly sizes: readonly SizeReport[]
}

/**
 * Floods a Gnutella network in the simulator: `npm run -s bench -- simulator [--nodes N] [--rounds R] [--json]`.
 *
 * Each measurement is a process of its own, on one core, and is followed by one of what the machine can do at best: the
 * bare calendar, and reading memory at random. Rounds go through all sizes in turn, so that a slow minute slows them all.
 */
export async function run(options: {
  readonly json: boolean
  readonly args: readonly string[]
}): Promise<SimulatorReport> {
  const { values } = parseArgs({
    args: [...options.args],
    options: { nodes: { type: 'string' }, rounds: { type: 'string' }, json: { type: 'boolean' } },
  })
  const rounds = values.rounds === undefined ? DEFAULT_ROUNDS : positive('rounds', values.rounds)
  const sizes = values.nodes === undefined ? SIZES : [{ nodes: positive('nodes', values.nodes), queries: 10 }]
  const measured = sizes.map((size) => ({ size, runs: [] as Run[], limits: [] as Limits[] }))
  for (let round = 0; round < rounds; round++) {
    for (const { size, runs, limits } of measured) {
      const flood = await flooding(size.nodes, size.queries)
      runs.push(flood)
      limits.push(await child<Limits>(LIMITS, [size.nodes, flood.bytesPerNode * size.nodes]))
      process.stderr.write(`round ${round + 1}, ${size.nodes} nodes: ${flood.eventsPerSecond} events/s\n`)
    }
  }
  const report: SimulatorReport = {
    bench: 'simulator',
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    sizes: measured.map(({ size, runs, limits }) => ({ ...size, ...summary(runs, limits) })),
  }
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : table(report))
  return report
}

/** TTL 16 reaches everyone in a random graph of degree 4, up to a million nodes. */
function flooding(nodes: number, queries: number): Promise<Run> {
  const flags = { nodes, queries, degree: 4, ttl: 16, seed: 1 }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  return child<Run>(SIM, ['gnutella-0.4', ...args, '--json'])
}

async function child<Result>(file: string, args: readonly (string | number)[]): Promise<Result> {
  const nodeArgs = ['--conditions=source', `--max-old-space-size=${HEAP_MIB_MAX}`, file, ...args.map(String)]
  const { stdout } = await promisify(execFile)(process.execPath, nodeArgs)
  return JSON.parse(stdout)
}

function summary(runs: readonly Run[], limits: readonly Limits[]): Omit<SizeReport, 'nodes' | 'queries'> {
  const [first] = runs
  if (first === undefined || runs.some(({ fingerprint }) => fingerprint !== first.fingerprint)) {
    throw new Error('Runs of one seed had different fingerprints.')
  }
  const eventsPerSecond = median(runs.map((run) => run.eventsPerSecond))
  const randomReadsPerSecond = median(limits.map((limit) => limit.randomReadsPerSecond))
  return {
    eventsPerSecond,
    rounds: runs.map((run) => run.eventsPerSecond),
    eventsTimed: first.eventsTimed,
    bytesPerNode: median(runs.map((run) => run.bytesPerNode)),
    peakRssBytes: Math.max(...runs.map((run) => run.peakRssBytes)),
    buildSeconds: median(runs.map((run) => run.buildSeconds)),
    nodesReachedPerQuery: first.nodesReachedPerQuery,
    fingerprint: first.fingerprint,
    calendarEventsPerSecond: median(limits.map((limit) => limit.calendarEventsPerSecond)),
    randomReadsPerSecond,
    randomReadsPerEvent: Math.round((10 * randomReadsPerSecond) / eventsPerSecond) / 10,
  }
}

function table({ node, cpu, sizes }: SimulatorReport): string {
  const million = (value: number) => `${(value / 1e6).toFixed(2)} M/s`
  const lines = sizes.map((size) =>
    [
      `${size.nodes} nodes`,
      `  events       ${million(size.eventsPerSecond)}  (${size.rounds.map(million).join(', ')})`,
      `  reached      ${size.nodesReachedPerQuery} of ${size.nodes - 1}`,
      `  memory       ${size.bytesPerNode} bytes a node, ${Math.round(size.peakRssBytes / 2 ** 20)} MiB at most in all`,
      `  calendar     ${million(size.calendarEventsPerSecond)} with nothing to do`,
      `  random reads ${million(size.randomReadsPerSecond)}: an event takes as long as ${size.randomReadsPerEvent}`,
    ].join('\n')
  )
  return `Node ${node}, ${cpu}\n${lines.join('\n')}\n`
}
