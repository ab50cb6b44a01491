import type { Host, Peer } from '@servent/machine'
import { asksForNothing, findAnswers, sendAnswers } from '../answer.ts'
import type { DropReason } from '../drops.ts'
import type { GnutellaEvent } from '../events.ts'
import type { LinkDescriptor, Message, Ping, Pong, QrpPatch, QrpReset, Query, UltrapeerRoom } from '../messages.ts'
import { admits, spend, UP } from '../neighbor.ts'
import type { HybridConfig } from './config.ts'
import { HybridMember } from './hybrid-member.ts'
import { type HybridLink, LEAF, PLAIN, ULTRAPEER } from './link.ts'
import { QueryRouteTable } from './query-route-table.ts'
import { RouteTables } from './route-tables.ts'
import { TableReceiver } from './table-receiver.ts'

/** Time to tell neighbors of our query route table. */
const TIMER_TABLES = 4

/** Ours: what comes within a second makes one table. */
const TABLES_DELAY_MS = 1000

/** Nobody told how much room is there. */
const NO_ROOM_KNOWN: UltrapeerRoom = Object.freeze({ leaves: 0, ultrapeers: 0 })

/** Flags in the place of the minimum speed: that they are flags, and that the asker answers how many hits it has. */
const QUERY_FLAGS = 0x80
const LEAF_GUIDED = 0x10

/**
 * A Gnutella 0.6 servent: a leaf, which asks its ultrapeers and is asked by them what its query route table promises, or an
 * ultrapeer, which does the searching for its leaves.
 *
 * 1. A leaf relays nothing.
 * 2. A query goes to a leaf only if the leaf's table matches, and with its last TTL to an ultrapeer only if that one's does.
 * 3. Pings are answered from what is known, and go no further.
 * 4. Servents of 0.4 are flooded as they expect, within the TTL of this network.
 */
export class HybridServent extends HybridMember {
  readonly #tables: RouteTables
  /** When the timer for tables is due; undefined if none is set. */
  #tablesAt: number | undefined = undefined

  constructor(host: Host<Message, GnutellaEvent>, config: Readonly<HybridConfig>) {
    super(host, config)
    this.#tables = new RouteTables(config)
  }

  /** Share of the slots that are set in the table that we tell ultrapeers, 0 to 1. */
  get tableFill(): number {
    return (this.isUltrapeer ? this.#tables.merged(this.links) : this.#tables.own()).fill
  }

  override onTimer(timer: number, arg: number): void {
    if (timer !== TIMER_TABLES) super.onTimer(timer, arg)
    else if (this.isRunning) this.#onTablesDue(this.now())
  }

  override onPeerDisconnected(peer: Peer): void {
    const isLeaf = this.find(peer)?.kind === LEAF
    super.onPeerDisconnected(peer)
    if (isLeaf) this.#leavesChanged()
  }

  protected override onLinkUp(link: HybridLink): void {
    if (link.kind === ULTRAPEER) this.#scheduleTables(this.isUltrapeer ? TABLES_DELAY_MS : 0)
  }

  protected override maintain(now: number): void {
    super.maintain(now)
    if (this.#tables.isOutdated) this.#scheduleTables(0)
  }

  protected override onLinkDescriptor(link: HybridLink, message: LinkDescriptor): DropReason | undefined {
    this.hear(link, this.now())
    switch (message.type) {
      case 'QrpReset':
      case 'QrpPatch':
        return this.#onTable(link, message)
      case 'Bye':
        link.bye = { code: message.code, text: message.text }
        this.close(link, 'bye')
        return undefined
      case 'HopsFlow':
        link.hopsMax = message.hopsMax
        return undefined
      case 'MessagesSupported':
      case 'VendorMessage':
        return undefined
      default:
        return 'unknown-type'
    }
  }

  protected override sendOwn(made: Query): void {
    const now = this.now()
    const query = { ...made, minSpeed: QUERY_FLAGS | (this.isUltrapeer ? 0 : LEAF_GUIDED) }
    this.rememberOwn(query, now)
    if (this.isUltrapeer && !asksForNothing(query)) {
      this.#relay(undefined, query, now)
      return
    }
    for (const link of this.links) if (link.state === UP) this.#sendQuery(link, query, now)
  }

  protected override onQuery(link: HybridLink, query: Query): DropReason | undefined {
    const { config } = this
    const now = this.now()
    const routes = this.queries()
    const route = routes.get(query.guid, now)
    if (route !== undefined) return this.onDuplicate(link, route)
    if (query.ttl > config.ttlHardMax) return 'hard-ttl-limit'
    if (query.hops >= 255) return 'max-hop-count'
    if (!this.#admitsQuery(link, now)) return 'query-limit'
    this.hear(link, now)
    routes.add(query.guid, link.peer, now)
    this.lastQueryId = query.guid
    this.lastQueryFrom = link.peer
    const files = findAnswers(config, query)
    if (files.length > 0) {
      sendAnswers(this.host, config, this.serventId, query, files, { peer: link.peer, ttl: this.replyTtl(query.hops) })
    }
    if (config.tellQueries) this.tell(link, query, files.length)
    if (!this.isUltrapeer) return undefined
    if (asksForNothing(query)) return query.ttl > 1 ? 'empty-query' : undefined
    this.#relay(link, query, now)
    return undefined
  }

  /** From a leaf as much as a person asks, from an ultrapeer what its leaves ask. */
  #admitsQuery(link: HybridLink, now: number): boolean {
    const { queryIntervalMs, queryBurst, relayIntervalMs, relayBurst } = this.config
    if (queryIntervalMs === 0) return true
    const isRelay = link.kind === ULTRAPEER
    const [intervalMs, burst] = isRelay ? [relayIntervalMs, relayBurst] : [queryIntervalMs, queryBurst]
    if (!admits(link.queriesIn, now, intervalMs, burst)) {
      this.countExcess(link, now)
      return false
    }
    link.queriesIn = spend(link.queriesIn, now, intervalMs)
    return true
  }

  #relay(from: HybridLink | undefined, query: Query, now: number): void {
    const ttl = Math.min(query.ttl, this.config.maxTtl - query.hops) - 1
    const toLeaves: Query = { ...query, ttl: Math.max(ttl, 1), hops: query.hops + 1 }
    const further = ttl < 1 ? undefined : toLeaves
    for (const link of this.links) {
      if (link === from || link.state !== UP || query.hops + 1 >= link.hopsMax) continue
      if (link.kind === LEAF) {
        if (link.table?.mayMatch(query) === true) this.#sendQuery(link, toLeaves, now)
      } else if (further !== undefined) {
        // "The last hop": whoever gets a query with TTL 1 can only answer it itself, or with its leaves.
        const isUseful = link.kind === PLAIN || ttl > 1 || link.table === undefined || link.table.mayMatch(query)
        if (isUseful) this.#sendQuery(link, further, now)
      }
    }
  }

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
    if (ping.ttl + ping.hops <= 1) return undefined
    for (const known of this.hostsFor(link.peer, config.cachedPongsMax)) {
      this.pong(link.peer, ping, 1, { ...known, ultrapeer: NO_ROOM_KNOWN })
    }
    return undefined
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
    const { peer, ultrapeer, fileCount, kilobyteCount, hops } = pong
    if (peer === undefined) return undefined
    if (ultrapeer === undefined) {
      this.learn(peer, link.peer, fileCount, kilobyteCount, hops + 1, now)
      return undefined
    }
    if (peer === link.peer) link.leafRoom = ultrapeer.leaves
    this.learnUltrapeer(peer, link.peer, fileCount, kilobyteCount, hops + 1, now)
    return undefined
  }

