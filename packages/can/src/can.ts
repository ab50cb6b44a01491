import type { Key } from '@servent/keyspace'
import type { Host, Peer } from '@servent/machine'
import type { RequestId, StructuredEvent, StructuredMachine, ValueRecord } from '@servent/records'
import { Answering } from './answering.ts'
import { Arrivals } from './arrivals.ts'
import type { Acquaintance, Claims } from './claim.ts'
import type { CanConfig } from './config.ts'
import { Contact } from './contacts.ts'
import type { DropReason } from './drops.ts'
import { Joining } from './joining.ts'
import { Membership } from './membership.ts'
import type { Message, Route } from './messages.ts'
import {
  type CanNode,
  TIMER_ANNOUNCE,
  TIMER_GRANT,
  TIMER_HOP,
  TIMER_JOIN,
  TIMER_MAINTAIN,
  TIMER_PING,
  TIMER_REQUEST,
  TIMER_STORE,
  TIMER_TAKEOVER,
} from './node.ts'
import { Place } from './place.ts'
import { Provided } from './provided.ts'
import { Reassignment } from './reassignment.ts'
import { Requests } from './requests.ts'
import { Reunion } from './reunion.ts'
import { Router } from './router.ts'
import { Storage } from './storage.ts'
import { Watch } from './watch.ts'
import { contains, pointOf } from './zone.ts'

/**
 * One node of a content-addressable network (Ratnasamy et al., SIGCOMM 2001).
 *
 * 1. In each reality the zones of all nodes tile the torus: what one gives away another has or is being sent.
 * 2. A peer's home follows from its key, which the host computes: nobody chooses where it joins.
 * 3. Contacts are not connections: whoever is sent something is dialed if need be.
 * 4. Nothing here throws for a well-typed message, and every collection has a bound.
 */
export class Can implements StructuredMachine<Message> {
  readonly #host: Host<Message, StructuredEvent>
  readonly #config: Readonly<CanConfig>
  readonly #node: CanNode
  readonly #place: Place
  readonly #router: Router
  readonly #membership: Membership
  readonly #watch: Watch
  readonly #reassignment: Reassignment
  readonly #storage: Storage
  readonly #requests: Requests
  readonly #joining: Joining
  readonly #provided: Provided
  readonly #answering: Answering
  readonly #arrivals: Arrivals
  readonly #reunion: Reunion
  #drops: Partial<Record<DropReason, number>> | undefined
  #isRunning = false
  #hasJoined = false
  #isNewsworthy = false
  #refreshedAt = 0
  #isListStale = false

