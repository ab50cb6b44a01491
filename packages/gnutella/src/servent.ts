import { safeName } from '@servent/library'
import type { Peer } from '@servent/machine'
import { asksForNothing, findAnswers, sendAnswers } from './answer.ts'
import type { DropReason } from './drops.ts'
import { BLANK_ID, type Guid, newGuid, type ServentId, serventIdOf } from './guid.ts'
import { Member } from './member.ts'
import type { LinkDescriptor, Message, Ping, Pong, Push, Query, QueryHit, UltrapeerRoom, Unknown } from './messages.ts'
import { admits, CLOSING, type Neighbor, spend, UP } from './neighbor.ts'
import { makeQuery, OwnQueries, type QueryOptions, type QueryTraffic } from './own-query.ts'
import { ROUTE_LOST, type Route, RouteTable } from './route-table.ts'

/**
 * A Gnutella 0.4 servent: floods queries and pings, answers them, and hands replies back the way the questions came.
 *
 * 1. A Ping or Query is handled once: its id is in a route table from then on, with the neighbor it came from.
 * 2. A Pong or QueryHit goes to that one neighbor and to nobody else; a Push to the one that a hit of the servent came from.
 * 3. Ways, own queries, hosts and unwanted peers are bounded and age. Nothing else grows.
 * 4. What is not acted on is counted in `drops`.
 */
export class Servent extends Member {
  #queryRoutes: RouteTable | undefined = undefined
  #pingRoutes: RouteTable | undefined = undefined
  #pushRoutes: RouteTable | undefined = undefined
  #pushesSeen: RouteTable | undefined = undefined
  #ownQueries: OwnQueries | undefined = undefined
  #serventId: ServentId | undefined = undefined

  /** Our servent id: what others write into a Push. The same after a restart. */
  get serventId(): ServentId {
    this.#serventId ??= serventIdOf(this.host.keyOf(this.host.self))
    return this.#serventId
  }

