import type { Host, Machine, Peer } from '@servent/machine'
import { checkConfig, type GnutellaConfig } from './config.ts'
import type { DropReason, Drops } from './drops.ts'
import type { GnutellaEvent, NeighborDownReason } from './events.ts'
import type { Guid } from './guid.ts'
import { HostCache, type KnownHost } from './host-cache.ts'
import type { Message, Ping } from './messages.ts'
import {
  ACCEPTING,
  admits,
  CLOSING,
  CONFIRMING,
  CONNECTING,
  DIALING,
  GUEST,
  Neighbor,
  type NeighborState,
  spend,
  UP,
} from './neighbor.ts'
import { Unwanted } from './unwanted.ts'

/** Time to look after neighbors and hosts. */
const TIMER_MAINTAIN = 1

/** Time for guests to go. */
const TIMER_GUEST = 2

const NO_LINKS: readonly Neighbor[] = []

/**
 * Being a member of the network: who our neighbors are, how they became so, and where others might be found. What flows
 * between neighbors is the business of `Servent`, which extends this.
 *
 * 1. A connection is in `links` from the moment it is asked for until the host says that it is gone; at most one a peer.
 * 2. Whoever dialed says Connect first and whoever was dialed answers Ok; anything else first ends it. When both dial at
 *    once their Connects cross, and each is the answer to the other.
 * 3. `neighbor-up` and `neighbor-down` alternate for each peer.
 * 4. `links` is never changed in place, so a loop over it outlives what it causes.
 */
export abstract class Member implements Machine<Message> {
  // What each duplicate of a flood reads comes first, and fits into one line of cache.
  /** The query that came last and was new, and whom it came from. */
  protected lastQueryId: Guid | undefined = undefined
  protected lastQueryFrom: Peer | undefined = undefined
  protected links: readonly Neighbor[] = NO_LINKS
  /** Whether every connection is up: then whoever sends something is a neighbor, for a host hands on nobody else's. */
  protected isSettled = true
  /** By far the most frequent drop, so it has a field; the map is for the others. */
  #duplicateCount = 0
  protected readonly host: Host<Message, GnutellaEvent>
  protected readonly config: Readonly<GnutellaConfig>
  #drops: Map<DropReason, number> | undefined = undefined
  #hosts: HostCache | undefined = undefined
  #unwanted: Unwanted | undefined = undefined
  protected isRunning = false
  /** When a ping last looked for hosts. */
  protected discoveredAt = 0
  #dialsFullAt = 0

  constructor(host: Host<Message, GnutellaEvent>, config: Readonly<GnutellaConfig>) {
    checkConfig(config)
    this.host = host
    this.config = config
  }

  abstract onMessage(from: Peer, message: Message): void

  /** Sends a ping to one neighbor. */
  protected abstract pingNeighbor(link: Neighbor, ttl: number): void

  /** Tells someone who found no room of other hosts. */
  protected abstract answerGuest(link: Neighbor, ping: Ping): void

  /** Sends a ping to all neighbors. */
  abstract ping(ttl?: number): void

  /** Forgets the ways that led to a neighbor. */
  protected abstract loseRoutes(peer: Peer): void

  start(): void {
    this.isRunning = true
    const { maintenanceIntervalMs } = this.config
    if (maintenanceIntervalMs === 0) return
    // Servents that start together do not look around together.
    this.host.setTimer(TIMER_MAINTAIN, Math.floor(this.host.random() * maintenanceIntervalMs))
    this.dialMissing(this.now())
  }

  stop(): void {
    this.isRunning = false
    this.setLinks(NO_LINKS)
  }

  onTimer(timer: number, _arg = 0): void {
    if (!this.isRunning) return
    if (timer === TIMER_MAINTAIN) this.maintain(this.now())
    else if (timer === TIMER_GUEST) this.#seeGuestsOff(this.now())
  }

  onPeerConnected(peer: Peer): void {
    const link = this.find(peer)
    if (link === undefined) this.#accept(peer)
    if (link?.state !== DIALING) return
    this.setState(link, CONNECTING)
    this.greet(link)
  }

