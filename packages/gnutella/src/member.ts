import type { Machine, Peer } from '@servent/machine'
import type { DropReason } from './drops.ts'
import type { NeighborDownReason } from './events.ts'
import { HostCache, type KnownHost, type Mention, mentionOf } from './host-cache.ts'
import { Links, NO_LINKS } from './links.ts'
import type { Message, Ping } from './messages.ts'
import {
  ACCEPTING,
  admits,
  CLOSING,
  CONFIRMING,
  CONNECTING,
  DIALING,
  GUEST,
  type Neighbor,
  spend,
  UP,
} from './neighbor.ts'
import { Unwanted } from './unwanted.ts'

/** Time to look after neighbors and hosts. */
const TIMER_MAINTAIN = 1

/** Time for guests to go. */
const TIMER_GUEST = 2

/**
 * Being a member of the network: who our neighbors are, how they became so, and where others might be found. What flows
 * between neighbors is the business of `Servent`, which extends this.
 *
 * 1. Whoever dialed says Connect first and whoever was dialed answers Ok; anything else first ends it. When both dial at
 *    once their Connects cross, and each is the answer to the other.
 * 2. `neighbor-up` and `neighbor-down` alternate for each peer.
 */
export abstract class Member extends Links implements Machine<Message> {
  #hosts: HostCache | undefined = undefined
  #unwanted: Unwanted | undefined = undefined
  protected isRunning = false
  /** When a ping last looked for hosts. */
  protected discoveredAt = 0
  #dialsFullAt = 0

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

  /** The host cache, the one heard of longest ago first. */
  get hosts(): readonly KnownHost[] {
    return this.#hosts === undefined ? [] : [...this.#hosts.values()]
  }

  /** Peers that are blocked. */
  get blocked(): readonly Peer[] {
    return this.#unwanted === undefined ? [] : [...this.#unwanted.blocked]
  }

  /** Remembers a peer to connect to when neighbors are missing, which may be at once. */
  addHost(peer: Peer): void {
    const now = this.now()
    this.learn(mentionOf(peer), now)
    this.dialMissing(now)
  }

  /** Makes a peer a neighbor, whatever the target is; not if it is blocked. `neighbor-up` tells when it is one. */
  connect(peer: Peer): void {
    if (peer === this.host.self || this.find(peer) !== undefined || this.#unwanted?.isBlocked(peer) === true) return
    const now = this.now()
    this.learn(mentionOf(peer), now)
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

  /** Whether pings are to find hosts. */
  protected get isLookingForHosts(): boolean {
    return this.upCount < this.config.neighborsTarget
  }

  /** Says the first words to someone whom we have dialed. */
  protected greet(link: Neighbor): void {
    this.host.send(link.peer, { type: 'Connect' })
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

  /** A peer was spoken of. */
  protected learn(mention: Mention, now: number): void {
    this.#hosts ??= new HostCache(this.config)
    this.remember(this.#hosts, mention, now)
  }

  protected remember(hosts: HostCache, mention: Mention, now: number): void {
    const { peer, reporter, fileCount, kilobyteCount, hops } = mention
    if (peer === this.host.self) return
    const isNew = hosts.add(peer, reporter === peer ? undefined : reporter, fileCount, kilobyteCount, now)
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
