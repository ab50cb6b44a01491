import type { Peer } from '@servent/machine'
import type { DropReason } from './drops.ts'
import { newGuid } from './guid.ts'
import { Member } from './member.ts'
import type { Ping, Pong, UltrapeerRoom } from './messages.ts'
import { admits, type Neighbor, spend, UP } from './neighbor.ts'
import { ROUTE_LOST, type Route, RouteTable } from './route-table.ts'

/**
 * Who else is there: pings that are flooded, and pongs that go back the way their pings came.
 *
 * 1. A Ping is handled once: its id is in a route table from then on, with the neighbor it came from.
 * 2. Where a neighbor has had enough pings, the host cache answers for what lies behind it.
 */
export abstract class Discovery extends Member {
  #pingRoutes: RouteTable | undefined = undefined

  /** Ids in all route tables. */
  get routeCount(): number {
    return this.#pingRoutes?.size ?? 0
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

  protected override pingNeighbor(link: Neighbor, ttl: number): void {
    const ping = this.newPing(ttl)
    link.pingsOut = spend(link.pingsOut, this.now(), this.config.pingIntervalMs)
    this.host.send(link.peer, ping)
  }

  protected override loseRoutes(peer: Peer): void {
    this.#pingRoutes?.lose(peer)
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
      const { peer, fileCount, kilobyteCount, hops } = pong
      this.learn({ peer, reporter: link.peer, fileCount, kilobyteCount, hops: hops + 1 }, now)
    }
    if (route === this.host.self) return undefined
    if (route === ROUTE_LOST) return 'route-lost'
    if (pong.ttl <= 1) return 'ttl-expired'
    if (pong.ttl > config.ttlHardMax) return 'hard-ttl-limit'
    this.host.send(route, { ...pong, ttl: pong.ttl - 1, hops: Math.min(pong.hops + 1, 255) })
    return undefined
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

  protected newPing(ttl: number): Ping {
    const guid = newGuid(() => this.host.random())
    this.pings().set(guid, this.host.self, this.now())
    const within = Math.min(Math.max(Math.floor(ttl), 1), this.config.ttlMax)
    return { type: 'Ping', guid, ttl: within, hops: 0, verbatim: undefined }
  }

  protected pings(): RouteTable {
    this.#pingRoutes ??= new RouteTable(this.config.pingRouteAgeMs, this.config.routesMax)
    return this.#pingRoutes
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

  /** "TTL at least hops + 2": a reply has one link more to go than its question had come when it reached us, and one spare. */
  protected replyTtl(hops: number): number {
    return Math.min(hops + 2, this.config.ttlHardMax)
  }
}