  onPeerDisconnected(peer: Peer): void {
    const at = this.links.findIndex((link) => link.peer === peer)
    const link = this.links[at]
    if (link === undefined) return
    this.setLinks(this.links.length === 1 ? NO_LINKS : this.links.toSpliced(at, 1))
    const now = this.now()
    this.#hosts?.failed(peer, now, () => this.host.random())
    if (link.wasUp) {
      this.loseRoutes(peer)
      this.tellDown(link)
    }
    this.dialMissing(now)
  }

  /** Peers that have shaken hands. */
  get neighbors(): readonly Peer[] {
    return this.links.filter(({ state }) => state === UP).map(({ peer }) => peer)
  }

  /** The host cache, the one heard of longest ago first. */
  get hosts(): readonly KnownHost[] {
    return this.#hosts === undefined ? [] : [...this.#hosts.values()]
  }

  /** Peers that are blocked. */
  get blocked(): readonly Peer[] {
    return this.#unwanted === undefined ? [] : [...this.#unwanted.blocked]
  }

  /** How often something was dropped, by reason. */
  get drops(): Drops {
    const drops: Partial<Record<DropReason, number>> = {}
    if (this.#duplicateCount > 0) drops.duplicate = this.#duplicateCount
    for (const [reason, count] of this.#drops ?? []) drops[reason] = count
    return drops
  }

  /** Remembers a peer to connect to when neighbors are missing, which may be at once. */
  addHost(peer: Peer): void {
    const now = this.now()
    this.learn(peer, undefined, 0, 0, 1, now)
    this.dialMissing(now)
  }

  /** Makes a peer a neighbor, whatever the target is; not if it is blocked. `neighbor-up` tells when it is one. */
  connect(peer: Peer): void {
    if (peer === this.host.self || this.find(peer) !== undefined || this.#unwanted?.isBlocked(peer) === true) return
    const now = this.now()
    this.learn(peer, undefined, 0, 0, 1, now)
    this.dial(peer, now)
  }

  /** Ends being neighbors. The other may ask again, and we after a while: see `block`. */
  disconnect(peer: Peer): void {
    const link = this.find(peer)
    if (link !== undefined) this.close(link, 'disconnected')
  }

  /** Ends being neighbors, and neither asks for it nor agrees to it until `unblock`. */
  block(peer: Peer): void {
    this.#unwanted ??= new Unwanted(this.config)
    this.#unwanted.block(peer)
    this.disconnect(peer)
  }

  /** Takes back `block`. Does not connect. */
  unblock(peer: Peer): void {
    this.#unwanted?.unblock(peer)
  }

  /**
   * Takes a peer as a neighbor as if it had shaken hands, also one whose connection has just come up: for a world that
   * builds its topology in one go. Both ends must. Tells nothing and sends nothing.
   */
  adopt(peer: Peer): void {
    if (peer === this.host.self) return
    const link = this.find(peer) ?? this.newLink(peer, UP, this.now())
    if (link.state === CLOSING) return
    link.wasUp = true
    link.state = UP
    this.setLinks(this.links.includes(link) ? this.links : this.links.concat([link]))
  }

  /** Whole milliseconds, which the engine keeps without a box. */
  protected now(): number {
    return Math.floor(this.host.now())
  }

  /** Whether pings are to find hosts. */
  protected get isLookingForHosts(): boolean {
    return this.upCount < this.config.neighborsTarget
  }

  protected get upCount(): number {
    let count = 0
    for (const { state } of this.links) if (state === UP) count++
    return count
  }

  protected newLink(peer: Peer, state: NeighborState, now: number): Neighbor {
    return new Neighbor(peer, state, now)
  }

  /** Says the first words to someone whom we have dialed. */
  protected greet(link: Neighbor): void {
    this.host.send(link.peer, { type: 'Connect' })
  }

  protected find(peer: Peer): Neighbor | undefined {
    for (const link of this.links) if (link.peer === peer) return link
    return undefined
  }

  protected drop(reason: DropReason): void {
    if (reason === 'duplicate') {
      this.#duplicateCount++
      return
    }
    this.#drops ??= new Map()
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1)
  }

  /** A message of a connection that is not up yet. Says why it was of no use. */
  protected shakeHands(link: Neighbor, message: Message): DropReason | undefined {
    // A servent of 0.6 asks in other words; it takes our Ok, and then speaks 0.4.
    const isRequest = message.type === 'Connect' || message.type === 'ConnectRequest'
    const isAgreement = message.type === 'Ok' || isRequest
    if (link.state === CONNECTING && isAgreement) {
      this.comeUp(link)
      return undefined
    }
    if (link.state === GUEST && !isAgreement) {
      if (message.type === 'Ping') this.answerGuest(link, message)
      return 'neighbors-full'
    }
    if (link.state !== ACCEPTING || !isRequest) {
      this.punish(link, 'bad-handshake')
      return 'bad-handshake'
    }
    this.host.send(link.peer, { type: 'Ok' })
    if (this.upCount < this.config.neighborsMax) this.comeUp(link)
    else this.takeGuest(link)
    return undefined
  }

  protected tellDown(link: Neighbor): void {
    this.host.emit({ type: 'neighbor-down', peer: link.peer, reason: link.reason ?? 'gone' })
  }

  /** Hangs up. */
  protected close(link: Neighbor, reason: NeighborDownReason): void {
    if (link.state === CLOSING) return
    this.setState(link, CLOSING)
    link.reason = reason
    this.host.disconnect(link.peer)
  }

  /** Hangs up on someone who broke the rules, and keeps it out for a while. */
  protected punish(link: Neighbor, reason: NeighborDownReason): void {
    this.#unwanted ??= new Unwanted(this.config)
    this.#unwanted.discourage(link.peer, this.now())
    this.close(link, reason)
  }

  /** Something was over a neighbor's share: hangs up if that goes on. */
  protected countExcess(link: Neighbor, now: number): void {
    const { excessIntervalMs, excessBurst } = this.config
    if (!admits(link.excess, now, excessIntervalMs, excessBurst)) this.punish(link, 'flooding')
    else link.excess = spend(link.excess, now, excessIntervalMs)
  }

  /** A peer was spoken of, by the neighbor `reporter`. */
  protected learn(
    peer: Peer,
    reporter: Peer | undefined,
    fileCount: number,
    kilobyteCount: number,
    hops: number,
    now: number
  ): void {
    if (peer === this.host.self) return
    this.#hosts ??= new HostCache(this.config)
    const isNew = this.#hosts.add(peer, reporter === peer ? undefined : reporter, fileCount, kilobyteCount, now)
    if (isNew) this.host.emit({ type: 'host-discovered', peer, fileCount, kilobyteCount, hops })
  }

  /** Up to `count` hosts that `asker` may like to hear of, at random. */
  protected hostsFor(asker: Peer, count: number): readonly KnownHost[] {
    if (this.#hosts === undefined) return []
    return this.#hosts.sample(
      () => this.host.random(),
      count,
      ({ peer }) => peer !== asker
    )
  }

  /** Someone has dialed us. */
  #accept(peer: Peer): void {
    const now = this.now()
    const refusal = this.#refusal(peer, now)
    const link = this.newLink(peer, ACCEPTING, now)
    this.setLinks(this.links.concat([link]))
    if (refusal === undefined) return
    this.drop(refusal)
    this.close(link, 'disconnected')
  }

  #refusal(peer: Peer, now: number): DropReason | undefined {
    if (this.#unwanted?.isBlocked(peer)) return 'blocked'
    if (this.#unwanted?.isDiscouraged(peer, now)) return 'discouraged'
    let pendingCount = 0
    for (const { state } of this.links) {
      if (state === ACCEPTING || state === GUEST || state === CONFIRMING) pendingCount++
    }
    return pendingCount >= this.config.handshakesMax ? 'neighbors-full' : undefined
  }

  /** Lets someone stay for a moment, to be told of others. */
  protected takeGuest(link: Neighbor): void {
    this.setState(link, GUEST)
    this.host.setTimer(TIMER_GUEST, this.config.guestMs)
  }

  /** Hands have been shaken. */
  protected comeUp(link: Neighbor): void {
    this.setState(link, UP)
    link.wasUp = true
    link.heardAt = link.since
    this.#hosts?.succeeded(link.peer)
    this.host.emit({ type: 'neighbor-up', peer: link.peer })
    const { joinTtl } = this.config
    // "A servent that joins broadcasts a ping"; one that has its neighbors only asks who the new one is.
    if (joinTtl > 0) this.pingNeighbor(link, this.isLookingForHosts ? joinTtl : 1)
  }

  /** Moves a connection on. */
  protected setState(link: Neighbor, state: NeighborState): void {
    link.state = state
    link.since = this.now()
    this.setLinks(this.links)
  }

  protected setLinks(links: readonly Neighbor[]): void {
    this.links = links
    this.isSettled = links.every(({ state }) => state === UP)
  }

  protected dial(peer: Peer, now: number): void {
    this.setLinks(this.links.concat([this.newLink(peer, DIALING, now)]))
    this.host.connect(peer)
  }

  /** How many more neighbors we want. */
  protected missingCount(): number {
    let missing = this.config.neighborsTarget
    for (const { state } of this.links) if (state !== CLOSING) missing--
    return missing
  }

  /** Up to `count` hosts to dial, the best first. */
  protected candidates(count: number, isWanted: (host: KnownHost) => boolean): readonly KnownHost[] {
    return this.#hosts?.sample(() => this.host.random(), count, isWanted) ?? []
  }

  /** Dials as many hosts as neighbors are missing, no faster than the config says. */
  protected dialMissing(now: number): void {
    if (!this.isRunning || this.config.maintenanceIntervalMs === 0) return
    const missing = this.missingCount()
    if (missing <= 0) return
    const unwanted = this.#unwanted
    const isWanted = ({ peer, retryAt }: KnownHost): boolean =>
      retryAt <= now &&
      this.find(peer) === undefined &&
      (unwanted === undefined || !(unwanted.isBlocked(peer) || unwanted.isDiscouraged(peer, now)))
    const { dialIntervalMs, dialBurst } = this.config
    for (const { peer } of this.candidates(missing, isWanted)) {
      if (!admits(this.#dialsFullAt, now, dialIntervalMs, dialBurst)) return
      this.#dialsFullAt = spend(this.#dialsFullAt, now, dialIntervalMs)
      this.dial(peer, now)
    }
  }

  /** Looks after neighbors and hosts: every `maintenanceIntervalMs`. */
  protected maintain(now: number): void {
    const { joinTtl, discoveryIntervalMs, maintenanceIntervalMs } = this.config
    for (const link of this.links) this.#lookAfter(link, now)
    this.#hosts?.expire(now)
    this.#unwanted?.expire(now)
    this.dialMissing(now)
    if (joinTtl > 0 && this.isLookingForHosts && now - this.discoveredAt >= discoveryIntervalMs) {
      this.discoveredAt = now
      this.ping(joinTtl)
    }
    this.host.setTimer(TIMER_MAINTAIN, maintenanceIntervalMs)
  }

  /** Those who found no room have been told where else to look. */
  #seeGuestsOff(now: number): void {
    for (const link of this.links) {
      if (link.state === GUEST && now - link.since >= this.config.guestMs) this.close(link, 'disconnected')
    }
  }

  #lookAfter(link: Neighbor, now: number): void {
    const { handshakeTimeoutMs, keepAliveIntervalMs, keepAlivePingsMax } = this.config
    if (link.state === UP) {
      if (now - link.heardAt < keepAliveIntervalMs * (link.pingsUnanswered + 1)) return
      link.pingsUnanswered++
      if (link.pingsUnanswered > keepAlivePingsMax) this.close(link, 'silent')
      else this.pingNeighbor(link, 1)
    } else if (now - link.since >= handshakeTimeoutMs) {
      // A host that never answers a disconnect must not cost us the peer for good.
      if (link.state === CLOSING) this.onPeerDisconnected(link.peer)
      else this.close(link, 'silent')
    }
  }
}
