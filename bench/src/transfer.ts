import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { positive } from './numbers.ts'
import { startHost } from './transfer/host.ts'
import { type LargeReport, large } from './transfer/large.ts'
import { type NodePeersReport, nodePeers } from './transfer/node-peers.ts'
import { type RaceReport, race } from './transfer/race.ts'
import { parseSize } from './transfer/rates.ts'
import { type SourcesReport, threeSources } from './transfer/sources.ts'
import { table } from './transfer/table.ts'

const DEFAULTS = { rounds: '5', size: '64MiB', large: '1GiB' } as const

/** WebTorrent would keep more than this in memory, and take minutes: files over it are measured by `large` alone. */
const RACE_BYTES_MAX = 268_435_456

/** Of the parts whose rounds take minutes. */
const LONG_ROUNDS_MAX = 2

/** What the figures are meant to reach. Printed beside them, and not asserted: how fast it is, is the machine's affair too. */
const WANTED = Object.freeze({
  ratioMin: 0.8,
  timesWebtorrentMin: 1.4,
  heapGrowthBytesMax: 100_000_000,
  timesFastestMin: 2.5,
})

/** What runs, in this order; all of it unless `--only` names some. */
const PARTS = ['race', 'large', 'sources', 'node'] as const

type Part = (typeof PARTS)[number]

/** What was measured. The race is the report itself, what else ran is within. */
export interface TransferReport extends Partial<RaceReport> {
  readonly bench: 'transfer'
  readonly unit: 'MiB/s'
  readonly node: string
  readonly cpu: string
  readonly wanted: typeof WANTED
  readonly large?: LargeReport
  readonly sources?: SourcesReport
  readonly nodePeers?: NodePeersReport
}

/**
 * Measures downloads: `npm run -s bench -- transfer [--only race,large,sources,node] [--size 64MiB] [--large 1GiB] [--rounds 5] [--json]`.
 *
 * `race`: from tab to tab, beside a bare data channel and WebTorrent between the same tabs. `large`: the same of 1 GiB with the growth of
 * both heaps. `sources`: from three slow tabs at once; two rounds of these at most. `node`: from one Node process to another, beside a plain socket.
 */
export async function run(options: {
  readonly json: boolean
  readonly args: readonly string[]
}): Promise<TransferReport> {
  const { values } = parseArgs({
    args: [...options.args],
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      size: { type: 'string', default: DEFAULTS.size },
      large: { type: 'string', default: DEFAULTS.large },
      rounds: { type: 'string', default: DEFAULTS.rounds },
      json: { type: 'boolean' },
    },
  })
  const size = parseSize('size', values.size)
  const isLarge = size > RACE_BYTES_MAX
  const report: TransferReport = {
    bench: 'transfer',
    unit: 'MiB/s',
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    wanted: WANTED,
    ...(await measure(partsOf(isLarge ? 'large' : values.only), {
      size,
      largeSize: isLarge ? size : parseSize('large', values.large),
      rounds: positive('rounds', values.rounds),
    })),
  }
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : table(report))
  return report
}

type Measured = Partial<RaceReport> & Pick<TransferReport, 'large' | 'sources' | 'nodePeers'>

async function measure(
  parts: ReadonlySet<Part>,
  { size, largeSize, rounds }: { readonly size: number; readonly largeSize: number; readonly rounds: number }
): Promise<Measured> {
  const longRounds = Math.min(rounds, LONG_ROUNDS_MAX)
  const folder = await mkdtemp(join(tmpdir(), 'servent-bench-'))
  const host = await startHost(folder)
  try {
    return {
      ...(parts.has('race') ? await race(host.url, size, rounds) : {}),
      ...(parts.has('large') ? { large: await large(host.url, largeSize, longRounds) } : {}),
      ...(parts.has('sources') ? { sources: await threeSources(host.url, size, longRounds) } : {}),
      ...(parts.has('node') ? { nodePeers: await nodePeers(size, rounds) } : {}),
    }
  } finally {
    await host.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function partsOf(text: string): ReadonlySet<Part> {
  const names = text.split(',')
  const unknown = names.find((name) => !PARTS.some((part) => part === name))
  if (unknown !== undefined) throw new Error(`--only takes some of ${PARTS.join(',')}, not ${unknown}.`)
  return new Set(PARTS.filter((part) => names.includes(part)))
}
