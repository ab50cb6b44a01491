import { type Library, NAME_BYTES_MAX, type SharedFile, truncateUtf8 } from '@servent/library'
import type { Host, Peer } from '@servent/machine'
import type { GnutellaConfig } from './config.ts'
import type { ServentId } from './guid.ts'
import type { Message, Query, QueryHit, QueryHitResult } from './messages.ts'

const NONE: readonly SharedFile[] = []
const NO_PROXIES: QueryHit['pushProxies'] = []

/** Bit 7 of the first byte: the two are flags of later servents and no speed. */
const MIN_SPEED_IS_FLAGS = 0x80

/** A minimum speed that no later servent takes for flags: at most 127 kbit/s less than asked for. */
export function toMinSpeed(kilobitsPerSecond: number): number {
  return Math.min(Math.max(Math.floor(kilobitsPerSecond), 0), 0xffff) & ~MIN_SPEED_IS_FLAGS
}

/** Whether a query names nothing to look for: empty, or blanks such as the four of an index query. */
export function asksForNothing(query: Query): boolean {
  const { criteria, sha1, cid } = query
  if (criteria !== '' && criteria.charCodeAt(0) !== 0x20) return false
  return sha1 === undefined && cid === undefined && criteria.trim() === ''
}

/**
 * Files that answer a query: the very content it names, or names that hold all its words. An index query, which comes
 * straight from a neighbor with TTL 1, lists all there is.
 */
export function findAnswers(config: Readonly<GnutellaConfig>, query: Query): readonly SharedFile[] {
  const { library, speed, resultsPerQueryMax } = config
  if (library.fileCount === 0) return NONE
  if ((query.minSpeed & MIN_SPEED_IS_FLAGS) === 0 && query.minSpeed > speed) return NONE
  if (asksForNothing(query)) return query.ttl === 1 && query.hops === 0 ? first(library, resultsPerQueryMax) : NONE
  const named = library.search(query.criteria, resultsPerQueryMax)
  if (query.sha1 === undefined && query.cid === undefined) return named
  const found = new Set<SharedFile>()
  const byCid = query.cid === undefined ? undefined : library.findByCid(query.cid)
  const bySha1 = query.sha1 === undefined ? undefined : library.findBySha1(query.sha1)
  for (const file of [byCid, bySha1, ...named]) {
    if (file !== undefined && found.size < resultsPerQueryMax) found.add(file)
  }
  return [...found]
}

/** Sends files back to whoever asked, so many a hit. */
export function sendAnswers(
  host: Host<Message, unknown>,
  config: Readonly<GnutellaConfig>,
  serventId: ServentId,
  query: Query,
  files: readonly SharedFile[],
  to: QueryHitTarget
): void {
  const { port, address, speed, resultsPerHitMax } = config
  for (let i = 0; i < files.length; i += resultsPerHitMax) {
    const hit: QueryHit = {
      type: 'QueryHit',
      guid: query.guid,
      ttl: to.ttl,
      hops: 0,
      port,
      address,
      speed,
      results: files.slice(i, i + resultsPerHitMax).map(toResult),
      peer: host.self,
      pushProxies: to.pushProxies ?? NO_PROXIES,
      isBrowsable: to.isBrowsable ?? false,
      serventId,
      verbatim: undefined,
    }
    host.send(to.peer, hit)
  }
}

/** Where a hit goes first, and how far it may. */
export interface QueryHitTarget {
  readonly peer: Peer
  readonly ttl: number
  /** What it says of us: none, and no, if not given. */
  readonly pushProxies?: readonly Peer[]
  readonly isBrowsable?: boolean
}

function first(library: Library, count: number): readonly SharedFile[] {
  const files: SharedFile[] = []
  for (const file of library) {
    if (files.length >= count) break
    files.push(file)
  }
  return files
}

function toResult({ index, name, size, sha1, cid }: SharedFile): QueryHitResult {
  // A NUL would end the name early.
  const sent = name.includes('\0') ? name.replaceAll('\0', '') : name
  return { index, size, name: truncateUtf8(sent, NAME_BYTES_MAX), sha1, cid }
}