  constructor(host: Host<Message, StructuredEvent>, config: Readonly<CanConfig>) {
    this.#host = host
    this.#config = config
    this.#place = new Place(host, config)
    const place = this.#place
    this.#node = { host, config, place, drop: (reason) => this.#drop(reason) }
    this.#router = new Router(
      host,
      config,
      place,
      {
        onArrived: (route, from) => this.#arrivals.onArrived(route, from),
        onNoWay: (route) => this.#arrivals.onNoWay(route),
        isKeeper: (peer, route) => this.#answering.isKeeper(peer, route),
        onKeeper: (route, from) => this.#answering.onKeeper(route, from),
        onSilent: (peer) => this.#watch.onSilent(peer),
        onHeirless: (route, from, tries) => this.#arrivals.onHeirless(route, from, tries),
        drop: (reason) => this.#drop(reason),
      },
      TIMER_HOP
    )
    this.#membership = new Membership(this.#node, {
      onClaimsChanged: () => this.#onClaimsChanged(),
      onContact: (contact) => this.#joining.remember(contact.peer),
      onContactChanged: () => this.#onContactChanged(),
      onYielded: (peer) => this.#joining.prefer(peer),
      onAbandoned: (contact) => this.#watch.abandon(contact),
    })
    this.#watch = new Watch(this.#node, this.#membership, {
      lookInto: (point, reality) =>
        this.#requests.look(point, reality, undefined, (owner) => this.#watch.onHoleLooked(owner)),
      onLost: (peer) => this.#onLost(peer),
      onClaimsChanged: () => this.#onClaimsChanged(),
    })
    this.#reassignment = new Reassignment(this.#node, this.#membership)
    this.#storage = new Storage(this.#node)
    const launch = (route: Route, via: Peer | undefined) => this.#launch(route, via)
    this.#requests = new Requests(this.#node, this.#storage, { launch, wayIn: () => this.#joining.anyone() })
    this.#joining = new Joining(this.#node, { launch })
    this.#provided = new Provided(config, (key) => this.#requests.begin('provide', key))
    this.#answering = new Answering(this.#node, this.#storage, (answer) => this.#requests.onAnswer(host.self, answer))
    this.#arrivals = new Arrivals(this.#node, {
      router: this.#router,
      membership: this.#membership,
      watch: this.#watch,
      joining: this.#joining,
      requests: this.#requests,
      answering: this.#answering,
    })
    this.#reunion = new Reunion(this.#node, this.#membership, this.#requests, this.#joining)
  }

  get isJoined(): boolean {
    return this.#place.isComplete
  }

  get neighbors(): readonly Peer[] {
    return this.#place.contacts.list.map(({ peer }) => peer)
  }

  /** What we own, by reality. */
  get claims(): Claims {
    return this.#place.claims
  }

  /** Zones that we have given to a peer which has not said yet that it has them. */
  grantsTo(peer: Peer): Claims[number] {
    return this.#membership.grantsTo(peer)
  }

  /** Values and providers that we keep. */
  get recordCount(): number {
    return this.#storage.recordCount
  }

  /** Everything that is remembered, counted. */
  get stateSize(): number {
    const parts = [this.#router, this.#membership, this.#watch, this.#storage, this.#requests]
    const sizes = parts.reduce((sum, { size }) => sum + size, 0)
    const claims = this.#place.claims.reduce((sum, each) => sum + each.length, 0)
    return sizes + claims + this.#place.contacts.size + this.#joining.known.length + this.#provided.size
  }

  get drops(): Readonly<Partial<Record<string, number>>> {
    return this.#drops ?? {}
  }

  /** Whether we own the point of a key in any reality. */
  owns(key: Key): boolean {
    return this.#place.owns(pointOf(key, this.#config.dimensions), undefined)
  }

  start(): void {
    this.#isRunning = true
    if (this.#place.isEmpty) this.#joining.found()
    const { maintenanceIntervalMs } = this.#config
    if (maintenanceIntervalMs > 0) this.#maintainSoon()
  }

  stop(): void {
    if (!this.#isRunning) return
    this.#handAllOver()
    this.#end()
  }

  addContact(peer: Peer): void {
    if (peer === this.#host.self) return
    this.#joining.remember(peer)
    if (!this.#isRunning) return
    if (!this.isJoined || this.#place.contacts.size === 0) this.#joining.begin()
    else if (this.#place.contacts.get(peer) === undefined) this.#reunion.meet(peer)
  }

  /** Begins with a zone and neighbors as another has computed them: for simulations. Call after `start`. */
  adopt(claims: Claims, neighbors: readonly Acquaintance[]): void {
    this.#place.clear()
    this.#place.set(claims)
    const now = this.#host.now()
    for (const { peer, claims: theirs } of neighbors) this.#place.contacts.add(new Contact(peer, theirs, now))
    this.#hasJoined = true
  }

  /** Tells all neighbors what we own, and asks how far away they are: after `adopt`, if the torus is to live. */
  greet(): void {
    this.#membership.announceSoon()
  }

  lookup(key: Key): RequestId {
    return this.#requests.begin('lookup', key)
  }

  put(record: ValueRecord): RequestId {
    return this.#requests.begin('put', record.key, record)
  }

  get(key: Key): RequestId {
    return this.#requests.begin('get', key)
  }

  provide(key: Key): RequestId {
    this.#provided.add(key, this.#host.now())
    return this.#requests.begin('provide', key)
  }

  stopProviding(key: Key): void {
    this.#provided.delete(key)
  }

  findProviders(key: Key): RequestId {
    return this.#requests.begin('find', key)
  }

  leave(): void {
    if (!this.#isRunning) return
    this.#handAllOver()
    this.#end()
  }

  onMessage(from: Peer, message: Message): void {
    if (!this.#isRunning) return
    const contact = this.#watch.onHeard(from, this.#host.now())
    this.#place.rise(from)
    switch (message.type) {
      case 'Route':
        return this.#arrivals.onRoute(from, message)
      case 'RouteAck':
        return this.#sample(contact, this.#router.onAck(from, message))
      case 'Answer':
        this.#sample(contact, this.#router.onAnswered(message.id, from))
        return this.#requests.onAnswer(from, message)
      case 'Grant':
        this.#membership.onGrant(from, message, this.#joining.isTrying)
        return this.#joining.onGranted()
      case 'GrantAck':
        return this.#membership.onGrantAck(from, message.grant, message.isTaken)
      case 'Update':
        return this.#membership.onUpdate(from, message)
      case 'Ping':
        this.#host.send(from, { type: 'Pong', nonce: message.nonce, version: this.#place.version })
        return this.#compareVersion(from, contact, message.version)
      case 'Pong':
        this.#watch.onPong(from, message.nonce)
        return this.#compareVersion(from, contact, message.version)
      case 'Reassign':
        return this.#reassignment.onReassign(message)
      case 'Volunteer':
        return this.#reassignment.onVolunteer(from, message.reality, message.zone)
      case 'Store':
        return this.#storage.onStore(from, message)
      case 'Stored':
        return this.#storage.onStored(from, message)
      case 'Inventory':
        return this.#storage.onInventory(from, message)
      case 'Want':
        return this.#storage.onWant(from, message.keys)
      case 'Fetch':
        return this.#storage.onFetch(from, message.fetch, message.key)
      case 'Fetched':
        return this.#storage.onFetched(from, message)
    }
  }

  onTimer(timer: number, arg: number): void {
    if (!this.#isRunning) return
    switch (timer) {
      case TIMER_MAINTAIN:
        return this.#maintain()
      case TIMER_HOP:
        return this.#router.onTimer(arg)
      case TIMER_PING:
        return this.#watch.onPingTimer(arg)
      case TIMER_TAKEOVER:
        return this.#watch.onTakeoverTimer(arg)
      case TIMER_GRANT:
        return this.#membership.onGrantTimer(arg)
      case TIMER_ANNOUNCE:
        return this.#membership.onAnnounceTimer()
      case TIMER_JOIN:
        return this.#joining.onTimer(arg)
      case TIMER_REQUEST:
        return this.#requests.onTimer(arg)
      case TIMER_STORE:
        return this.#storage.onTimer(arg)
    }
  }

  onPeerConnected(peer: Peer): void {
    // Contacts are not connections: that one is there says no more than a message from it would.
    if (this.#isRunning) this.#watch.onHeard(peer, this.#host.now())
  }

  /** A connection that breaks is a reason to look whether the peer is there. */
  onPeerDisconnected(peer: Peer): void {
    if (!this.#isRunning) return
    this.#watch.onSilent(peer)
    this.#router.onGone(peer)
  }

  #launch(route: Route, via: Peer | undefined): void {
    if (via === undefined) this.#router.forward(route, this.#host.self, 0)
    else this.#router.send(via, route, this.#host.self, 0)
  }

  #sample(contact: Contact | undefined, rttMs: number | undefined): void {
    if (rttMs !== undefined) contact?.sampleRtt(rttMs)
  }

  /** We do not know what a neighbor owns now, or it takes us for one without reason. */
  #compareVersion(from: Peer, contact: Contact | undefined, version: number): void {
    if (this.#place.isEmpty) return
    if (contact === undefined || contact.version !== version) this.#membership.tell(from, contact !== undefined)
  }

  #onClaimsChanged(): void {
    this.#storage.onChanged()
    this.#isNewsworthy = true
    if (this.#hasJoined || !this.isJoined) return
    this.#hasJoined = true
    this.#host.emit({ type: 'joined' })
  }

  #onContactChanged(): void {
    this.#isListStale = true
    this.#isNewsworthy = true
    this.#storage.onChanged()
  }

  #onLost(peer: Peer): void {
    this.#joining.remember(peer)
    this.#onContactChanged()
  }

  #maintain(): void {
    this.#maintainSoon()
    const now = this.#host.now()
    this.#watch.maintain()
    this.#reassignment.maintain()
    this.#storage.maintain()
    this.#provided.maintain(now)
    if (!this.#place.isComplete && this.#joining.known.length > 0) this.#joining.begin()
    if (this.#isListStale && now - this.#refreshedAt >= this.#config.pingIntervalMs) {
      this.#refreshedAt = now
      this.#isListStale = false
      this.#membership.announceSoon()
    }
    this.#reunion.maintain()
    if (!this.#isNewsworthy) return
    this.#isNewsworthy = false
    this.#host.emit({ type: 'neighborhood-changed' })
  }

  #maintainSoon(): void {
    // Not all at once.
    const delayMs = this.#config.maintenanceIntervalMs * (0.5 + this.#host.random())
    this.#host.setTimer(TIMER_MAINTAIN, delayMs)
  }

  /** Everything we own goes to those beside it (§2.3). */
  #handAllOver(): void {
    const { dimensions } = this.#config
    this.#membership.bequeath((heir, zone) =>
      this.#storage.handOver(heir, ({ key }) => contains(zone, pointOf(key, dimensions)))
    )
  }

  #end(): void {
    this.#isRunning = false
    this.#requests.clear('stopped')
    this.#place.clear()
    this.#router.clear()
    this.#membership.clear()
    this.#watch.clear()
    this.#storage.clear()
    this.#joining.stop()
    this.#provided.clear()
  }

  #drop(reason: DropReason): void {
    this.#drops ??= {}
    this.#drops[reason] = (this.#drops[reason] ?? 0) + 1
  }
}
