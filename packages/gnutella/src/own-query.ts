import { holdsAll, keywords, safeName, truncateUtf8 } from '@servent/library'
import type { Host, Peer } from '@servent/machine'
import { toMinSpeed } from './answer.ts'
import type { GnutellaConfig } from './config.ts'
import type { DropReason } from './drops.ts'
import type { GnutellaEvent } from './events.ts'
import type { Guid, ServentId } from './guid.ts'
import type { Message, Query, QueryHit, QueryHitResult } from './messages.ts'

/** UTF-8 bytes of criteria that leave room for a SHA-1 and a CID within the 256 bytes that others forward. */
const CRITERIA_BYTES_MAX = 160

/** Counts a result that is not told. */
type Drop = (reason: DropReason) => void

/** What an index query asks for. */
const INDEX_CRITERIA = '    '

export interface QueryOptions {
  /** Links that the query may travel. Default `config.ttl`, at most `config.ttlMax`. */
  readonly ttl?: number
  /** kbit/s that a servent must have to answer. Default 0. */
  readonly minSpeed?: number
  /** Binary CID: who has this content answers, whatever its name. */
  readonly cid?: Uint8Array
  /** 20 bytes: who has this content answers, whatever its name. */
  readonly sha1?: Uint8Array
}

/** A query of ours as it goes out. */
export function makeQuery(
  guid: Guid,
  criteria: string,
  options: QueryOptions,
  config: Readonly<GnutellaConfig>
): Query {
  const { ttl = config.ttl, minSpeed = 0, cid, sha1 } = options
  const words = truncateUtf8(criteria.toWellFormed().replaceAll('\0', ' ').trim(), CRITERIA_BYTES_MAX)
  const isIndexQuery = words === '' && cid === undefined && sha1 === undefined
  return {
    type: 'Query',
    guid,
    ttl: isIndexQuery ? 1 : Math.min(Math.max(Math.floor(ttl), 1), config.ttlMax),
    hops: 0,
    minSpeed: toMinSpeed(minSpeed),
    criteria: isIndexQuery ? INDEX_CRITERIA : words,
    sha1,
    cid,
    verbatim: undefined,
  }
}

/** Messages that a query took, as far as its asker sees them. */
export interface QueryTraffic {
  /** Times that it was sent. */
  readonly sentCount: number
  /** Hits that came for it, each with one result or more. */
  readonly receivedCount: number
}

/** The queries of ours that hits are taken for: so many, and the oldest goes. */
export class OwnQueries {
  readonly #config: Readonly<GnutellaConfig>
  readonly #queries = new Map<Guid, OwnQuery>()

  constructor(config: Readonly<GnutellaConfig>) {
    this.#config = config
  }

  get(guid: Guid): OwnQuery | undefined {
    return this.#queries.get(guid)
  }

  add(query: Query): void {
    this.#queries.set(query.guid, new OwnQuery(query))
    if (this.#queries.size <= this.#config.ownQueriesMax) return
    const [oldest] = this.#queries.keys()
    if (oldest !== undefined) this.#queries.delete(oldest)
  }

  delete(guid: Guid): void {
    this.#queries.delete(guid)
  }

  /** Tells of each result of a hit that is new and fits. False if the query is none of these. */
  take(hit: QueryHit, from: Peer, to: Pick<Host<Message, GnutellaEvent>, 'emit'>, drop: Drop): boolean {
    const { guid, speed, serventId, peer, pushProxies, isBrowsable } = hit
    const own = this.#queries.get(guid)
    if (own === undefined) return false
    own.receivedCount++
    for (const result of hit.results) {
      const reason = own.take(serventId, result, this.#config.resultsTakenMax)
      if (reason !== undefined) {
        drop(reason)
        continue
      }
      const { index, size, sha1, cid } = result
      to.emit({
        type: 'query-hit',
        guid,
        name: safeName(result.name),
        size,
        index,
        sha1,
        cid,
        speed,
        serventId,
        peer,
        pushProxies,
        isBrowsable,
        hops: hit.hops + 1,
        from,
      })
    }
    return true
  }
}

/** A query of ours that hits are taken for: what fits it, and what it got already. */
class OwnQuery implements QueryTraffic {
  readonly #words: readonly string[]
  readonly #sha1: Uint8Array | undefined
  readonly #cid: Uint8Array | undefined
  readonly #taken = new Set<string>()
  /** Times that it was sent, and hits that came for it: messages, not results. */
  sentCount = 0
  receivedCount = 0

  constructor(query: Query) {
    this.#words = keywords(query.criteria)
    this.#sha1 = query.sha1
    this.#cid = query.cid
  }

  /** Results taken. */
  get resultCount(): number {
    return this.#taken.size
  }

  /** Takes a result in, or says why not: nobody needs to believe that a file is what was asked for. */
  take(serventId: ServentId, result: QueryHitResult, resultsMax: number): DropReason | undefined {
    const id = `${serventId}${result.index}`
    if (this.#taken.has(id)) return 'duplicate-result'
    if (!this.#fits(result)) return 'unmatched-result'
    if (this.#taken.size >= resultsMax) return 'too-many-results'
    this.#taken.add(id)
    return undefined
  }

  #fits(result: QueryHitResult): boolean {
    if (same(this.#sha1, result.sha1) || same(this.#cid, result.cid)) return true
    // Asked for content alone, words answer nothing; asked for nothing at all (an index query), everything is an answer.
    if (this.#words.length === 0) return this.#sha1 === undefined && this.#cid === undefined
    return holdsAll(result.name, this.#words)
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