  /** Ids in all route tables. */
  get routeCount(): number {
    const tables = [this.#queryRoutes, this.#pingRoutes, this.#pushRoutes, this.#pushesSeen]
    return tables.reduce((count, table) => count + (table?.size ?? 0), 0)
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

  /** Asks who is there, as far as `ttl` links away. Default: `config.ttl`. */
  ping(ttl: number = this.config.ttl): void {
    const ping = this.newPing(ttl)
    const now = this.now()
    for (const link of this.links) {
      if (link.state !== UP) continue
      link.pingsOut = spend(link.pingsOut, now, this.config.pingIntervalMs)
      this.host.send(link.peer, ping)
    }
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

  protected override pingNeighbor(link: Neighbor, ttl: number): void {
    const ping = this.newPing(ttl)
    link.pingsOut = spend(link.pingsOut, this.now(), this.config.pingIntervalMs)
    this.host.send(link.peer, ping)
  }

  protected override loseRoutes(peer: Peer): void {
    this.#queryRoutes?.lose(peer)
    this.#pingRoutes?.lose(peer)
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
    const { config } = this
    const now = this.now()
    const routes = this.queries()
    const route = routes.get(query.guid, now)
    if (route !== undefined) return this.onDuplicate(link, route)
    if (query.ttl > config.ttlHardMax) return 'hard-ttl-limit'
    if (query.hops >= 255) return 'max-hop-count'
    if (config.queryIntervalMs > 0) {
      if (!admits(link.queriesIn, now, config.queryIntervalMs, config.queryBurst)) {
        this.countExcess(link, now)
        return 'query-limit'
      }
      link.queriesIn = spend(link.queriesIn, now, config.queryIntervalMs)
    }
    this.hear(link, now)
    routes.add(query.guid, link.peer, now)
    this.lastQueryId = query.guid
    this.lastQueryFrom = link.peer
    const files = findAnswers(config, query)
    if (files.length > 0) {
      sendAnswers(this.host, config, this.serventId, query, files, { peer: link.peer, ttl: this.replyTtl(query.hops) })
    }
    if (config.tellQueries) this.tell(link, query, files.length)
    // "If TTL + hops > 7, reduce TTL so that the sum is 7."
    const ttl = Math.min(query.ttl, config.ttlMax - query.hops) - 1
    if (ttl < 1) return undefined
    if (asksForNothing(query)) return 'empty-query'
    this.#forwardQuery(link, query, ttl, now)
    return undefined
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

  /** Hosts that may have room, ourselves not among them. */
  protected override answerGuest(link: Neighbor, ping: Ping): void {
    const { pingIntervalMs, pingBurst, cachedPongsMax } = this.config
    const now = this.now()
    if (!admits(link.pingsIn, now, pingIntervalMs, pingBurst)) return
    link.pingsIn = spend(link.pingsIn, now, pingIntervalMs)
    for (const known of this.hostsFor(link.peer, cachedPongsMax)) this.pong(link.peer, ping, 1, known)
  }

  protected onPing(link: Neighbor, ping: Ping): DropReason | undefined {
    const { config } = this
    const now = this.now()
    const route = this.#pingRoutes?.get(ping.guid, now)
    if (route !== undefined) return this.onDuplicate(link, route)
    if (ping.ttl > config.ttlHardMax) return 'hard-ttl-limit'
    if (ping.hops >= 255) return 'max-hop-count'
    if (!admits(link.pingsIn, now, config.pingIntervalMs, config.pingBurst)) {
      this.countExcess(link, now)
      return 'ping-limit'
    }
    link.pingsIn = spend(link.pingsIn, now, config.pingIntervalMs)
    this.hear(link, now)
    const { fileCount, kilobyteCount } = config.library
    this.pong(link.peer, ping, 0, { peer: this.host.self, fileCount, kilobyteCount })
    const ttl = Math.min(ping.ttl, config.ttlMax - ping.hops) - 1
    if (ttl < 1) return undefined
    this.pings().set(ping.guid, link.peer, now)
    if (this.#forwardPing(link, ping, ttl, now)) return undefined
    for (const known of this.hostsFor(link.peer, config.cachedPongsMax)) this.pong(link.peer, ping, 1, known)
    return undefined
  }

  /** False if some neighbor has had enough pings: then the host cache has to answer for what lies behind it. */
  #forwardPing(from: Neighbor, ping: Ping, ttl: number, now: number): boolean {
    const { pingIntervalMs, pingBurst } = this.config
    const forwarded: Ping = { ...ping, ttl, hops: ping.hops + 1 }
    let wentToAll = true
    for (const link of this.links) {
      if (link === from || link.state !== UP) continue
      if (!admits(link.pingsOut, now, pingIntervalMs, pingBurst)) {
        this.drop('ping-out-limit')
        wentToAll = false
        continue
      }
      link.pingsOut = spend(link.pingsOut, now, pingIntervalMs)
      this.host.send(link.peer, forwarded)
    }
    return wentToAll
  }

  protected onPong(link: Neighbor, pong: Pong): DropReason | undefined {
    const { config } = this
    const now = this.now()
    this.hear(link, now)
    if (!admits(link.pongsIn, now, config.pongIntervalMs, config.pongBurst)) return 'pong-limit'
    link.pongsIn = spend(link.pongsIn, now, config.pongIntervalMs)
    const route = this.#pingRoutes?.get(pong.guid, now)
    if (route === undefined) return 'pong-without-ping'
    if (pong.peer !== undefined) {
      this.learn(pong.peer, link.peer, pong.fileCount, pong.kilobyteCount, pong.hops + 1, now)
    }
    if (route === this.host.self) return undefined
    if (route === ROUTE_LOST) return 'route-lost'
    if (pong.ttl <= 1) return 'ttl-expired'
    if (pong.ttl > config.ttlHardMax) return 'hard-ttl-limit'
    this.host.send(route, { ...pong, ttl: pong.ttl - 1, hops: Math.min(pong.hops + 1, 255) })
    return undefined
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

  /** Every loop in the network makes duplicates; a neighbor that repeats itself is another matter. */
  protected onDuplicate(link: Neighbor, route: Route): DropReason | undefined {
    if (route !== link.peer) return 'duplicate'
    link.repeatCount++
    const { repeatsMax, repeatsShareMax } = this.config
    const sentCount = link.receivedCount + link.repeatCount
    if (link.repeatCount > repeatsMax && link.repeatCount > repeatsShareMax * sentCount) this.punish(link, 'repeating')
    return 'duplicate'
  }

  protected hear(link: Neighbor, now: number): void {
    link.heardAt = now
    link.pingsUnanswered = 0
    link.receivedCount++
  }

  protected pong(
    to: Peer,
    ping: Ping,
    hops: number,
    who: Pick<Pong, 'fileCount' | 'kilobyteCount'> & { peer: Peer; ultrapeer?: UltrapeerRoom }
  ): void {
    const { port, address } = this.config
    const { peer, fileCount, kilobyteCount } = who
    const ttl = this.replyTtl(ping.hops)
    const counts = { fileCount: Math.min(fileCount, 0xffffffff), kilobyteCount: Math.min(kilobyteCount, 0xffffffff) }
    this.host.send(to, {
      type: 'Pong',
      guid: ping.guid,
      ttl,
      hops,
      port,
      address,
      ...counts,
      peer,
      ultrapeer: who.ultrapeer,
      verbatim: undefined,
    })
  }

  /** "TTL at least hops + 2": a reply has one link more to go than its question had come when it reached us, and one spare. */
  protected replyTtl(hops: number): number {
    return Math.min(hops + 2, this.config.ttlHardMax)
  }

  protected newPing(ttl: number): Ping {
    const guid = newGuid(() => this.host.random())
    this.pings().set(guid, this.host.self, this.now())
    const within = Math.min(Math.max(Math.floor(ttl), 1), this.config.ttlMax)
    return { type: 'Ping', guid, ttl: within, hops: 0, verbatim: undefined }
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

  protected pings(): RouteTable {
    this.#pingRoutes ??= new RouteTable(this.config.pingRouteAgeMs, this.config.routesMax)
    return this.#pingRoutes
  }

  #seenPushes(): RouteTable {
    this.#pushesSeen ??= new RouteTable(this.config.pushRouteAgeMs, this.config.routesMax)
    return this.#pushesSeen
  }
}
