import { type Peer, sample } from '@servent/machine'
import { asksForNothing, type QueryHitTarget } from '../answer.ts'
import type { DropReason } from '../drops.ts'
import { type Guid, type ServentId, serventIdOf } from '../guid.ts'
import type { LinkDescriptor, Message, Ping, Pong, Query, QueryHit, UltrapeerRoom } from '../messages.ts'
import { admits, spend, UP } from '../neighbor.ts'
import { makeQuery } from '../own-query.ts'
import type { Route } from '../route-table.ts'
import { HybridRouter } from './hybrid-router.ts'
import { HOPS_ALL, type HybridLink, LEAF, PLAIN, ULTRAPEER } from './link.ts'
import { PongCache } from './pong-cache.ts'
import { Searches, type SearchWorld } from './searches.ts'
import { HOPS_FLOW, LEAF_GUIDANCE, PUSH_PROXY, SUPPORTED, vendorMessagesOf } from './vendor.ts'

/** Time to look after a dynamic query. */
const TIMER_SEARCH = 5

/** Flags in the place of the minimum speed: that they are flags, and that the asker answers how many hits it has. */
const QUERY_FLAGS = 0x80
const LEAF_GUIDED = 0x10

/** From the leaf guidance proposal: as a number of hits, it asks for no more. */
const STOP_QUERY = 0xffff

/** Pongs that one ping may bring: the neighbor's own, and ten of others. */
const PONGS_PER_PING = 11

/** Ours: others of its kind that a leaf or a servent of 0.4 is told of at once. */
const INTRODUCED_MAX = 5

/** Ours: servents whose push proxies are remembered. */
const PROXIED_MAX = 256

/**
 * A Gnutella 0.6 servent: a leaf, which asks its ultrapeers and is asked by them what its query route table promises, or an
 * ultrapeer, which does the searching for its leaves.
 *
 * 1. A leaf relays nothing.
 * 2. A query goes to a leaf only if the leaf's table matches, and with its last TTL to an ultrapeer only if that one's does.
 * 3. Pings are answered from what is known, and go no further.
 * 4. Servents of 0.4 are flooded as they expect, within the TTL of this network.
 */
export class HybridServent extends HybridRouter {
  #searches: Searches | undefined = undefined
  #pongs: PongCache | undefined = undefined
  /** Push proxies of servents that answered us. */
  #proxies: Map<ServentId, readonly Peer[]> | undefined = undefined

  /** Dynamic queries that we run now, for leaves and ourselves. */
  get searchCount(): number {
    return this.#searches?.size ?? 0
  }

  override onTimer(timer: number, arg: number): void {
    if (timer !== TIMER_SEARCH) super.onTimer(timer, arg)
    else if (this.isRunning) this.#searches?.look(arg, this.now())
  }

  override onPeerDisconnected(peer: Peer): void {
    const link = this.find(peer)
    if (link !== undefined) this.#searches?.forget(link)
    this.#pongs?.forget(peer)
    super.onPeerDisconnected(peer)
  }

  override forget(guid: Guid): void {
    this.#searches?.stop(guid)
    if (!this.isUltrapeer && this.resultCountOf(guid) !== undefined) {
      for (const link of this.links) {
        if (link.state === UP && link.vendorMessages & LEAF_GUIDANCE) this.#tellStatus(link, guid, STOP_QUERY)
      }
    }
    super.forget(guid)
  }

  /**
   * Asks one servent for all it shares, whoever it is: hits come as those of a query. Undefined if it cannot be asked.
   */
  browse(peer: Peer): Guid | undefined {
    const query = { ...makeQuery(this.newId(), '', {}, this.config), minSpeed: QUERY_FLAGS }
    if (!this.deliver(peer, query)) return undefined
    this.rememberOwn(query, this.now())
    return query.guid
  }

  override push(serventId: ServentId, index: number): boolean {
    if (super.push(serventId, index)) return true
    const push = this.newPush(serventId, index)
    return this.#proxies?.get(serventId)?.some((proxy) => this.deliver(proxy, push)) ?? false
  }

