import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { median, positive, round2 } from './numbers.ts'
import { MESSAGE_BYTES } from './route/contestant.ts'
import { CONTESTANTS, type ContestantName } from './route/contestants.ts'
import type { MeasureOptions, Round } from './route/measure.ts'
import { TRANSPORTS, type Transport } from './route/star.ts'

const PROCESS = fileURLToPath(new URL('./route/process.ts', import.meta.url))

const LEAVES = 30
const DEFAULTS = { rounds: '5', burst: '32', milliseconds: '2000', transport: 'tcp' } as const

/** Deliveries a second of one contestant. */
export interface Rate {
  readonly median: number
  readonly rounds: readonly number[]
  /** Of the processor's time, the median: less than a second of it goes into a second while others use the machine. */
  readonly perCpuSecond: number
}

export interface RouteReport {
  readonly bench: 'route'
  readonly unit: 'deliveries/s'
  readonly node: string
  readonly cpu: string
  readonly transport: Transport
  readonly leaves: number
  readonly messageBytes: number
  readonly burst: number
  readonly rates: Readonly<Record<string, Rate>>
  /** Gnutella 0.6 over floodsub, and over the batched forwarder: medians of the ratios within a round. */
  readonly timesFloodsub: number
  readonly shareOfBatchedForwarder: number
  /** The same by the processor's time: what to go by while others use the machine. */
  readonly byCpu: { readonly timesFloodsub: number; readonly shareOfBatchedForwarder: number }
}

/**
 * Pushes messages through one live node to thirty others:
 * `npm run -s bench -- route [--transport tcp|memory] [--burst 32] [--rounds 5] [--milliseconds 2000] [--json]`.
 *
 * A round is every contestant in turn, each in a process of its own with all its 32 nodes; so a slow minute slows them all.
 */
export async function run(options: { readonly json: boolean; readonly args: readonly string[] }): Promise<RouteReport> {
  const { values } = parseArgs({
    args: [...options.args],
    options: {
      rounds: { type: 'string', default: DEFAULTS.rounds },
      burst: { type: 'string', default: DEFAULTS.burst },
      milliseconds: { type: 'string', default: DEFAULTS.milliseconds },
      transport: { type: 'string', default: DEFAULTS.transport },
      json: { type: 'boolean' },
    },
  })
  const { transport } = values
  if (!isTransport(transport))
    throw new Error(`--transport is ${Object.keys(TRANSPORTS).join(' or ')}, not ${transport}.`)
  const rounds = positive('rounds', values.rounds)
  const measured: MeasureOptions = {
    transport,
    leafCount: LEAVES,
    burst: positive('burst', values.burst),
    cpuMs: positive('milliseconds', values.milliseconds),
  }
  const found = await play(rounds, measured)
  const report: RouteReport = {
    bench: 'route',
    unit: 'deliveries/s',
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    transport,
    leaves: LEAVES,
    messageBytes: MESSAGE_BYTES,
    burst: measured.burst,
    rates: Object.fromEntries([...found].map(([name, rounds]) => [name, summary(rounds)])),
    ...ratios(found, (round) => round.deliveriesPerSecond),
    byCpu: ratios(found, (round) => round.deliveriesPerCpuSecond),
  }
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : table(report))
  return report
}

async function play(rounds: number, options: MeasureOptions): Promise<Map<ContestantName, Round[]>> {
  const found = new Map<ContestantName, Round[]>()
  for (let round = 1; round <= rounds; round++) {
    for (const name of Object.keys(CONTESTANTS) as ContestantName[]) {
      const result = await measureApart(name, options)
      found.set(name, [...(found.get(name) ?? []), result])
      process.stderr.write(`round ${round}, ${name}: ${result.deliveriesPerSecond} deliveries/s\n`)
    }
  }
  return found
}

async function measureApart(contestant: ContestantName, options: MeasureOptions): Promise<Round> {
  const args = ['--conditions=source', PROCESS, JSON.stringify({ ...options, contestant })]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

function summary(rounds: readonly Round[]): Rate {
  const rates = rounds.map((round) => round.deliveriesPerSecond)
  const perCpuSecond = median(rounds.map((round) => round.deliveriesPerCpuSecond))
  return { median: median(rates), rounds: rates, perCpuSecond }
}

function ratios(found: ReadonlyMap<ContestantName, readonly Round[]>, rateOf: (round: Round) => number) {
  const ours = found.get('gnutella-0.6')?.map(rateOf) ?? []
  const over = (name: ContestantName) => {
    const others = found.get(name)?.map(rateOf) ?? []
    return round2(median(ours.map((rate, i) => rate / (others[i] ?? Number.NaN))))
  }
  return { timesFloodsub: over('floodsub'), shareOfBatchedForwarder: over('forwarder-batched') }
}

function isTransport(text: string): text is Transport {
  return Object.hasOwn(TRANSPORTS, text)
}

function table(report: RouteReport): string {
  const { node, cpu, transport, leaves, messageBytes, burst, rates, byCpu } = report
  const lines = Object.entries(rates).map(([name, { median, rounds, perCpuSecond }]) => {
    const [perSecond, perCpu] = [median, perCpuSecond].map((rate) => String(rate).padStart(8))
    return `${name.padEnd(18)} ${perSecond}/s ${perCpu}/CPU s  (${rounds.join(', ')})`
  })
  return [
    `Deliveries of ${messageBytes} bytes through one node to ${leaves}, over ${transport}, noise and yamux, ${burst} at a time`,
    `Node ${node}, ${cpu}`,
    ...lines,
    `gnutella-0.6 is ${report.timesFloodsub} times floodsub and ${report.shareOfBatchedForwarder} of the batched forwarder,`,
    `by the processor's time ${byCpu.timesFloodsub} times and ${byCpu.shareOfBatchedForwarder}`,
    '',
  ].join('\n')
}
