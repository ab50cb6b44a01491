import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Contestant, contestants, values } from './lookup/contestants.ts'
import { type BenchNode, REPLICAS, startNetwork } from './lookup/network.ts'

/** After an operation, for what it still sends: acknowledgements. */
const TAIL_MS = 20
/** The quiet in which is counted what an overlay sends by itself. */
const IDLE_MS = 10_000
/** After joining, until tables are settled. */
const SETTLE_MS = 15_000

const OPERATIONS = ['put', 'get', 'lookup'] as const
type Operation = (typeof OPERATIONS)[number]

/** What one operation of one overlay costs: means of messages and bytes without upkeep, and milliseconds. */
export interface OperationCost {
  readonly messages: number
  readonly bytes: number
  readonly msMedian: number
  readonly msP95: number
}

export interface LookupReport {
  readonly bench: 'lookup'
  readonly node: string
  readonly cpu: string
  readonly nodes: number
  readonly keys: number
  readonly replicas: number
  readonly overlays: readonly (Readonly<Record<Operation, OperationCost>> & {
    readonly overlay: string
    /** What a node sends in a second by itself. */
    readonly idleMessagesPerNodePerSecond: number
  })[]
}

interface Samples {
  readonly ms: number[]
  messages: number
  bytes: number
}

/**
 * What a put, a get and a lookup cost in each structured overlay and in kad-dht:
 * `npm run -s bench -- lookup [--nodes N] [--keys K] [--json]`.
 *
 * All overlays run on the same nodes, in one process over libp2p's memory transport, and are asked in turn for the same
 * keys by the same nodes. Eight nodes keep a value in each.
 */
export async function run(options: {
  readonly json: boolean
  readonly args: readonly string[]
}): Promise<LookupReport> {
  const { values: given } = parseArgs({
    args: [...options.args],
    options: {
      nodes: { type: 'string', default: '40' },
      keys: { type: 'string', default: '50' },
      json: { type: 'boolean' },
    },
  })
  const [nodes, keys] = [Number(given.nodes), Number(given.keys)]
  const network = await startNetwork(nodes)
  try {
    const all = contestants(network)
    await sleep(SETTLE_MS)
    const idle = await idleTraffic(all)
    const costs = await measure(all, network.nodes, keys)
    const report: LookupReport = {
      bench: 'lookup',
      node: process.version,
      cpu: cpus()[0]?.model ?? 'unknown',
      nodes,
      keys,
      replicas: REPLICAS,
      overlays: all.map((contestant) => ({
        overlay: contestant.name,
        ...(costs.get(contestant) as Record<Operation, OperationCost>),
        idleMessagesPerNodePerSecond: round((idle.get(contestant) ?? 0) / nodes),
      })),
    }
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : table(report))
    return report
  } finally {
    await network.stop()
  }
}

/** Messages a second that all nodes send without being asked anything. */
async function idleTraffic(all: readonly Contestant[]): Promise<Map<Contestant, number>> {
  const before = all.map((contestant) => contestant.traffic().messages)
  await sleep(IDLE_MS)
  return new Map(
    all.map((contestant, i) => [contestant, ((contestant.traffic().messages - (before[i] ?? 0)) * 1000) / IDLE_MS])
  )
}

async function measure(
  all: readonly Contestant[],
  nodes: readonly BenchNode[],
  keys: number
): Promise<Map<Contestant, Record<Operation, OperationCost>>> {
  const records = values(keys)
  const costs = new Map(all.map((contestant) => [contestant, {} as Record<Operation, OperationCost>]))
  for (const [turn, operation] of OPERATIONS.entries()) {
    const samples = new Map(all.map((contestant) => [contestant, { ms: [], messages: 0, bytes: 0 } as Samples]))
    for (const [i, record] of records.entries()) {
      // Another node each time, and another one for each operation on a key.
      const node = nodes[(7 * i + 13 * turn + 1) % nodes.length] as BenchNode
      for (const contestant of all) {
        await sample(contestant, samples.get(contestant) as Samples, () => contestant[operation](node, record))
      }
    }
    for (const [contestant, each] of samples) (costs.get(contestant) ?? ({} as never))[operation] = costOf(each, keys)
  }
  return costs
}

/** Asks once, and then waits as long again without asking anything: what is sent meanwhile is upkeep. */
async function sample(contestant: Contestant, into: Samples, act: () => Promise<unknown>): Promise<void> {
  const before = contestant.traffic()
  const startedAt = performance.now()
  await act()
  into.ms.push(performance.now() - startedAt)
  await sleep(TAIL_MS)
  const elapsed = performance.now() - startedAt
  const between = contestant.traffic()
  await sleep(elapsed)
  const after = contestant.traffic()
  into.messages += 2 * between.messages - before.messages - after.messages
  into.bytes += 2 * between.bytes - before.bytes - after.bytes
}

function costOf({ ms, messages, bytes }: Samples, count: number): OperationCost {
  const sorted = ms.toSorted((a, b) => a - b)
  const at = (part: number): number => round(sorted[Math.floor(part * sorted.length)] ?? 0)
  return { messages: round(messages / count), bytes: Math.round(bytes / count), msMedian: at(0.5), msP95: at(0.95) }
}

function round(value: number): number {
  return Math.round(100 * value) / 100
}

function table({ node, cpu, nodes, keys, overlays }: LookupReport): string {
  const lines = OPERATIONS.flatMap((operation) => [
    '',
    operation,
    ...overlays.map(({ overlay, ...costs }) => {
      const { messages, bytes, msMedian, msP95 } = costs[operation]
      return `  ${overlay.padEnd(18)}${messages.toFixed(1).padStart(8)} messages${String(bytes).padStart(8)} bytes${msMedian.toFixed(1).padStart(8)} ms (95 %: ${msP95.toFixed(1)})`
    }),
  ])
  return `${nodes} live nodes, ${keys} keys, Node ${node}, ${cpu}\n${lines.join('\n')}\n`
}
