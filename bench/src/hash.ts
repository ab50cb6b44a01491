import { createHash, hash } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CHUNK_BYTES, identify } from '@servent/transfer'
import { fileContent } from '@servent/transfer/node'
import { median, positive, round2 } from './numbers.ts'

const DEFAULTS = { rounds: '5', mebibytes: '256' } as const

/** Ours: megabytes a second for each core; a disk of today is then the slower of the two. */
const GOAL = 300

/** Megabytes (10^6 bytes) a second. */
interface Speed {
  readonly median: number
  readonly rounds: readonly number[]
  /** For each second that the processor gave the process, whatever core: what to go by while others use the machine. */
  readonly perCpuSecond: number
}

interface HashReport {
  readonly bench: 'hash'
  readonly unit: 'MB/s'
  readonly node: string
  readonly cpu: string
  readonly cores: number
  readonly mebibytes: number
  readonly speeds: Readonly<Record<ContestantName, Speed>>
  /** A thread that reads and hashes, over the bare hashes by the processor's time: the median of the ratios within a round. */
  readonly shareOfLimit: number
  readonly isGoalMet: boolean
}

type ContestantName = 'limit' | 'thread' | 'threads' | 'here'

interface Sample {
  readonly wall: number
  readonly cpu: number
}

/**
 * Names files as `servent share` does, both hashes in one pass: `npm run -s bench -- hash [--mebibytes 256] [--rounds 5] [--json]`.
 *
 * A round is every contestant in turn; the files have just been written, so they are in the memory of the system.
 */
export async function run(options: { readonly json: boolean; readonly args: readonly string[] }): Promise<HashReport> {
  const { values } = parseArgs({
    args: [...options.args],
    options: {
      rounds: { type: 'string', default: DEFAULTS.rounds },
      mebibytes: { type: 'string', default: DEFAULTS.mebibytes },
      json: { type: 'boolean' },
    },
  })
  const report = await measure(positive('mebibytes', values.mebibytes), positive('rounds', values.rounds))
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : tableOf(report))
  return report
}

async function measure(mebibytes: number, rounds: number): Promise<HashReport> {
  const folder = await mkdtemp(join(tmpdir(), 'servent-bench-hash-'))
  try {
    const cores = availableParallelism()
    const paths = Array.from({ length: cores }, (_, number) => join(folder, String(number)))
    for (const path of paths) await writeTestFile(path, mebibytes)
    const contestants = contestantsOf(paths, mebibytes)
    const samples: Record<ContestantName, Sample[]> = { limit: [], thread: [], threads: [], here: [] }
    for (let round = -1; round < rounds; round++) {
      for (const [name, { files, work }] of contestants) {
        const sample = await timed(files * mebibytes, work)
        // The first round warms up.
        if (round >= 0) samples[name].push(sample)
      }
    }
    const speeds = {
      limit: speedOf(samples.limit),
      thread: speedOf(samples.thread),
      threads: speedOf(samples.threads),
      here: speedOf(samples.here),
    }
    const shareOfLimit = median(samples.thread.map(({ cpu }, round) => cpu / (samples.limit[round]?.cpu ?? cpu)))
    const isGoalMet = Math.min(speeds.thread.perCpuSecond, speeds.threads.perCpuSecond) >= GOAL
    const [cpu] = cpus()
    const about = { node: process.version, cpu: cpu?.model ?? 'unknown', cores, mebibytes }
    return { bench: 'hash', unit: 'MB/s', ...about, speeds, shareOfLimit: round2(shareOfLimit), isGoalMet }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Contestant {
  readonly files: number
  work(): Promise<unknown>
}

function contestantsOf(paths: readonly string[], mebibytes: number): [ContestantName, Contestant][] {
  const [first = ''] = paths
  const chunk = testChunk()
  return [
    ['limit', { files: 1, work: async () => bareHashes(chunk, mebibytes) }],
    ['thread', { files: 1, work: () => identifyFile(first) }],
    ['threads', { files: paths.length, work: () => Promise.all(paths.map(identifyFile)) }],
    ['here', { files: 1, work: () => identifyHere(first) }],
  ]
}

/** What `node:crypto` can do at most: the two hashes over one chunk in memory, nothing read. */
function bareHashes(chunk: Uint8Array, count: number): void {
  const whole = createHash('sha1')
  for (let index = 0; index < count; index++) {
    whole.update(chunk)
    hash('sha256', chunk, 'buffer')
  }
  whole.digest()
}

async function identifyFile(path: string): Promise<unknown> {
  return identify(await fileContent(path))
}

/** As a content that is no file is named: read and hashed by the thread that asks, SHA-256 by Node's own threads. */
async function identifyHere(path: string): Promise<unknown> {
  const { name, size, read } = await fileContent(path)
  return identify({ name, size, read })
}

async function timed(mebibytes: number, work: () => Promise<unknown>): Promise<Sample> {
  const startedAt = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  const megabytes = (mebibytes * CHUNK_BYTES) / 1e6
  return {
    wall: (1000 * megabytes) / (performance.now() - startedAt),
    cpu: (1e6 * megabytes) / (user + system),
  }
}

async function writeTestFile(path: string, mebibytes: number): Promise<void> {
  await using file = await open(path, 'w')
  const chunk = testChunk()
  for (let index = 0; index < mebibytes; index++) await file.write(chunk)
}

function testChunk(): Uint8Array {
  return Uint8Array.from({ length: CHUNK_BYTES }, (_, at) => (at * 31) >> 3)
}

function speedOf(samples: readonly Sample[]): Speed {
  return {
    median: Math.round(median(samples.map(({ wall }) => wall))),
    rounds: samples.map(({ wall }) => Math.round(wall)),
    perCpuSecond: Math.round(median(samples.map(({ cpu }) => cpu))),
  }
}

const LABELS: Readonly<Record<ContestantName, string>> = {
  limit: 'node:crypto alone, one thread, nothing read',
  thread: 'one file, by a thread',
  threads: 'one file a core',
  here: 'one file, on the thread that asks',
}

function tableOf({ speeds, shareOfLimit, cores, mebibytes, isGoalMet }: HashReport): string {
  const rows = (Object.keys(LABELS) as ContestantName[]).map((name) => {
    const { median: wall, perCpuSecond } = speeds[name]
    return `${LABELS[name].padEnd(45)} ${String(wall).padStart(6)} MB/s  ${String(perCpuSecond).padStart(6)} MB for each second of a core`
  })
  const goal = `${isGoalMet ? 'At' : 'Not at'} least ${GOAL} MB/s for each core; a thread has ${shareOfLimit} of the limit.`
  return `SHA-1 over all and SHA-256 of each MiB, ${mebibytes} MiB a file, ${cores} cores\n${rows.join('\n')}\n${goal}\n`
}
