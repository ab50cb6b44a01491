import type { Peer } from '@servent/machine'

/** What a dynamic query has to know of an ultrapeer that it may be sent to. */
export interface QueryConnection {
  readonly peer: Peer
  /** `X-Degree`: the ultrapeers that it is connected to. */
  readonly degree: number
  /** `X-Max-TTL`: what it takes. At least 1. */
  readonly ttlMax: number
  /** Whether its query route table may match. True without a table. */
  readonly isMatch: boolean
}

/** What bounds a dynamic query. */
export interface DynamicQueryLimits {
  /** Connections that are asked at once, at first. From DQ: 3. */
  readonly probeConnections: number
  /** How long the answers of one hop may take, there and back. From DQ: 2,400 ms. */
  readonly hopWaitMs: number
  /** Ultrapeers that a query may reach in theory. From DQ: 200,000. */
  readonly horizonMax: number
  /** Ultrapeers to reach while there are no results to reckon with. From LimeWire: 40,000. */
  readonly horizonBlind: number
  /** When it ends, whatever it has found. From gtk-gnutella: 10 minutes. */
  readonly lifetimeMs: number
}

/** To whom the query goes now, with which TTL. */
export interface QuerySend {
  readonly peer: Peer
  readonly ttl: number
}

/** Why a dynamic query is over. */
export type QueryEnd = 'enough-results' | 'no-connections' | 'horizon' | 'expired'

export type QueryStep =
  | { readonly sends: readonly QuerySend[]; readonly lookAgainMs: number; readonly end: undefined }
  | { readonly sends: readonly []; readonly lookAgainMs: undefined; readonly end: QueryEnd }

/** Of connections that know of no match, those beyond have to be reached: a TTL of 1 would ask nobody. */
const BLIND_TTL_MIN = 2

/**
 * Ultrapeers that a query reaches in theory through one of `degree` connections: the sum of (degree - 1)^i for i from 0 to
 * ttl - 1 (DQ).
 */
export function horizonOf(degree: number, ttl: number): number {
  let hosts = 0
  let ring = 1
  for (let hop = 0; hop < ttl; hop++) {
    hosts += ring
    ring *= Math.max(degree - 1, 1)
  }
  return hosts
}

/**
 * A query that is sent to one ultrapeer after another, each time as far as the results so far make needed ("Dynamic Query
 * Protocol", DQ). A value of its own: it is told what there is, and says what to do next.
 *
 * 1. First a probe: those whose tables match with TTL 1, and others with TTL 2 if those are fewer than `probeConnections`.
 * 2. Then one connection at a time, with the lowest TTL that should find what is missing.
 * 3. No connection is asked twice, for there the query is a duplicate. Where there are too few for a probe and something
 *    after it, all are asked at once, as far as they let us (as gtk-gnutella does).
 */
export class DynamicQuery {
  /** Results that are enough. */
  readonly resultsTarget: number
  readonly #limits: DynamicQueryLimits
  readonly #startedAt: number
  readonly #asked = new Set<Peer>()
  #horizon = 0

  constructor(resultsTarget: number, limits: DynamicQueryLimits, now: number) {
    this.resultsTarget = resultsTarget
    this.#limits = limits
    this.#startedAt = now
  }

  /** Connections that were asked. */
  get askedCount(): number {
    return this.#asked.size
  }

  /** Ultrapeers that it has reached in theory. */
  get horizon(): number {
    return this.#horizon
  }

  /**
   * What to do now. To be asked again after `lookAgainMs`, or when there is more news than that.
   *
   * @param connections - all there are now, those to be preferred first
   * @param resultCount - all there are so far
   */
  step(connections: readonly QueryConnection[], resultCount: number, now: number): QueryStep {
    if (resultCount >= this.resultsTarget) return ended('enough-results')
    if (now - this.#startedAt >= this.#limits.lifetimeMs) return ended('expired')
    if (this.#horizon >= this.#limits.horizonMax) return ended('horizon')
    const left = connections.filter(({ peer }) => !this.#asked.has(peer))
    if (left.length === 0) return ended('no-connections')
    if (this.#asked.size > 0) return this.#ask([this.#next(left, resultCount)])
    if (left.length <= this.#limits.probeConnections) return this.#ask(left.map(asFarAs))
    return this.#ask(this.#probe(left))
  }

  #probe(left: readonly QueryConnection[]): readonly Ask[] {
    const { probeConnections } = this.#limits
    const matching = left.filter(({ isMatch }) => isMatch).slice(0, probeConnections)
    const others = left.filter(({ isMatch }) => !isMatch).slice(0, probeConnections - matching.length)
    return [
      ...matching.map((connection) => ({ connection, ttl: 1 })),
      ...others.map((connection) => ({ connection, ttl: Math.min(BLIND_TTL_MIN, connection.ttlMax) })),
    ]
  }

  /** "The lowest TTL" with which one of the connections left does its share of what is missing. */
  #next(left: readonly QueryConnection[], resultCount: number): Ask {
    const connection = left.find(({ isMatch }) => isMatch) ?? (left[0] as QueryConnection)
    const missing = this.resultsTarget - resultCount
    const wanted = resultCount === 0 ? this.#limits.horizonBlind : missing / (resultCount / this.#horizon)
    const share = wanted / left.length
    let ttl = Math.min(connection.isMatch ? 1 : BLIND_TTL_MIN, connection.ttlMax)
    while (ttl < connection.ttlMax && horizonOf(connection.degree, ttl) < share) ttl++
    return { connection, ttl }
  }

  #ask(asks: readonly Ask[]): QueryStep {
    let ttlMax = 0
    for (const { connection, ttl } of asks) {
      this.#asked.add(connection.peer)
      this.#horizon += horizonOf(connection.degree, ttl)
      ttlMax = Math.max(ttlMax, ttl)
    }
    const sends = asks.map(({ connection, ttl }) => ({ peer: connection.peer, ttl }))
    return { sends, lookAgainMs: ttlMax * this.#limits.hopWaitMs, end: undefined }
  }
}

interface Ask {
  readonly connection: QueryConnection
  readonly ttl: number
}

function asFarAs(connection: QueryConnection): Ask {
  return { connection, ttl: connection.ttlMax }
}

function ended(end: QueryEnd): QueryStep {
  return { sends: [], lookAgainMs: undefined, end }
}