  protected override comeUp(link: HybridLink): void {
    super.comeUp(link)
    if (!link.hello.takesVendorMessages) return
    this.host.send(link.peer, { ...this.#linkHeader(), type: 'MessagesSupported', supported: SUPPORTED })
  }

  protected override maintain(now: number): void {
    super.maintain(now)
    for (const link of this.links) {
      if (link.quietUntil === 0 || now < link.quietUntil) continue
      link.quietUntil = 0
      if (link.state === UP) this.#limitHops(link, HOPS_ALL)
    }
  }

  protected override pingNeighbor(link: HybridLink, ttl: number): void {
    link.pongsDue = PONGS_PER_PING
    super.pingNeighbor(link, ttl)
  }

  override ping(ttl?: number): void {
    for (const link of this.links) if (link.state === UP) link.pongsDue = PONGS_PER_PING
    super.ping(ttl)
  }

  protected override onLinkDescriptor(link: HybridLink, message: LinkDescriptor): DropReason | undefined {
    this.hear(link, this.now())
    const { type } = message
    if (type === 'QrpReset' || type === 'QrpPatch') return this.onTable(link, message)
    if (type === 'Bye') {
      link.bye = { code: message.code, text: message.text }
      this.close(link, 'bye')
    } else if (type === 'MessagesSupported') {
      link.vendorMessages = vendorMessagesOf(message)
      this.#askForProxy(link)
    } else if (type === 'HopsFlow') {
      link.hopsMax = message.hopsMax
    } else if (type === 'QueryStatusRequest') {
      this.#tellStatus(link, message.guid, this.resultCountOf(message.guid) ?? STOP_QUERY)
    } else if (type === 'QueryStatusResponse') {
      this.#searches?.onStatus(message.guid, link, message.hitCount)
    } else if (type === 'PushProxyRequest') {
      return this.#onProxyRequest(link, message.guid)
    } else if (type === 'PushProxyAck') {
      link.isPushProxy = link.kind === ULTRAPEER
    } else {
      return 'unknown-type'
    }
    return undefined
  }

  /** A visitor may ask who is there and what we share, answer what we asked it, and leave a push. */
  protected override onGuestMessage(link: HybridLink, message: Message): DropReason | undefined {
    switch (message.type) {
      case 'Ping':
        this.answerGuest(link, message)
        return undefined
      case 'Query':
        return asksForNothing(message) ? this.onQuery(link, message) : 'neighbors-full'
      case 'QueryHit':
        return this.onQueryHit(link, message)
      case 'Push':
        return this.onPush(link, message)
      case 'ConnectResponse':
        // The last words of its handshake.
        return undefined
      default:
        return 'neighbors-full'
    }
  }

  protected override sendOwn(made: Query): void {
    const now = this.now()
    const query = { ...made, minSpeed: QUERY_FLAGS | (this.isUltrapeer ? 0 : LEAF_GUIDED) }
    this.rememberOwn(query, now)
    if (this.isUltrapeer && !asksForNothing(query)) {
      this.#search(undefined, query, 0, now)
      return
    }
    for (const link of this.links) {
      if (link.state === UP && query.hops < link.hopsMax) this.#sendQuery(link, query, now)
    }
  }

  protected override onQuery(link: HybridLink, query: Query): DropReason | undefined {
    const now = this.now()
    const reason = this.takeQuery(link, query, now)
    if (reason !== undefined) return reason
    const resultCount = this.answer(link, query)
    if (!this.isUltrapeer) return undefined
    if (asksForNothing(query)) return query.ttl > 1 ? 'empty-query' : undefined
    if (link.kind === LEAF) return this.#search(link, query, resultCount, now)
    this.#relay(link, query, now)
    return undefined
  }

  protected override answerTo(link: HybridLink, query: Query): QueryHitTarget {
    const target = { ...super.answerTo(link, query), isBrowsable: true }
    if (this.isUltrapeer) return target
    const pushProxies: Peer[] = []
    for (const { peer, isPushProxy, state } of this.links) if (isPushProxy && state === UP) pushProxies.push(peer)
    return { ...target, pushProxies }
  }

  protected override countResults(hit: QueryHit): void {
    this.#searches?.count(hit.guid, hit.results.length)
    if (hit.pushProxies.length === 0 || this.resultCountOf(hit.guid) === undefined) return
    this.#proxies ??= new Map()
    this.#proxies.set(hit.serventId, hit.pushProxies)
    if (this.#proxies.size <= PROXIED_MAX) return
    for (const oldest of this.#proxies.keys()) {
      this.#proxies.delete(oldest)
      return
    }
  }

  /** From a leaf as much as a person asks, from an ultrapeer what its leaves ask. */
  protected override admitsQuery(link: HybridLink, now: number): boolean {
    const { queryIntervalMs, queryBurst, relayIntervalMs, relayBurst } = this.config
    if (queryIntervalMs === 0) return true
    const isRelay = link.kind === ULTRAPEER
    const [intervalMs, burst] = isRelay ? [relayIntervalMs, relayBurst] : [queryIntervalMs, queryBurst]
    if (admits(link.queriesIn, now, intervalMs, burst)) {
      link.queriesIn = spend(link.queriesIn, now, intervalMs)
      return true
    }
    if (link.quietUntil === 0 && link.kind === LEAF) {
      link.quietUntil = now + this.config.hopsFlowMs
      this.#limitHops(link, 0)
    }
    this.countExcess(link, now)
    return false
  }

  /** Tells a neighbor which queries we want. */
  #limitHops(link: HybridLink, hopsMax: number): void {
    if (link.vendorMessages & HOPS_FLOW) this.host.send(link.peer, { ...this.#linkHeader(), type: 'HopsFlow', hopsMax })
  }

  /** Asks our leaves and neighbors of 0.4 at once, and ultrapeers one after the other. */
  #search(leaf: HybridLink | undefined, query: Query, resultCount: number, now: number): DropReason | undefined {
    this.#searches ??= new Searches(this.config, this.#searchWorld())
    if (!this.#searches.hasRoomFor(leaf)) return 'dynamic-query-limit'
    const { maxTtl } = this.config
    const sent: Query = { ...query, ttl: 1, hops: leaf === undefined ? 0 : query.hops + 1 }
    for (const link of this.links) {
      if (link === leaf || link.state !== UP || sent.hops >= link.hopsMax) continue
      if (link.kind === PLAIN) this.#sendQuery(link, { ...sent, ttl: maxTtl }, now)
      else if (link.kind === LEAF && link.table?.mayMatch(query) === true) this.#sendQuery(link, sent, now)
    }
    this.#searches.start(sent, leaf, resultCount, now)
    return undefined
  }

  /** Whoever comes while a search is under way is asked, too. */
  protected override onLeafTold(leaf: HybridLink): void {
    const now = this.now()
    for (const query of this.#searches?.queries ?? []) {
      const isItsOwn = this.queries().get(query.guid, now) === leaf.peer
      if (!isItsOwn && query.hops < leaf.hopsMax && leaf.table?.mayMatch(query)) this.#sendQuery(leaf, query, now)
    }
  }

  #searchWorld(): SearchWorld {
    return {
      links: () => this.links,
      random: () => this.host.random(),
      send: (link, query) => this.#sendQuery(link, query, this.now()),
      askStatus: (leaf, guid) => {
        if (!(leaf.vendorMessages & LEAF_GUIDANCE)) return
        this.host.send(leaf.peer, { ...this.#linkHeader(), type: 'QueryStatusRequest', guid })
      },
      remind: (id, delayMs) => this.host.setTimer(TIMER_SEARCH, delayMs, id),
    }
  }

  #relay(from: HybridLink, query: Query, now: number): void {
    // The hop from a leaf to its ultrapeer is none of those that the ultrapeer reckons with.
    const { maxTtl, ttlMax } = this.config
    const ttl = Math.min(query.ttl, maxTtl, ttlMax - query.hops) - 1
    const relayed: Query = { ...query, ttl: Math.max(ttl, 1), hops: query.hops + 1 }
    for (const link of this.links) {
      if (link === from || link.state !== UP || relayed.hops >= link.hopsMax) continue
      if (link.kind === LEAF) {
        if (link.table?.mayMatch(query) === true) this.#sendQuery(link, relayed, now)
      } else if (ttl >= 1) {
        // The last hop: whoever gets a query with TTL 1 can only answer it itself, or with its leaves.
        const isOfUse = ttl > 1 || link.kind === PLAIN || link.table === undefined || link.table.mayMatch(query)
        if (isOfUse) this.#sendQuery(link, relayed, now)
      }
    }
  }

  /** We send nobody more than we would take. */
  #sendQuery(link: HybridLink, query: Query, now: number): void {
    const { relayIntervalMs, relayBurst, queryIntervalMs, queryBurst } = this.config
    if (queryIntervalMs > 0) {
      const isPlain = link.kind === PLAIN
      const [intervalMs, burst] = isPlain ? [queryIntervalMs, queryBurst] : [relayIntervalMs, relayBurst]
      if (!admits(link.queriesOut, now, intervalMs, burst)) {
        this.drop('query-out-limit')
        return
      }
      link.queriesOut = spend(link.queriesOut, now, intervalMs)
    }
    this.countSent(query.guid)
    this.host.send(link.peer, query)
  }

  protected override onPing(link: HybridLink, ping: Ping): DropReason | undefined {
    const { config } = this
    const now = this.now()
    if (ping.ttl > config.ttlHardMax) return 'hard-ttl-limit'
    if (!admits(link.pingsIn, now, config.pingIntervalMs, config.pingBurst)) {
      this.countExcess(link, now)
      return 'ping-limit'
    }
    link.pingsIn = spend(link.pingsIn, now, config.pingIntervalMs)
    this.hear(link, now)
    const { fileCount, kilobyteCount } = config.library
    const who = { peer: this.host.self, fileCount, kilobyteCount }
    this.pong(link.peer, ping, 0, this.isUltrapeer ? { ...who, ultrapeer: this.#room() } : who)
    if (!this.isUltrapeer || ping.ttl + ping.hops <= 1) return undefined
    const cached = this.#pongs?.answer(link.peer, config.cachedPongsMax, now) ?? []
    for (const pong of cached) this.pong(link.peer, ping, Math.min(pong.hops + 1, config.maxTtl), pong)
    if (link.kind !== ULTRAPEER && cached.length < config.leafUltrapeers) this.#introduceEquals(link, ping)
    return undefined
  }

  /**
   * Tells a leaf of others where few ultrapeers are known: should all of these go, the leaves have to find each other, for
   * a tab can be reached only through somebody who knows it. A servent of 0.4 has to find others of its kind at once.
   */
  #introduceEquals(asker: HybridLink, ping: Ping): void {
    const others = this.links.filter((link) => link !== asker && link.kind === asker.kind && link.state === UP)
    for (const { peer } of sample(() => this.host.random(), others, INTRODUCED_MAX)) {
      this.pong(asker.peer, ping, 1, { peer, fileCount: 0, kilobyteCount: 0 })
    }
  }

  #room(): UltrapeerRoom {
    const { leafSlots, neighborsMax } = this.config
    return {
      leaves: Math.min(Math.max(leafSlots - this.countOf(LEAF), 0), 255),
      ultrapeers: Math.min(Math.max(neighborsMax - this.countOf(ULTRAPEER), 0), 255),
    }
  }

  protected override onPong(link: HybridLink, pong: Pong): DropReason | undefined {
    const { config } = this
    const now = this.now()
    this.hear(link, now)
    if (!admits(link.pongsIn, now, config.pongIntervalMs, config.pongBurst)) return 'pong-limit'
    link.pongsIn = spend(link.pongsIn, now, config.pongIntervalMs)
    if (link.pongsDue === 0) return 'pong-without-ping'
    link.pongsDue--
    const { peer, ultrapeer, fileCount, kilobyteCount, hops } = pong
    if (peer === undefined || peer === this.host.self) return undefined
    const mention = { peer, reporter: link.peer, fileCount, kilobyteCount, hops: hops + 1 }
    if (ultrapeer === undefined) {
      this.learn(mention, now)
      return undefined
    }
    if (peer === link.peer) link.leafRoom = ultrapeer.leaves
    this.learnUltrapeer(mention, now)
    if (!this.isUltrapeer) return undefined
    this.#pongs ??= new PongCache({ pongsPerNeighborMax: config.cachedPongsMax, pongAgeMs: config.pongAgeMs })
    this.#pongs.add(link.peer, { peer, ultrapeer, fileCount, kilobyteCount, hops }, now)
    return undefined
  }

  protected override wayTo(serventId: ServentId, now: number): Route | undefined {
    for (const link of this.links) if (link.proxyFor === serventId && link.state === UP) return link.peer
    return super.wayTo(serventId, now)
  }

  /** A leaf that may not be dialed asks its ultrapeers to hand pushes on. */
  #askForProxy(link: HybridLink): void {
    if (this.isUltrapeer || link.kind !== ULTRAPEER || !(link.vendorMessages & PUSH_PROXY)) return
    const guid = this.serventId as string as Guid
    this.host.send(link.peer, { ...this.#linkHeader(), type: 'PushProxyRequest', guid })
  }

  #onProxyRequest(link: HybridLink, guid: Guid): DropReason | undefined {
    const { address, port } = this.config
    const serventId = guid as string as ServentId
    if (link.kind !== LEAF || serventId !== serventIdOf(this.host.keyOf(link.peer))) return 'forged-servent-id'
    link.proxyFor = serventId
    this.host.send(link.peer, { ...this.#linkHeader(), type: 'PushProxyAck', guid, address, port })
    return undefined
  }

  #tellStatus(link: HybridLink, guid: Guid, hitCount: number): void {
    const count = Math.min(hitCount, STOP_QUERY)
    this.host.send(link.peer, { ...this.#linkHeader(), type: 'QueryStatusResponse', guid, hitCount: count })
  }

  /** Of what goes no further than one link. */
  #linkHeader(): { guid: Guid; ttl: 1; hops: 0 } {
    return { guid: this.newId(), ttl: 1, hops: 0 }
  }
}
