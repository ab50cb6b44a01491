import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startHost } from './transfer/host.ts'
import { type HeapGrowth, heapGrowth } from './transfer/memory.ts'
import { chooseFile, connectBare, openTabs, type Tabs } from './transfer/tabs.ts'

const MIB = 1_048_576
const UNITS: Readonly<Record<string, number>> = { '': 1, kib: 1_024, mib: MIB, gib: 1_024 * MIB }

/** Files over this size are fetched once, to disk, and the heap is measured; smaller ones are raced against a bare channel. */
const RACE_BYTES_MAX = 256 * MIB

const DEFAULT_SIZE = '64MiB'
const ROUNDS = 5

/** Speeds of one way to send, in MiB/s. */
export interface Rates {
  readonly median: number
  readonly rounds: readonly number[]
}

/** What the bench found. */
export interface TransferReport {
  readonly bench: 'transfer'
  readonly sizeBytes: number
  readonly unit: 'MiB/s'
  /** Hashing the file in the sharing tab. */
  readonly identifyRate: number
  /** `Servent.download` from tab to tab, verified. */
  readonly download: Rates
  /** A bare RTCDataChannel between the same tabs, 256 KiB messages; only up to 256 MiB. */
  readonly bare?: Rates
  /** download.median / bare.median. */
  readonly ratio?: number
  /** Of the receiving tab while it writes to OPFS; only over 256 MiB. */
  readonly heapGrowth?: HeapGrowth
}

/**
 * Measures a download from tab to tab: `npm run -s bench -- transfer [--size 64MiB] [--json]`.
 *
 * Up to 256 MiB: five rounds, each verified chunk dropped, each followed by one over a bare data channel between the same tabs; the first
 * of each is a warm-up and not counted. Above: one download to OPFS, with the growth of the receiving tab's heap.
 */
export async function run({ json = false, args = process.argv.slice(3) } = {}): Promise<TransferReport> {
  const { values } = parseArgs({
    args: [...args],
    options: { size: { type: 'string', default: DEFAULT_SIZE }, json: { type: 'boolean' } },
    strict: false,
  })
  const report = await measure(parseSize(String(values.size)))
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : describe(report))
  return report
}

async function measure(size: number): Promise<TransferReport> {
  const folder = await mkdtemp(join(tmpdir(), 'servent-bench-'))
  const host = await startHost(join(folder, 'page'))
  const tabs = await openTabs(host.url, folder)
  try {
    await chooseFile(tabs.sender, folder, size)
    return await (size <= RACE_BYTES_MAX ? race(tabs, size) : fetchToDisk(tabs, size))
  } finally {
    await tabs.close()
    await host.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function race(tabs: Tabs, size: number): Promise<TransferReport> {
  const shared = await tabs.sender.evaluate(async () => (await bench).share())
  await connectBare(tabs)
  const download: number[] = []
  const bare: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    download.push(await tabs.receiver.evaluate(async (file) => (await bench).fetch(file, 'nowhere'), shared))
    bare.push(await tabs.receiver.evaluate(async (bytes) => (await bench).bare.receive(bytes), size))
  }
  const [ours, theirs] = [rates(size, download.slice(1)), rates(size, bare.slice(1))]
  return {
    bench: 'transfer',
    sizeBytes: size,
    unit: 'MiB/s',
    identifyRate: rate(size, shared.identifyMs),
    download: ours,
    bare: theirs,
    ratio: round2(ours.median / theirs.median),
  }
}

async function fetchToDisk(tabs: Tabs, size: number): Promise<TransferReport> {
  const shared = await tabs.sender.evaluate(async () => (await bench).share())
  const times: number[] = []
  const growth = await heapGrowth(tabs.receiver, async () => {
    times.push(await tabs.receiver.evaluate(async (file) => (await bench).fetch(file, 'opfs'), shared))
  })
  return {
    bench: 'transfer',
    sizeBytes: size,
    unit: 'MiB/s',
    identifyRate: rate(size, shared.identifyMs),
    download: rates(size, times),
    heapGrowth: growth,
  }
}

function rates(size: number, times: readonly number[]): Rates {
  const rounds = times.map((ms) => rate(size, ms))
  return { median: rounds.toSorted((a, b) => a - b)[rounds.length >> 1] ?? 0, rounds }
}

/** MiB/s. */
function rate(size: number, ms: number): number {
  return round2((size / MIB / ms) * 1_000)
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}

/** Reads `64MiB`, `1GiB` or a number of bytes. */
function parseSize(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)\s*(|kib|mib|gib)$/i.exec(text) ?? []
  const size = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
  if (digits === '' || size === 0) throw new Error(`--size is like 64MiB or 1GiB, not ${text}`)
  return size
}

function describe({ sizeBytes, identifyRate, download, bare, ratio, heapGrowth }: TransferReport): string {
  const lines = [
    `${sizeBytes / MIB} MiB from tab to tab`,
    `hashing   ${identifyRate} MiB/s`,
    `download  ${download.median} MiB/s  (${download.rounds.join(', ')})`,
  ]
  if (bare !== undefined)
    lines.push(`bare      ${bare.median} MiB/s  (${bare.rounds.join(', ')})`, `ratio     ${ratio}`)
  if (heapGrowth !== undefined) {
    const { peakBytes, keptBytes } = heapGrowth
    lines.push(`heap      grew by ${Math.round(peakBytes / MIB)} MiB at most, kept ${Math.round(keptBytes / MIB)} MiB`)
  }
  return `${lines.join('\n')}\n`
}
