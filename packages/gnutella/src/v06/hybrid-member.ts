import { type Host, type Peer, sample } from '@servent/machine'
import type { GnutellaEvent, NeighborDownReason } from '../events.ts'
import { type Guid, newGuid } from '../guid.ts'
import { HostCache, type KnownHost, type Mention, mentionOf } from '../host-cache.ts'
import type { Message } from '../messages.ts'
import { CLOSING, CONFIRMING, CONNECTING, DIALING, type NeighborState, UP } from '../neighbor.ts'
import { Servent } from '../servent.ts'
import { checkHybridConfig, type HybridConfig } from './config.ts'
import { ownHello, PLAIN_HELLO } from './hello.ts'
import { HybridLink, LEAF, type LinkKind, PLAIN, ULTRAPEER } from './link.ts'
import {
  canBecomeLeaf,
  canBecomeUltrapeer,
  firstRole,
  promotionDelay,
  type Role,
  type Standing,
  stepDownDelay,
} from './roles.ts'

/** Time to see whether we are still without an ultrapeer. */
const TIMER_PROMOTE = 3

/** What goes with the reasons for which we hang up: codes of the Bye specification. */
const BYES: Readonly<Partial<Record<NeighborDownReason, readonly [number, string]>>> = {
  disconnected: [201, 'User removal'],
  'role-changed': [203, 'Becoming a leaf'],
  repeating: [401, 'Too many duplicates'],
  malformed: [400, 'Too many malformed messages'],
  flooding: [405, 'Too many messages'],
  silent: [406, 'No reply to alive pings'],
  'bad-table': [413, 'Bad query route table'],
}

/** Whom a leaf or an ultrapeer is linked to, for worlds that build a topology in one go. */
export type AdoptedAs = 'leaf' | 'ultrapeer' | 'plain'

const KINDS: Readonly<Record<AdoptedAs, LinkKind>> = { leaf: LEAF, ultrapeer: ULTRAPEER, plain: PLAIN }

/**
 * Being a member of a network of leaves and ultrapeers: our role, our links by what they are to us, and where ultrapeers may
 * be found. How hands are shaken is the business of `HybridHandshake`, which extends this.
 *
 * 1. A link has a kind from the moment we agreed to it; all it carries is judged by the kind.
 * 2. A leaf has links to ultrapeers only, but for servents of 0.4 that it found before any ultrapeer.
 * 3. An ultrapeer steps down in favor of a fitter one alone, by capacity and then key: so never all do.
 */
export abstract class HybridMember extends Servent {
  declare protected links: readonly HybridLink[]
  declare protected readonly config: Readonly<HybridConfig>
  /** What we are now. */
  protected isUltrapeer: boolean
  #ultrapeers: HostCache | undefined = undefined
  #lonelySince: number | undefined = undefined
  #promotionDelayMs = 0
  /** When to think about stepping down. */
  #reviewAt = 0
  #lookedAroundAt = 0

  constructor(host: Host<Message, GnutellaEvent>, config: Readonly<HybridConfig>) {
    super(host, config)
    checkHybridConfig(config)
    this.isUltrapeer = firstRole(config) === 'ultrapeer'
  }

  /** What we are in the network now; `role-changed` tells when that changes. */
  get role(): Role {
    return this.isUltrapeer ? 'ultrapeer' : 'leaf'
  }

  /** Neighbors that are leaves of ours. */
  get leaves(): readonly Peer[] {
    return this.#upOf(LEAF)
  }

  /** Neighbors that are ultrapeers. */
  get ultrapeers(): readonly Peer[] {
    return this.#upOf(ULTRAPEER)
  }

  /** Hosts that are known for ultrapeers, the one heard of longest ago first. */
  get knownUltrapeers(): readonly KnownHost[] {
    return this.#ultrapeers === undefined ? [] : [...this.#ultrapeers.values()]
  }

  override start(): void {
    super.start()
    this.#watch(this.now())
  }

  override onTimer(timer: number, arg: number): void {
    if (timer === TIMER_PROMOTE && this.isRunning) this.#promoteIfAlone(this.now())
    else super.onTimer(timer, arg)
  }

  override onPeerDisconnected(peer: Peer): void {
    const now = this.now()
    const link = this.find(peer)
    // Whom we left to change our role we may ask again at once.
    if (link?.reason !== 'role-changed') this.#ultrapeers?.failed(peer, now, () => this.host.random())
    super.onPeerDisconnected(peer)
    if (this.isRunning) this.#watch(now)
  }

