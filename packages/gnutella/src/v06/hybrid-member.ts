import type { Host, Peer } from '@servent/machine'
import type { DropReason } from '../drops.ts'
import type { GnutellaEvent, NeighborDownReason } from '../events.ts'
import { type Guid, newGuid } from '../guid.ts'
import { HostCache, type KnownHost } from '../host-cache.ts'
import type { ConnectRequest, ConnectResponse, Message } from '../messages.ts'
import {
  ACCEPTING,
  CLOSING,
  CONFIRMING,
  CONNECTING,
  DIALING,
  type Neighbor,
  type NeighborState,
  UP,
} from '../neighbor.ts'
import { Servent } from '../servent.ts'
import { checkHybridConfig, type HybridConfig } from './config.ts'
import { lastHeaders, ownHeaders, ownHello, PLAIN_HELLO, readHello } from './hello.ts'
import { HybridLink, LEAF, type LinkKind, PLAIN, ULTRAPEER } from './link.ts'
import {
  admit,
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

/** Hosts named to someone for whom there is no room. From LimeWire. */
const TRY_ULTRAPEERS_MAX = 10

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
 * Being a member of a network of leaves and ultrapeers: the handshake of 0.6 in three steps, our role, and where ultrapeers
 * may be found. What flows over links is the business of `HybridServent`, which extends this.
 *
 * 1. A link has a kind from the moment we agreed to it; all it carries is judged by the kind.
 * 2. A leaf has links to ultrapeers only, but for servents of 0.4 that it found before any ultrapeer.
 * 3. When two dial each other at once, the one with the smaller key takes the part of the one who was dialed.
 * 4. An ultrapeer steps down in favor of a fitter one alone, by capacity and then key: so never all do.
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

  protected override greet(link: Neighbor): void {
    this.host.send(link.peer, { type: 'ConnectRequest', headers: ownHeaders(this.config, this.isUltrapeer, undefined) })
  }

  protected override shakeHands(link: HybridLink, message: Message): DropReason | undefined {
    const { state } = link
    if (message.type === 'ConnectRequest') {
      if (state === ACCEPTING || (state === CONNECTING && this.#yieldsTo(link.peer))) return this.#answer(link, message)
      // It will answer ours.
      if (state === CONNECTING) return undefined
    } else if (message.type === 'ConnectResponse') {
      if (state === CONNECTING) return this.#conclude(link, message)
      if (state === CONFIRMING) return this.#confirm(link, message)
    } else if (message.type === 'Connect' && state === ACCEPTING) {
      return this.#answerPlain(link)
    } else if ((message.type === 'Connect' || message.type === 'Ok') && state === CONNECTING) {
      // A servent of 0.4 took our request for a Connect. Our last words end the text, as in any handshake of 0.6.
      this.host.send(link.peer, agreement(lastHeaders(this.isUltrapeer)))
      // A leaf with an ultrapeer would be a dead end for its floods.
      if (this.isUltrapeer || this.countOf(ULTRAPEER) === 0) this.comeUp(link)
      else this.close(link, 'disconnected')
      return undefined
    } else {
      return super.shakeHands(link, message)
    }
    this.punish(link, 'bad-handshake')
    return 'bad-handshake'
  }

  protected override comeUp(link: HybridLink): void {
    this.#ultrapeers?.succeeded(link.peer)
    if (link.kind === ULTRAPEER) this.learnUltrapeer(link.peer, undefined, 0, 0, 1, this.now())
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

  /** An ultrapeer was spoken of, by the neighbor `reporter`. */
  protected learnUltrapeer(
    peer: Peer,
    reporter: Peer | undefined,
    fileCount: number,
    kilobyteCount: number,
    hops: number,
    now: number
  ): void {
    if (peer === this.host.self) return
    this.#ultrapeers ??= new HostCache(this.config)
    const isNew = this.#ultrapeers.add(peer, reporter === peer ? undefined : reporter, fileCount, kilobyteCount, now)
    if (isNew) this.host.emit({ type: 'host-discovered', peer, fileCount, kilobyteCount, hops })
  }

  /** Ultrapeers before all others: those that pongs told of. */
  protected override hostsFor(asker: Peer, count: number): readonly KnownHost[] {
    const known = this.#ultrapeers?.sample(
      () => this.host.random(),
      count,
      ({ peer }) => peer !== asker
    )
    return known === undefined || known.length === 0 ? super.hostsFor(asker, count) : known
  }

  protected override get isLookingForHosts(): boolean {
    return this.missingCount() > 0 || (this.#ultrapeers?.size ?? 0) < this.config.cachedPongsMax
  }

  protected override missingCount(): number {
    let missing = this.isUltrapeer ? this.config.neighborsTarget : this.config.leafUltrapeers
    for (const { state, kind } of this.links) {
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
    if (now - this.#lookedAroundAt < this.config.discoveryIntervalMs) return false
    this.#lookedAroundAt = now
    return true
  }

  #upOf(kind: LinkKind): readonly Peer[] {
    return this.links.filter((link) => link.state === UP && link.kind === kind).map(({ peer }) => peer)
  }

  #standing(): Standing {
    return {
      isUltrapeer: this.isUltrapeer,
      ultrapeerCount: this.countOf(ULTRAPEER),
      leafCount: this.countOf(LEAF),
      plainCount: this.countOf(PLAIN),
    }
  }

  /** Whether we take the part of the one who was dialed: both compute the same. */
  #yieldsTo(peer: Peer): boolean {
    return compareKeys(this.host.keyOf(this.host.self), this.host.keyOf(peer)) < 0
  }

  #answer(link: HybridLink, request: ConnectRequest): DropReason | undefined {
    const hello = readHello(request.headers)
    const admission = admit(hello, this.#standing(), this.config)
    if (typeof admission === 'string') {
      this.#refuse(link, admission)
      return 'neighbors-full'
    }
    if (admission.isPromoting) this.#become('ultrapeer')
    link.hello = hello
    link.kind = admission.kind
    this.setState(link, CONFIRMING)
    this.host.send(link.peer, agreement(ownHeaders(this.config, this.isUltrapeer, admission.isUltrapeerNeeded)))
    return undefined
  }

  /** Someone of 0.4 has no place with a leaf; it is told of ultrapeers by pongs. */
  #answerPlain(link: HybridLink): DropReason | undefined {
    const admission = admit(PLAIN_HELLO, this.#standing(), this.config)
    this.host.send(link.peer, { type: 'Ok' })
    if (typeof admission === 'string') {
      this.takeGuest(link)
      return 'neighbors-full'
    }
    if (admission.isPromoting) this.#become('ultrapeer')
    this.comeUp(link)
    return undefined
  }

  #refuse(link: HybridLink, reason: string): void {
    this.host.send(link.peer, {
      type: 'ConnectResponse',
      code: 503,
      reason,
      headers: ownHeaders(this.config, this.isUltrapeer, undefined),
      tryUltrapeers: this.hostsFor(link.peer, TRY_ULTRAPEERS_MAX).map(({ peer }) => peer),
    })
    this.close(link, 'disconnected')
  }

  /** We dialed, and this is the answer. */
  #conclude(link: HybridLink, response: ConnectResponse): DropReason | undefined {
    const now = this.now()
    if (response.code !== 200) {
      for (const peer of response.tryUltrapeers) this.learnUltrapeer(peer, link.peer, 0, 0, 2, now)
      this.close(link, 'disconnected')
      return undefined
    }
    const hello = readHello(response.headers)
    link.hello = hello
    if (hello.isUltrapeer === undefined) link.kind = PLAIN
    else if (hello.isUltrapeer) link.kind = ULTRAPEER
    else if (this.isUltrapeer && this.countOf(LEAF) < this.config.leafSlots) link.kind = LEAF
    else {
      this.#refuse(link, 'Shielded leaf')
      return undefined
    }
    if (hello.isUltrapeer && hello.isUltrapeerNeeded === false && this.#mayYield(link)) this.#become('leaf', link)
    this.host.send(link.peer, agreement(lastHeaders(this.isUltrapeer)))
    this.comeUp(link)
    return undefined
  }

  /** We were dialed and have agreed, and these are the last words. */
  #confirm(link: HybridLink, response: ConnectResponse): DropReason | undefined {
    if (response.code !== 200) {
      this.close(link, 'disconnected')
      return undefined
    }
    const { isUltrapeer } = readHello(response.headers)
    if (isUltrapeer !== undefined && isUltrapeer !== link.hello.isUltrapeer) {
      // It has changed its role since it asked.
      link.hello = { ...link.hello, isUltrapeer }
      this.setState(link, ACCEPTING)
      const admission = admit(link.hello, this.#standing(), this.config)
      if (typeof admission === 'string' || admission.isPromoting) {
        this.close(link, 'role-changed')
        return 'neighbors-full'
      }
      link.kind = admission.kind
    }
    this.comeUp(link)
    return undefined
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
    this.#become('ultrapeer')
    this.dialMissing(now)
  }

  /** Steps down if nobody needs us for long. */
  #review(now: number): void {
    if (!this.isUltrapeer || !canBecomeLeaf(this.config) || now < this.#reviewAt) return
    const isNeeded = this.countOf(LEAF) > 0 || this.links.some(({ state }) => state === CONFIRMING)
    const fitter = this.links.find((link) => link.state === UP && link.kind === ULTRAPEER && this.#hasRoomFor(link))
    if (isNeeded || fitter === undefined) return
    this.#become('leaf')
    this.dialMissing(now)
  }

  #hasRoomFor(link: HybridLink): boolean {
    return (link.leafRoom > 0 || link.hello.isUltrapeerNeeded === false) && this.#isFitter(link)
  }

  /** Whether we may become a leaf of an ultrapeer that has told us that it is enough. */
  #mayYield(link: HybridLink): boolean {
    if (!this.isUltrapeer || !canBecomeLeaf(this.config) || !this.#isFitter(link)) return false
    return this.countOf(LEAF) === 0 && this.links.every(({ state }) => state !== CONFIRMING)
  }

  #isFitter({ peer, hello }: HybridLink): boolean {
    const { capacity } = this.config
    return hello.capacity === capacity ? this.#yieldsTo(peer) : hello.capacity > capacity
  }

  /** Changes our role. A new leaf hangs up on everyone but `kept`, for to them it was an ultrapeer. */
  #become(role: Role, kept?: HybridLink): void {
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

function agreement(headers: ReadonlyMap<string, string>): ConnectResponse {
  return { type: 'ConnectResponse', code: 200, reason: 'OK', headers, tryUltrapeers: [] }
}

function compareKeys(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < a.length; i++) {
    const difference = ((a[i] as number) >>> 0) - ((b[i] as number) >>> 0)
    if (difference !== 0) return difference
  }
  return 0
}
