// One candidate in a process of its own, so that its memory is its own: index-process.ts CANDIDATE SONGS SEARCHES.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { SharedSong } from '@servent/napster'
import { type Candidate, linearScan, mapOfSets, songIndex } from './candidates.ts'
import { LARGE_OWNER_SONGS, LARGE_OWNERS, OWNER_SONGS, type Searches, Workload } from './workload.ts'

/** How long searches of one kind took. Of each the best of three: what else the machine does meanwhile does not count. */
export interface SearchTimes {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Of the first of three: with cold caches, and with waiting for a processor. */
  readonly firstP99Ms: number
  readonly resultsMean: number
}

export interface CandidateReport {
  readonly bytesPerSong: number
  /** By the processor's clock. */
  readonly insertsPerSecond: number
  readonly searches: Readonly<Record<keyof Searches, SearchTimes>>
  /** Of one that shares 5,000: the median of five. */
  readonly removeOwnerMs: number
}

const CANDIDATES: Readonly<Record<string, (songsMax: number) => Candidate>> = {
  'song-index': songIndex,
  'map-of-sets': mapOfSets,
  'linear-scan': linearScan,
}

const MD5 = '0'.repeat(32)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function bytesUsed(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function measure(make: (songsMax: number) => Candidate, songCount: number, searchCount: number): CandidateReport {
  const workload = new Workload()
  const names = Array.from({ length: songCount }, () => workload.name())
  const before = bytesUsed()
  const candidate = make(songCount)
  const large = Array.from({ length: LARGE_OWNERS }, () => candidate.addOwner())
  let owner = candidate.addOwner()
  const startedAt = cpuMs()
  for (const [i, name] of names.entries()) {
    if (i % OWNER_SONGS === 0) owner = large[Math.floor(i / LARGE_OWNER_SONGS)] ?? candidate.addOwner()
    candidate.add(owner, songOf(i, name))
  }
  const insertMs = cpuMs() - startedAt
  const bytesPerSong = Math.round((bytesUsed() - before) / songCount)
  const kinds = Object.entries(workload.searches(names, searchCount))
  const searches = Object.fromEntries(kinds.map(([kind, words]) => [kind, timesOf(candidate, words)]))
  const removals = large.map((each) => {
    const removedAt = performance.now()
    candidate.removeOwner(each)
    return performance.now() - removedAt
  })
  return {
    bytesPerSong,
    insertsPerSecond: Math.round((1000 * songCount) / insertMs),
    searches: searches as CandidateReport['searches'],
    removeOwnerMs: percentile(removals, 0.5),
  }
}

/** With a name, a CID and a SHA-1 of its own, as a song that has come over a stream has. */
function songOf(index: number, name: string): SharedSong {
  const cid = new Uint8Array(36)
  const sha1 = new Uint8Array(20)
  for (const bytes of [cid, sha1]) new DataView(bytes.buffer).setUint32(8, Math.imul(index + 1, 0x9e3779b1))
  // A new text: all candidates have to keep the name themselves.
  const own = Buffer.from(name).toString()
  return { name: own, md5: MD5, size: index, bitrate: 128, frequency: 44_100, seconds: 180, cid, sha1 }
}

function timesOf(candidate: Candidate, searches: readonly string[]): SearchTimes {
  const best: number[] = []
  const first: number[] = []
  let resultCount = 0
  for (const words of searches) {
    const times = [0, 1, 2].map(() => {
      const startedAt = performance.now()
      resultCount += candidate.search(words)
      return performance.now() - startedAt
    })
    best.push(Math.min(...times))
    first.push(times[0] ?? 0)
  }
  return {
    p50Ms: percentile(best, 0.5),
    p99Ms: percentile(best, 0.99),
    maxMs: percentile(best, 1),
    firstP99Ms: percentile(first, 0.99),
    resultsMean: rounded(resultCount / 3 / searches.length),
  }
}

function percentile(times: number[], share: number): number {
  times.sort((a, b) => a - b)
  return rounded(times[Math.floor(share * (times.length - 1))] ?? 0)
}

/** Processor time of this thread so far: in steps of some milliseconds. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function rounded(ms: number): number {
  return Math.round(1000 * ms) / 1000
}

const [name = '', songs = '', searches = ''] = process.argv.slice(2)
const make = CANDIDATES[name]
if (make === undefined) throw new Error(`There is no candidate named ${name}`)
process.stdout.write(`${JSON.stringify(measure(make, Number(songs), Number(searches)))}\n`)
