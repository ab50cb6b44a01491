import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import type { CandidateReport } from './napster/index-process.ts'

const PROCESS = fileURLToPath(new URL('./napster/index-process.ts', import.meta.url))

const SONGS = 1_000_000
const SEARCHES = 2000

/** Searches of each kind. A scan takes a tenth of a second for one that finds little. */
const CANDIDATES = { 'song-index': SEARCHES, 'map-of-sets': SEARCHES, 'linear-scan': 30 } as const

/** More than any candidate needs: a heap that is nearly full is slow. */
const HEAP_MIB_MAX = 8192

export interface NapsterReport {
  readonly bench: 'napster'
  readonly node: string
  readonly cpu: string
  readonly songs: number
  readonly candidates: Readonly<Record<string, CandidateReport>>
}

/**
 * Fills the index of a Napster server with a million songs whose words follow Zipf's law, and searches it:
 * `npm run -s bench -- napster [--songs N] [--json]`. Beside it, a Map of Sets and a scan of all names.
 */
export async function run(options: {
  readonly json: boolean
  readonly args: readonly string[]
}): Promise<NapsterReport> {
  const { values } = parseArgs({
    args: [...options.args],
    options: { songs: { type: 'string' }, json: { type: 'boolean' } },
  })
  const songs = Number(values.songs ?? SONGS)
  if (!(Number.isInteger(songs) && songs > 0)) throw new Error(`--songs takes a whole number above 0.`)
  const candidates: Record<string, CandidateReport> = {}
  for (const [name, searches] of Object.entries(CANDIDATES)) candidates[name] = await measured(name, songs, searches)
  const cpu = cpus()[0]?.model ?? 'unknown'
  const report: NapsterReport = { bench: 'napster', node: process.version, cpu, songs, candidates }
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : table(report))
  return report
}

async function measured(name: string, songs: number, searches: number): Promise<CandidateReport> {
  const args = ['--conditions=source', `--max-old-space-size=${HEAP_MIB_MAX}`, PROCESS, name, `${songs}`, `${searches}`]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

function table({ node, cpu, songs, candidates }: NapsterReport): string {
  const blocks = Object.entries(candidates).map(([name, report]) => {
    const searches = Object.entries(report.searches).map(([kind, { p50Ms, p99Ms, maxMs, firstP99Ms, resultsMean }]) => {
      const label = `search ${kind}`.padEnd(22)
      return `  ${label} ${p50Ms} ms, 99th percentile ${p99Ms} ms, at most ${maxMs} ms (${firstP99Ms} ms the first time); ${resultsMean} results`
    })
    return [
      name,
      `  memory                 ${report.bytesPerSong} bytes a song`,
      `  inserts                ${report.insertsPerSecond}/s`,
      ...searches,
      `  an owner of 5,000 goes ${report.removeOwnerMs} ms`,
    ].join('\n')
  })
  return `Node ${node}, ${cpu}, ${songs} songs\n${blocks.join('\n')}\n`
}
