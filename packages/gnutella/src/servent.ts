import { safeName } from '@servent/library'
import type { Peer } from '@servent/machine'
import { asksForNothing, findAnswers, type QueryHitTarget, sendAnswers } from './answer.ts'
import { Discovery } from './discovery.ts'
import type { DropReason } from './drops.ts'
import { BLANK_ID, type Guid, newGuid, type ServentId, serventIdOf } from './guid.ts'
import type { LinkDescriptor, Message, Push, Query, QueryHit, Unknown } from './messages.ts'
import { admits, CLOSING, type Neighbor, spend, UP } from './neighbor.ts'
import { makeQuery, OwnQueries, type QueryOptions, type QueryTraffic } from './own-query.ts'
import { ROUTE_LOST, type Route, RouteTable } from './route-table.ts'

/**
 * A Gnutella 0.4 servent: floods queries, answers them, and hands replies back the way the questions came.
 *
 * 1. A Query is handled once: its id is in a route table from then on, with the neighbor it came from.
 * 2. A QueryHit goes to that one neighbor and to nobody else; a Push to the one that a hit of the servent came from.
 * 3. Ways, own queries, hosts and unwanted peers are bounded and age. Nothing else grows.
 * 4. What is not acted on is counted in `drops`.
 */
export class Servent extends Discovery {
  #queryRoutes: RouteTable | undefined = undefined
  #pushRoutes: RouteTable | undefined = undefined
  #pushesSeen: RouteTable | undefined = undefined
  #ownQueries: OwnQueries | undefined = undefined
  #serventId: ServentId | undefined = undefined

  /** Our servent id: what others write into a Push. The same after a restart. */
  get serventId(): ServentId {
    this.#serventId ??= serventIdOf(this.host.keyOf(this.host.self))
    return this.#serventId
  }