  #onTable(link: HybridLink, message: QrpReset | QrpPatch): DropReason | undefined {
    const { tablesInIntervalMs, tablesInBurst, tableFillMax } = this.config
    const now = this.now()
    const isNew = message.type === 'QrpReset' || message.sequence === 1
    if (isNew && !admits(link.tablesIn, now, tablesInIntervalMs, tablesInBurst)) {
      // The difference would be missing from all that follow.
      this.punish(link, 'flooding')
      return 'table-limit'
    }
    if (isNew) link.tablesIn = spend(link.tablesIn, now, tablesInIntervalMs)
    link.receiver ??= new TableReceiver()
    const result = message.type === 'QrpReset' ? link.receiver.onReset(message) : link.receiver.onPatch(message)
    if (result === 'pending') return undefined
    if (!(result instanceof QueryRouteTable)) {
      this.punish(link, 'bad-table')
      return result
    }
    const isClaimingAll = result.fill > tableFillMax
    link.table = isClaimingAll ? undefined : result
    if (link.kind === LEAF) this.#leavesChanged()
    return isClaimingAll ? 'table-too-full' : undefined
  }

  #leavesChanged(): void {
    this.#tables.forgetMerged()
    if (this.isUltrapeer) this.#scheduleTables(TABLES_DELAY_MS)
  }

  #scheduleTables(delayMs: number): void {
    const at = this.now() + delayMs
    if (this.#tablesAt !== undefined && this.#tablesAt <= at) return
    this.#tablesAt = at
    this.host.setTimer(TIMER_TABLES, delayMs)
  }

  #onTablesDue(now: number): void {
    if (this.#tablesAt === undefined || now < this.#tablesAt) return
    this.#tablesAt = undefined
    const { tableIntervalMs, leafTableIntervalMs } = this.config
    const intervalMs = this.isUltrapeer ? tableIntervalMs : leafTableIntervalMs
    let next = Number.POSITIVE_INFINITY
    for (const link of this.links) {
      if (link.kind !== ULTRAPEER || link.state !== UP || !this.#tells(link)) continue
      const dueAt = link.tableSent === undefined ? now : link.tableSentAt + intervalMs
      if (dueAt <= now) this.#sendTable(link, now)
      else next = Math.min(next, dueAt)
    }
    if (next < Number.POSITIVE_INFINITY) this.#scheduleTables(next - now)
  }

  #tells({ hello }: HybridLink): boolean {
    return this.isUltrapeer ? hello.routesUltrapeerQueries : hello.routesQueries
  }

  #sendTable(link: HybridLink, now: number): void {
    const table = this.isUltrapeer ? this.#tables.merged(this.links) : this.#tables.own()
    const messages = this.#tables.messagesFor(link.tableSent, table, () => this.newId())
    link.tableSent = table
    link.tableSentAt = now
    for (const message of messages) this.host.send(link.peer, message)
  }
}
