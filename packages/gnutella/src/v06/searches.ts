import type { Guid } from '../guid.ts'
import type { Query } from '../messages.ts'
import { UP } from '../neighbor.ts'
import type { HybridConfig } from './config.ts'
import { DynamicQuery, type DynamicQueryLimits, type QueryConnection } from './dynamic-query.ts'
import { type HybridLink, ULTRAPEER } from './link.ts'

/** What searches need of the servent that runs them. */
export interface SearchWorld {
  links(): readonly HybridLink[]
  random(): number
  /** Sends a query over a link, if the link takes it. */
  send(link: HybridLink, query: Query): void
  /** Asks a leaf how many results its query has. */
  askStatus(leaf: HybridLink, guid: Guid): void
  /** Calls `look` with the id after a while. */
  remind(id: number, delayMs: number): void
}

/** A dynamic query that is under way. */
interface Search {
  readonly id: number
  readonly query: Query
  /** The leaf that asks; undefined for ourselves. */
  readonly leaf: HybridLink | undefined
  readonly dynamic: DynamicQuery
  /** Results that we have passed on, and those that the leaf says it has. */
  passedCount: number
  toldCount: number
  /** Ultrapeers that had been asked when we last asked the leaf. */
  guidedAt: number
}

/** The dynamic queries that an ultrapeer runs, for its leaves and for itself. Bounded, in all and for each leaf. */
export class Searches {
  readonly #config: Readonly<HybridConfig>
  readonly #world: SearchWorld
  readonly #byGuid = new Map<Guid, Search>()
  readonly #byId = new Map<number, Search>()
  #nextId = 1

  constructor(config: Readonly<HybridConfig>, world: SearchWorld) {
    this.#config = config
    this.#world = world
  }

  get size(): number {
    return this.#byGuid.size
  }

  /** The queries that are under way, as others get them. */
  get queries(): readonly Query[] {
    return Array.from(this.#byGuid.values(), ({ query }) => query)
  }

  /** Whether one more may be run: for a leaf, or for ourselves. */
  hasRoomFor(leaf: HybridLink | undefined): boolean {
    const { dynamicQueriesMax, dynamicQueriesPerLeafMax } = this.#config
    if (this.#byGuid.size >= dynamicQueriesMax) return false
    return leaf === undefined || leaf.searchCount < dynamicQueriesPerLeafMax
  }

  /**
   * @param query - as ultrapeers shall get it, but for its TTL
   * @param resultCount - what our leaves and we are known to have already
   */
  start(query: Query, leaf: HybridLink | undefined, resultCount: number, now: number): void {
    const { ownResultsWanted, leafResultsWanted } = this.#config
    const dynamic =
      leaf === undefined
        ? new DynamicQuery(ownResultsWanted, this.#config, now)
        : new DynamicQuery(leafResultsWanted, this.#leafLimits(), now)
    const id = this.#nextId++
    const search = { id, query, leaf, dynamic, passedCount: resultCount, toldCount: 0, guidedAt: 0 }
    this.#byGuid.set(query.guid, search)
    this.#byId.set(id, search)
    if (leaf !== undefined) leaf.searchCount++
    this.#step(search, now)
  }

  /** It is time to look after a search, if it is still there. */
  look(id: number, now: number): void {
    const search = this.#byId.get(id)
    if (search !== undefined) this.#step(search, now)
  }

  /** Results have been passed on. */
  count(guid: Guid, resultCount: number): void {
    const search = this.#byGuid.get(guid)
    if (search === undefined) return
    search.passedCount += resultCount
    if (search.passedCount >= search.dynamic.resultsTarget) this.#end(search)
  }

  /** A leaf says how many results it has by now, from all its ultrapeers. */
  onStatus(guid: Guid, leaf: HybridLink, resultCount: number): void {
    const search = this.#byGuid.get(guid)
    if (search?.leaf !== leaf) return
    search.toldCount = resultCount
    if (resultCount >= search.dynamic.resultsTarget) this.#end(search)
  }

  /** Nobody wants to know any more. */
  stop(guid: Guid): void {
    const search = this.#byGuid.get(guid)
    if (search !== undefined) this.#end(search)
  }

  /** A leaf has gone. */
  forget(leaf: HybridLink): void {
    if (leaf.searchCount === 0) return
    for (const search of this.#byGuid.values()) if (search.leaf === leaf) this.#end(search)
  }

  /** A leaf's other ultrapeers search for it, too. */
  #leafLimits(): DynamicQueryLimits {
    const { probeConnections, hopWaitMs, leafHorizonMax, horizonBlind, lifetimeMs } = this.#config
    return { probeConnections, hopWaitMs, horizonMax: leafHorizonMax, horizonBlind, lifetimeMs }
  }

  #step(search: Search, now: number): void {
    const { query, leaf, dynamic } = search
    const { links, connections } = this.#connections(query)
    const step = dynamic.step(connections, Math.max(search.passedCount, search.toldCount), now)
    if (step.end !== undefined) {
      this.#end(search)
      return
    }
    for (const { peer, ttl } of step.sends) {
      const link = links.get(peer)
      if (link !== undefined) this.#world.send(link, { ...query, ttl })
    }
    if (leaf !== undefined && dynamic.askedCount - search.guidedAt >= this.#config.guidanceInterval) {
      search.guidedAt = dynamic.askedCount
      this.#world.askStatus(leaf, query.guid)
    }
    this.#world.remind(search.id, step.lookAgainMs)
  }

  /** Ultrapeers to ask, from a random one on: not always the same shall bear the probes. */
  #connections(query: Query): { links: Map<unknown, HybridLink>; connections: readonly QueryConnection[] } {
    const links = new Map<unknown, HybridLink>()
    const connections: QueryConnection[] = []
    const all = this.#world.links()
    const first = Math.floor(this.#world.random() * all.length)
    for (let i = 0; i < all.length; i++) {
      const link = all[(first + i) % all.length] as HybridLink
      if (link.kind !== ULTRAPEER || link.state !== UP || query.hops >= link.hopsMax) continue
      const { peer, hello, table } = link
      const ttlMax = Math.min(hello.maxTtl, this.#config.maxTtl)
      links.set(peer, link)
      connections.push({ peer, degree: hello.degree, ttlMax, isMatch: table === undefined || table.mayMatch(query) })
    }
    return { links, connections }
  }

  #end(search: Search): void {
    this.#byGuid.delete(search.query.guid)
    this.#byId.delete(search.id)
    if (search.leaf !== undefined) search.leaf.searchCount--
  }
}