  override get routeCount(): number {
    const tables = [this.#queryRoutes, this.#pushRoutes, this.#pushesSeen]
    return tables.reduce((count, table) => count + (table?.size ?? 0), super.routeCount)
  }

  onMessage(from: Peer, message: Message): void {
    // Two of three messages of a flood end here: two comparisons, before anything of the neighbor is looked at.
    const isLast = message.type === 'Query' && message.guid === this.lastQueryId
    if (isLast && this.isSettled && from !== this.lastQueryFrom) {
      this.drop('duplicate')
      return
    }
    const link = this.find(from)
    if (link === undefined || link.state === CLOSING) return
    const reason = link.state === UP ? this.onDescriptor(link, message) : this.shakeHands(link, message)
    if (reason !== undefined) this.drop(reason)
  }

  /**
   * Asks for files whose names hold all the words, or for the content named in `options`. No words and no content ask the
   * neighbors for all they share. `query-hit` events tell what comes, until `forget`.
   */
  query(criteria: string, options: QueryOptions = {}): Guid {
    const query = makeQuery(
      newGuid(() => this.host.random()),
      criteria,
      options,
      this.config
    )
    this.sendOwn(query)
    return query.guid
  }

  /** Sends a query of ours out, and takes hits for it from now on. */
  protected sendOwn(query: Query): void {
    const now = this.now()
    this.rememberOwn(query, now)
    for (const link of this.links) {
      if (link.state !== UP) continue
      // Our own goes out first: what we relay has to wait for the next token.
      link.queriesOut = spend(link.queriesOut, now, this.config.queryIntervalMs)
      this.host.send(link.peer, query)
      this.countSent(query.guid)
    }
  }

  /** Takes no more hits for a query. */
  forget(guid: Guid): void {
    this.#ownQueries?.delete(guid)
  }

  /** Messages that a query of ours took here: times that it was sent, hits that came. Undefined once it is forgotten. */
  queryTraffic(guid: Guid): QueryTraffic | undefined {
    return this.#ownQueries?.get(guid)
  }

  /** A query has gone out, which may be one of ours. */
  protected countSent(guid: Guid): void {
    const own = this.#ownQueries?.get(guid)
    if (own !== undefined) own.sentCount++
  }

  /** Results that a query of ours has; undefined if none of ours is meant, or it is forgotten. */
  protected resultCountOf(guid: Guid): number | undefined {
    return this.#ownQueries?.get(guid)?.resultCount
  }

  /**
   * Asks a servent that answered a query to connect to us and offer a file. False if no way to it is known any more.
   *
   * @param index - the file index from its hit
   */
  push(serventId: ServentId, index: number): boolean {
    const way = this.wayTo(serventId, this.now())
    if (way === undefined || way === ROUTE_LOST) return false
    this.host.send(way, this.newPush(serventId, index))
    return true
  }

  /** The neighbor that a Push goes to. */
  protected wayTo(serventId: ServentId, now: number): Route | undefined {
    return this.#pushRoutes?.get(serventId, now)
  }

  protected newPush(serventId: ServentId, index: number): Push {
    const { address, port, ttlMax } = this.config
    const guid = newGuid(() => this.host.random())
    const { self } = this.host
    this.#seenPushes().set(guid, self, this.now())
    return {
      type: 'Push',
      guid,
      ttl: ttlMax,
      hops: 0,
      serventId,
      index,
      address,
      port,
      peer: self,
      verbatim: undefined,
    }
  }

  protected override loseRoutes(peer: Peer): void {
    super.loseRoutes(peer)
    this.#queryRoutes?.lose(peer)
    this.#pushRoutes?.lose(peer)
    this.#pushesSeen?.lose(peer)
  }

  /** Takes hits for a query of ours. */
  protected rememberOwn(query: Query, now: number): void {
    this.queries().set(query.guid, this.host.self, now)
    this.#ownQueries ??= new OwnQueries(this.config)
    this.#ownQueries.add(query)
  }

  /** Handles what came, or says why not. So do the handlers. */
  protected onDescriptor(link: Neighbor, message: Message): DropReason | undefined {
    switch (message.type) {
      case 'Query':
        return this.onQuery(link, message)
      case 'QueryHit':
        return this.onQueryHit(link, message)
      case 'Ping':
        return this.onPing(link, message)
      case 'Pong':
        return this.onPong(link, message)
      case 'Push':
        return this.onPush(link, message)
      case 'Unknown':
        return this.onUnknown(link, message)
      case 'ConnectResponse':
        // The last words of the handshake of a servent of 0.6 that has taken our Ok.
        return undefined
      case 'Connect':
      case 'Ok':
      case 'ConnectRequest':
        this.punish(link, 'bad-handshake')
        return 'bad-handshake'
      default:
        return this.onLinkDescriptor(link, message)
    }
  }

  /** What links of 0.6 say to each other means nothing to 0.4. */
  protected onLinkDescriptor(link: Neighbor, _message: LinkDescriptor): DropReason | undefined {
    this.hear(link, this.now())
    return 'unknown-type'
  }

  protected onQuery(link: Neighbor, query: Query): DropReason | undefined {
    const now = this.now()
    const reason = this.takeQuery(link, query, now)
    if (reason !== undefined) return reason
    this.answer(link, query)
    // "If TTL + hops > 7, reduce TTL so that the sum is 7."
    const ttl = Math.min(query.ttl, this.config.ttlMax - query.hops) - 1
    if (ttl < 1) return undefined
    if (asksForNothing(query)) return 'empty-query'
    this.#forwardQuery(link, query, ttl, now)
    return undefined
  }

  /** Remembers a query that is new, or says why it is not taken up. */
  protected takeQuery(link: Neighbor, query: Query, now: number): DropReason | undefined {
    const routes = this.queries()
    const route = routes.get(query.guid, now)
    if (route !== undefined) return this.onDuplicate(link, route)
    if (query.ttl > this.config.ttlHardMax) return 'hard-ttl-limit'
    if (query.hops >= 255) return 'max-hop-count'
    if (!this.admitsQuery(link, now)) return 'query-limit'
    this.hear(link, now)
    routes.add(query.guid, link.peer, now)
    this.lastQueryId = query.guid
    this.lastQueryFrom = link.peer
    return undefined
  }

  /** Whether a neighbor may ask now; if it may, that counts. */
  protected admitsQuery(link: Neighbor, now: number): boolean {
    const { queryIntervalMs, queryBurst } = this.config
    if (queryIntervalMs === 0) return true
    if (!admits(link.queriesIn, now, queryIntervalMs, queryBurst)) {
      this.countExcess(link, now)
      return false
    }
    link.queriesIn = spend(link.queriesIn, now, queryIntervalMs)
    return true
  }

  /** Says what we have of what is asked for, and returns how much that is. */
  protected answer(link: Neighbor, query: Query): number {
    const { config } = this
    const files = findAnswers(config, query)
    if (files.length > 0) sendAnswers(this.host, config, this.serventId, query, files, this.answerTo(link, query))
    if (config.tellQueries) this.tell(link, query, files.length)
    return files.length
  }

  protected answerTo({ peer }: Neighbor, { hops }: Query): QueryHitTarget {
    return { peer, ttl: this.replyTtl(hops) }
  }

  /** To all neighbors but the one it came from, one object for all of them. */
  #forwardQuery(from: Neighbor, query: Query, ttl: number, now: number): void {
    const { guid, hops, minSpeed, criteria, sha1, cid, verbatim } = query
    const forwarded: Query = { type: 'Query', guid, ttl, hops: hops + 1, minSpeed, criteria, sha1, cid, verbatim }
    const { queryIntervalMs, queryBurst } = this.config
    for (const link of this.links) {
      if (link === from || link.state !== UP) continue
      if (queryIntervalMs > 0) {
        // We send nobody more than we would take: an honest relay of a flood is not taken for its source.
        if (!admits(link.queriesOut, now, queryIntervalMs, queryBurst)) {
          this.drop('query-out-limit')
          continue
        }
        link.queriesOut = spend(link.queriesOut, now, queryIntervalMs)
      }
      this.host.send(link.peer, forwarded)
    }
  }