  /**
   * Takes a peer as a neighbor as if it had shaken hands: for a world that builds its topology in one go. Both ends must.
   * Tells nothing and sends nothing; tables follow as if the link had come up.
   *
   * @param as - what it is to us
   */
  override adopt(peer: Peer, as: AdoptedAs = 'ultrapeer'): void {
    super.adopt(peer)
    const link = this.find(peer)
    if (link?.state !== UP) return
    // The next look at neighbors asks who else is there, for no handshake did.
    this.discoveredAt = -this.config.discoveryIntervalMs
    link.kind = KINDS[as]
    link.hello = as === 'plain' ? PLAIN_HELLO : ownHello(this.config, as === 'ultrapeer')
    this.onLinkUp(link)
    this.#watch(this.now())
  }

  /** A link is up and has a kind. */
  protected abstract onLinkUp(link: HybridLink): void

  protected override newLink(peer: Peer, state: NeighborState, now: number): HybridLink {
    return new HybridLink(peer, state, now)
  }

  protected override find(peer: Peer): HybridLink | undefined {
    for (const link of this.links) if (link.peer === peer) return link
    return undefined
  }

  /** Links of a kind, those we have agreed to among them. */
  protected countOf(kind: LinkKind): number {
    let count = 0
    for (const link of this.links) {
      if (link.kind === kind && (link.state === UP || link.state === CONFIRMING)) count++
    }
    return count
  }

  protected override comeUp(link: HybridLink): void {
    this.#ultrapeers?.succeeded(link.peer)
    if (link.kind === ULTRAPEER) this.learnUltrapeer(mentionOf(link.peer), this.now())
    super.comeUp(link)
    this.onLinkUp(link)
    this.#watch(this.now())
  }

  protected override close(link: HybridLink, reason: NeighborDownReason): void {
    const bye = link.state === UP && link.hello.takesBye ? BYES[reason] : undefined
    if (bye !== undefined) {
      const [code, text] = bye
      this.host.send(link.peer, { type: 'Bye', guid: this.newId(), ttl: 1, hops: 0, code, text, verbatim: undefined })
    }
    super.close(link, reason)
  }

  protected override tellDown({ peer, reason = 'gone', bye }: HybridLink): void {
    this.host.emit({ type: 'neighbor-down', peer, reason, ...(bye === undefined ? {} : { bye }) })
  }

