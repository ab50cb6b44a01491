import type { TransferReport } from '../transfer.ts'
import type { LargeReport } from './large.ts'
import type { NodePeersReport } from './node-peers.ts'
import type { RaceReport } from './race.ts'
import { MIB, type Rates } from './rates.ts'
import type { SourcesReport } from './sources.ts'

type Wanted = TransferReport['wanted']

/** The report for a person. */
export function table(report: TransferReport): string {
  const { node, cpu, wanted, large, sources, nodePeers } = report
  const lines = [`Node ${node}, ${cpu}; MiB/s, MiB for a second of the processors, and each round`]
  if (isRace(report)) lines.push(...raceLines(report, wanted))
  if (large !== undefined) lines.push(...largeLines(large, wanted))
  if (sources !== undefined) lines.push(...sourcesLines(sources, wanted))
  if (nodePeers !== undefined) lines.push(...nodeLines(nodePeers))
  return `${lines.join('\n')}\n`
}

function isRace(report: TransferReport): report is TransferReport & RaceReport {
  return report.download !== undefined
}

function raceLines(race: RaceReport, { ratioMin, timesWebtorrentMin }: Wanted): string[] {
  const { byCpu, timesWebtorrent } = race
  const { memory, opfs } = timesWebtorrent
  return [
    `${race.sizeBytes / MIB} MiB from tab to tab; hashing it ${race.identifyRate}`,
    line('bare data channel', race.bare),
    line(
      'download, dropped',
      race.download,
      `${both(race.ratio, byCpu.ratio)} of the bare channel (wanted: ${ratioMin})`
    ),
    line(
      'download, memory',
      race.downloadToMemory,
      `${both(memory, byCpu.timesWebtorrent.memory)} times WebTorrent (wanted: ${timesWebtorrentMin})`
    ),
    line('webtorrent, memory', race.webtorrentToMemory),
    line(
      'download, OPFS',
      race.downloadToOpfs,
      `${both(opfs, byCpu.timesWebtorrent.opfs)} times WebTorrent (wanted: ${timesWebtorrentMin})`
    ),
    line('webtorrent, OPFS', race.webtorrentToOpfs),
  ]
}

function largeLines(large: LargeReport, { ratioMin, heapGrowthBytesMax }: Wanted): string[] {
  const limit = `wanted: under ${megabytes(heapGrowthBytesMax)}`
  return [
    `${large.sizeBytes / MIB} MiB from tab to tab`,
    line('bare data channel', large.bare),
    line(
      'download, OPFS',
      large.download,
      `${both(large.ratio, large.ratioByCpu)} of the bare channel (wanted: ${ratioMin})`
    ),
    ...Object.entries(large.heapGrowth).map(
      ([tab, { peakBytes, keptBytes }]) =>
        `  heap of the ${tab} grew by ${megabytes(peakBytes)} at most, ${megabytes(keptBytes)} when done (${limit})`
    ),
  ]
}

function sourcesLines(
  { sizeBytes, limitPerSource, alone, together, timesFastest }: SourcesReport,
  wanted: Wanted
): string[] {
  return [
    `${sizeBytes / MIB} MiB from tabs that give ${limitPerSource} MiB/s each`,
    ...alone.map((rates, index) => line(`source ${index + 1} alone`, rates)),
    line('all together', together, `${timesFastest} times the fastest alone (wanted: ${wanted.timesFastestMin})`),
  ]
}

function nodeLines({ sizeBytes, identifyRate, download, plain, ratio }: NodePeersReport): string[] {
  return [
    `${sizeBytes / MIB} MiB from one Node process to another; hashing it ${identifyRate}`,
    line('plain socket, SHA-256', plain),
    line('download, dropped', download, `${ratio} of the plain socket`),
  ]
}

function line(name: string, { median, rounds, perCpuSecond }: Rates, remark = ''): string {
  const [speed, perCpu] = [median.toFixed(2), perCpuSecond?.toFixed(2) ?? ''].map((text) => text.padStart(8))
  return `  ${name.padEnd(22)} ${speed} ${perCpu}  (${rounds.join(', ')})${remark === '' ? '' : `  ${remark}`}`
}

/** A ratio, and what it is by the processors' time. */
function both(ratio: number, byCpu: number | undefined): string {
  return byCpu === undefined ? String(ratio) : `${ratio}, by the processors' time ${byCpu},`
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}