  protected onQueryHit(link: Neighbor, hit: QueryHit): DropReason | undefined {
    const { config } = this
    const now = this.now()
    this.hear(link, now)
    if (!admits(link.hitsIn, now, config.hitIntervalMs, config.hitBurst)) return 'hit-limit'
    link.hitsIn = spend(link.hitsIn, now, config.hitIntervalMs)
    if (hit.results.length === 0) return 'no-results'
    if (hit.serventId === BLANK_ID) return 'blank-servent-id'
    if (hit.serventId === this.serventId) return 'own-servent-id'
    if (hit.peer !== undefined && serventIdOf(this.host.keyOf(hit.peer)) !== hit.serventId) {
      return 'forged-servent-id'
    }
    const route = this.#queryRoutes?.get(hit.guid, now)
    if (route === undefined) return 'hit-without-query'
    if (route === ROUTE_LOST) return 'route-lost'
    if (route === link.peer) return 'hit-from-asker'
    this.countResults(hit)
    this.#rememberServent(hit, link.peer, now)
    if (route === this.host.self) {
      const isOurs = this.#ownQueries?.take(hit, link.peer, this.host, (reason) => this.drop(reason)) ?? false
      return isOurs ? undefined : 'forgotten-query'
    }
    if (hit.ttl <= 1) return 'ttl-expired'
    if (hit.ttl > config.ttlHardMax) return 'hard-ttl-limit'
    this.host.send(route, { ...hit, ttl: hit.ttl - 1, hops: Math.min(hit.hops + 1, 255) })
    return undefined
  }

  /** A hit is on its way to whoever asked. */
  protected countResults(_hit: QueryHit): void {
    // A flood goes as far as its TTL, whatever is found.
  }

  /** The way for a Push. A hit that proves whose it is may change a way, another may not. */
  #rememberServent(hit: QueryHit, from: Peer, now: number): void {
    this.#pushRoutes ??= new RouteTable(this.config.pushRouteAgeMs, this.config.routesMax)
    const known = this.#pushRoutes.get(hit.serventId, now)
    if (hit.peer !== undefined || known === undefined || known === ROUTE_LOST) {
      this.#pushRoutes.set(hit.serventId, from, now)
    }
  }

  protected onPush(link: Neighbor, push: Push): DropReason | undefined {
    const { config } = this
    const now = this.now()
    const seen = this.#seenPushes()
    const route = seen.get(push.guid, now)
    if (route !== undefined) return this.onDuplicate(link, route)
    this.hear(link, now)
    if (!admits(link.pushesIn, now, config.pushIntervalMs, config.pushBurst)) return 'push-limit'
    link.pushesIn = spend(link.pushesIn, now, config.pushIntervalMs)
    seen.set(push.guid, link.peer, now)
    if (push.serventId === this.serventId) {
      this.host.emit({ type: 'push-requested', peer: push.peer, index: push.index, from: link.peer })
      return undefined
    }
    const way = this.wayTo(push.serventId, now)
    if (way === undefined || way === link.peer) return 'push-without-route'
    if (way === ROUTE_LOST) return 'route-lost'
    if (push.ttl <= 1) return 'ttl-expired'
    if (push.ttl > config.ttlHardMax) return 'hard-ttl-limit'
    this.host.send(way, { ...push, ttl: push.ttl - 1, hops: Math.min(push.hops + 1, 255) })
    return undefined
  }

  protected onUnknown(link: Neighbor, message: Unknown): DropReason | undefined {
    this.hear(link, this.now())
    if (message.reason !== 'unknown-type') link.malformedCount++
    if (link.malformedCount >= this.config.malformedMax) this.punish(link, 'malformed')
    return message.reason
  }

  protected tell(link: Neighbor, query: Query, resultCount: number): void {
    const { guid, ttl, hops } = query
    const criteria = safeName(query.criteria)
    this.host.emit({ type: 'query-seen', guid, criteria, ttl, hops, from: link.peer, resultCount })
  }

  protected queries(): RouteTable {
    this.#queryRoutes ??= new RouteTable(this.config.queryRouteAgeMs, this.config.routesMax)
    return this.#queryRoutes
  }

  #seenPushes(): RouteTable {
    this.#pushesSeen ??= new RouteTable(this.config.pushRouteAgeMs, this.config.routesMax)
    return this.#pushesSeen
  }
}