  /** An ultrapeer was spoken of. */
  protected learnUltrapeer(mention: Mention, now: number): void {
    this.#ultrapeers ??= new HostCache(this.config)
    this.remember(this.#ultrapeers, mention, now)
  }

  /** Ultrapeers before all others: our neighbors, and those that were spoken of. */
  protected override hostsFor(asker: Peer, count: number): readonly KnownHost[] {
    const random = (): number => this.host.random()
    const isOther = ({ peer }: { readonly peer: Peer }): boolean => peer !== asker
    const up = this.links.filter((link) => link.kind === ULTRAPEER && link.state === UP && isOther(link))
    const hosts: KnownHost[] = []
    for (const { peer, heardAt } of sample(random, up, Math.ceil(count / 2))) {
      hosts.push(this.#ultrapeers?.get(peer) ?? hostOf(peer, heardAt))
    }
    const isNew = (host: KnownHost): boolean => isOther(host) && hosts.every(({ peer }) => peer !== host.peer)
    const spokenOf = this.#ultrapeers?.sample(random, count - hosts.length, isNew) ?? []
    hosts.push(...spokenOf)
    return hosts.length === 0 ? super.hostsFor(asker, count) : hosts
  }

  protected override get isLookingForHosts(): boolean {
    return this.missingCount() > 0 || (this.#ultrapeers?.size ?? 0) < this.config.cachedPongsMax
  }

  protected override missingCount(): number {
    const { neighborsTarget, leafUltrapeers } = this.config
    // A leaf that has none asks twice as many, for some may be gone.
    let missing = this.isUltrapeer ? neighborsTarget : leafUltrapeers * (this.countOf(ULTRAPEER) === 0 ? 2 : 1)
    for (const { state, kind, isVisit } of this.links) {
      if (isVisit) continue
      if (kind === ULTRAPEER ? state !== CLOSING : state === DIALING || state === CONNECTING) missing--
    }
    return missing
  }

  protected override candidates(count: number, isWanted: (host: KnownHost) => boolean): readonly KnownHost[] {
    const known = this.#ultrapeers?.sample(() => this.host.random(), count, isWanted) ?? []
    if (known.length >= count || !this.#looksAround()) return known
    return known.concat(
      super.candidates(count - known.length, (host) => isWanted(host) && this.#ultrapeers?.get(host.peer) === undefined)
    )
  }

  protected override maintain(now: number): void {
    super.maintain(now)
    this.#ultrapeers?.expire(now)
    this.#watch(now)
    this.#review(now)
  }

  protected newId(): Guid {
    return newGuid(() => this.host.random())
  }

  /** Hosts whose role nobody told: all we have while we have no ultrapeer, else one look a minute. */
  #looksAround(): boolean {
    if (this.countOf(ULTRAPEER) === 0) return true
    const now = this.now()
    if (now - this.#lookedAroundAt < this.config.lookAroundIntervalMs) return false
    this.#lookedAroundAt = now
    return true
  }

  #upOf(kind: LinkKind): readonly Peer[] {
    return this.links.filter((link) => link.state === UP && link.kind === kind).map(({ peer }) => peer)
  }

  protected standing(): Standing {
    return {
      isUltrapeer: this.isUltrapeer,
      ultrapeerCount: this.countOf(ULTRAPEER),
      leafCount: this.countOf(LEAF),
      plainCount: this.countOf(PLAIN),
    }
  }

  /** Whether we take the part of the one who was dialed: both compute the same. */
  protected yieldsTo(peer: Peer): boolean {
    return compareKeys(this.host.keyOf(this.host.self), this.host.keyOf(peer)) < 0
  }

  /** Keeps an eye on whether we have an ultrapeer. */
  #watch(now: number): void {
    if (this.isUltrapeer || !canBecomeUltrapeer(this.config) || this.config.maintenanceIntervalMs === 0) return
    if (this.countOf(ULTRAPEER) > 0) {
      this.#lonelySince = undefined
    } else if (this.#lonelySince === undefined) {
      this.#lonelySince = now
      this.#promotionDelayMs = promotionDelay(this.config, now, () => this.host.random())
      this.host.setTimer(TIMER_PROMOTE, this.#promotionDelayMs)
    }
  }

  #promoteIfAlone(now: number): void {
    const since = this.#lonelySince
    if (this.isUltrapeer || since === undefined || now - since < this.#promotionDelayMs) return
    const isAboutToJoin = this.links.some(({ state }) => state === CONNECTING)
    // Whom we have reached may agree any moment; that does not take for ever either.
    if (isAboutToJoin && now - since < 2 * this.#promotionDelayMs) {
      this.host.setTimer(TIMER_PROMOTE, this.#promotionDelayMs)
      return
    }
    this.become('ultrapeer')
    this.dialMissing(now)
  }

  /** Steps down if nobody has needed us for long: we have no leaves, or one that can carry more has room for all of them. */
  #review(now: number): void {
    if (!this.isUltrapeer || !canBecomeLeaf(this.config) || now < this.#reviewAt) return
    if (this.links.some(({ state }) => state === CONFIRMING)) return
    const leafCount = this.countOf(LEAF)
    if (!this.links.some((link) => this.#canReplaceUs(link, leafCount))) return
    this.become('leaf')
    this.dialMissing(now)
  }

  #canReplaceUs(link: HybridLink, leafCount: number): boolean {
    const { state, kind, hello, leafRoom } = link
    if (state !== UP || kind !== ULTRAPEER) return false
    if (leafCount > 0) return leafRoom > leafCount && hello.capacity > this.config.capacity
    return (leafRoom > 0 || hello.isUltrapeerNeeded === false) && this.#isFitter(link)
  }

  /** Whether we may become a leaf of an ultrapeer that has told us that it is enough. */
  protected mayYield(link: HybridLink): boolean {
    if (!this.isUltrapeer || !canBecomeLeaf(this.config) || !this.#isFitter(link)) return false
    return this.countOf(LEAF) === 0 && this.links.every(({ state }) => state !== CONFIRMING)
  }

  #isFitter({ peer, hello }: HybridLink): boolean {
    const { capacity } = this.config
    return hello.capacity === capacity ? this.yieldsTo(peer) : hello.capacity > capacity
  }

  /** Changes our role. A new leaf hangs up on everyone but `kept`, for to them it was an ultrapeer. */
  protected become(role: Role, kept?: HybridLink): void {
    const now = this.now()
    this.isUltrapeer = role === 'ultrapeer'
    this.#lonelySince = undefined
    this.#reviewAt = now + stepDownDelay(this.config, () => this.host.random())
    this.host.emit({ type: 'role-changed', role })
    if (role === 'ultrapeer') return
    for (const link of this.links) {
      if (link !== kept && (link.state === UP || link.state === CONFIRMING)) this.close(link, 'role-changed')
    }
  }
}

function compareKeys(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < a.length; i++) {
    const difference = ((a[i] as number) >>> 0) - ((b[i] as number) >>> 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** A neighbor of whom no pong told. */
function hostOf(peer: Peer, heardAt: number): KnownHost {
  return { peer, fileCount: 0, kilobyteCount: 0, heardAt, reporter: undefined, failureCount: 0, retryAt: 0 }
}
