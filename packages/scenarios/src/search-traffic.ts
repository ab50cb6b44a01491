import type { TrafficCounter } from '@servent/simulator'

/**
 * Queries of a user in a second: from Yang and Garcia-Molina, "Designing a Super-Peer Network" (ICDE 2003), table 1.
 */
export const QUERIES_PER_NODE_PER_SECOND = 9.26e-3

/**
 * Seconds that what is sent once, when connections come up, is spread over: half of the sessions that Saroiu, Gummadi and
 * Gribble saw were over after an hour ("A Measurement Study of Peer-to-Peer File Sharing Systems", 2002).
 */
export const SESSION_SECONDS = 3600

/** What searching costs. Bytes are as the codec writes them. */
export interface SearchCost {
  /** Messages sent for a query, replies included, on average. */
  readonly messagesPerQuery: number
  /** The same by type. */
  readonly messagesPerQueryByKind: Readonly<Record<string, number>>
  /** Bytes of those. */
  readonly bytesPerQuery: number
  /** Bytes sent by a node before the first query, on average: handshakes, query route tables, pings. */
  readonly setupBytesPerNode: number
  /** Bytes sent by a node in a second from the first query on that belong to no query: pings, changes of tables. */
  readonly backgroundBytesPerNodePerSecond: number
  /**
   * Bytes sent by a node in a second, all told: queries at the rate of `QUERIES_PER_NODE_PER_SECOND`, the background, and
   * the setup spread over `SESSION_SECONDS`.
   */
  readonly bytesPerNodePerSecond: number
  /** Messages of each type sent in the whole experiment. */
  readonly messages: Readonly<Record<string, number>>
}

/** What had been sent when the first query was asked. */
export interface Setup {
  readonly bytes: number
  /** Milliseconds of virtual time. */
  readonly endedAt: number
}

/** Tells what belongs to queries from what does not, by type. */
export class SearchTraffic<Message extends { readonly type: string }> {
  readonly #counter: TrafficCounter<Message>
  readonly #queryTypes: readonly string[]
  #setup: Setup = { bytes: 0, endedAt: 0 }

  /** @param queryTypes - messages that nobody would send if nobody searched */
  constructor(counter: TrafficCounter<Message>, queryTypes: readonly string[]) {
    this.#counter = counter
    this.#queryTypes = queryTypes
  }

  /** The first query is about to be asked. */
  endSetup(now: number): void {
    this.#setup = { bytes: this.#counter.of().bytes, endedAt: now }
  }

  /**
   * @param queries - how many were asked
   * @param now - milliseconds of virtual time
   */
  cost(nodes: number, queries: number, now: number): SearchCost {
    const counter = this.#counter
    const types = counter.types()
    const ofQueries = types.filter((type) => this.#queryTypes.includes(type))
    const total = (what: 'messages' | 'bytes') => ofQueries.reduce((sum, type) => sum + counter.of(type)[what], 0)
    const bytesPerQuery = total('bytes') / queries
    const seconds = (now - this.#setup.endedAt) / 1000
    const backgroundBytes = counter.of().bytes - total('bytes') - this.#setup.bytes
    const setupBytesPerNode = this.#setup.bytes / nodes
    const backgroundBytesPerNodePerSecond = seconds === 0 ? 0 : backgroundBytes / nodes / seconds
    return {
      messagesPerQuery: total('messages') / queries,
      messagesPerQueryByKind: Object.fromEntries(ofQueries.map((type) => [type, counter.of(type).messages / queries])),
      bytesPerQuery,
      setupBytesPerNode,
      backgroundBytesPerNodePerSecond,
      bytesPerNodePerSecond:
        bytesPerQuery * QUERIES_PER_NODE_PER_SECOND +
        backgroundBytesPerNodePerSecond +
        setupBytesPerNode / SESSION_SECONDS,
      messages: Object.fromEntries(types.map((type) => [type, counter.of(type).messages])),
    }
  }
}
