import type { Key } from '@servent/keyspace'
import type { Host, Peer } from '@servent/machine'
import type { ProviderRecord, RequestId, StructuredMachine, ValueRecord } from '@servent/records'
import { TIMER_CALL } from './calls.ts'
import { type ChordConfig, checkConfig } from './config.ts'
import { Contacts } from './contacts.ts'
import { Core } from './core.ts'
import type { Drops } from './drops.ts'
import type { ChordEvent } from './events.ts'
import type { FindSuccessor, Found, Message, Stored } from './messages.ts'
import { Published } from './published.ts'
import { Replicator } from './replicator.ts'
import { type Purpose, Requests, type RequestsListener, TIMER_REQUEST } from './requests.ts'
import { MISSES_END, type Performed, Router, type RouterListener, TIMER_ACK } from './router.ts'
import { Stabilizer, type StabilizerListener } from './stabilizer.ts'
import { indexOf, virtualPeer } from './virtual-peer.ts'

const TIMER_STABILIZE = 3
const TIMER_FIX_FINGERS = 4
const TIMER_MERGE = 5
const TIMER_REPAIR = 6
const TIMER_REPUBLISH = 7
const TIMER_JOIN = 8

/** The place of a node in an ideal ring: what `adopt` takes. */
export interface RingPlace {
  readonly predecessor: Peer | undefined
  /** In the order of the ring. */
  readonly successors: readonly Peer[]
  /** finger[160], finger[159], … down to the last that is not the successor. */
  readonly fingers: readonly Peer[]
}

/**
 * One node of a Chord ring.
 *
 * 1. Keys and nodes lie on a ring of 2^160 identifiers; a key belongs to its successor, the first node at or behind it.
 * 2. Nobody's place is what it says: it is computed from who it is (`host.keyOf`).
 * 3. The successor lists make the ring, kept as Zave proved it; fingers make lookups short and are never trusted.
 * 4. A node that knows nobody is a ring of one and answers for every key.
 */
export class ChordNode implements StructuredMachine<Message>, StabilizerListener, RouterListener, RequestsListener {
  readonly #core: Core
  readonly #stabilizer: Stabilizer
  readonly #router: Router
  readonly #requests: Requests
  readonly #replicator: Replicator
  readonly #contacts: Contacts
  #published: Published | undefined
  #isRunning = false
  #isJoined = false
  /** Whether contacts are tried, one after the other, until one lets us join. */
  #isJoining = false
  #nextFinger = 0
  /** Whether fingers are looked up one after the other, without waiting in between. */
  #isFillingFingers = false

  constructor(host: Host<Message, ChordEvent>, config: Readonly<ChordConfig>) {
    checkConfig(config)
    this.#core = new Core(host, config)
    this.#stabilizer = new Stabilizer(this.#core, this)
    this.#router = new Router(this.#core, this)
    this.#requests = new Requests(this.#core, this.#router, this)
    this.#replicator = new Replicator(this.#core, this.#router)
    this.#contacts = new Contacts(config.contactsMax, config.lostMax)
  }

  get isJoined(): boolean {
    return this.#isJoined
  }

  /** Predecessor and successors, without repeats. */
  get neighbors(): readonly Peer[] {
    const { predecessor, successors } = this.#core.ring
    return predecessor === undefined || successors.includes(predecessor) ? successors : [predecessor, ...successors]
  }

  get predecessor(): Peer | undefined {
    return this.#core.ring.predecessor
  }

  get successors(): readonly Peer[] {
    return this.#core.ring.successors
  }

  /** finger[160] first; undefined where none is known yet. */
  get fingers(): readonly (Peer | undefined)[] {
    return this.#core.ring.fingers
  }

  get drops(): Readonly<Drops> {
    return this.#core.drops
  }

  /** Records that are kept for others. */
  get recordCount(): number {
    return this.#replicator.size
  }

  /** Everything that is remembered, in entries. */
  get stateSize(): number {
    const { ring, calls, suspectCount } = this.#core
    const tables = ring.size + calls.size + suspectCount + this.#contacts.size
    const requests = this.#requests.size + this.#router.relayedCount + this.#replicator.copyingCount
    return tables + requests + this.#replicator.size + (this.#published?.size ?? 0)
  }

  /** Whether a value is kept here. */
  holds(key: Key): boolean {
    return this.#replicator.value(key) !== undefined
  }

  start(): void {
    this.#isRunning = true
    const { config } = this.#core
    this.#core.setJitteredTimer(TIMER_STABILIZE, config.stabilizeIntervalMs)
    this.#core.setJitteredTimer(TIMER_FIX_FINGERS, config.fixFingersIntervalMs)
    this.#core.setJitteredTimer(TIMER_MERGE, config.mergeIntervalMs)
    this.#core.setJitteredTimer(TIMER_REPAIR, config.repairIntervalMs)
    this.#core.setJitteredTimer(TIMER_REPUBLISH, config.republishIntervalMs)
  }

  /** Leaves, if that has not been done. */
  stop(): void {
    this.leave()
    this.#isRunning = false
    this.#core.calls.clear()
    this.#router.clear()
    this.#replicator.clear()
  }

  addContact(peer: Peer): void {
    if (peer === this.#core.host.self) return
    this.#contacts.add(peer)
    if (!this.#isRunning) return
    const { successors } = this.#core.ring
    // In a ring that is smaller than a successor list, a stranger may be from another one; in a larger one time will tell.
    const isStranger = successors.length < this.#core.config.successorsMax && !successors.includes(peer)
    if (this.#isJoined) {
      if (isStranger) this.#merge(peer)
    } else if (!this.#isJoining && this.#core.ring.successor === undefined) {
      this.#join()
    }
  }

  lookup(key: Key): RequestId {
    return this.#requests.start(key, { kind: 'lookup' }, { kind: 'lookup' })
  }

  put(record: ValueRecord): RequestId {
    this.#remember().addValue(record, this.#core.host.now())
    return this.#requests.start(record.key, { kind: 'put', record }, { kind: 'put' })
  }

  get(key: Key): RequestId {
    return this.#requests.start(key, { kind: 'get' }, { kind: 'get' })
  }

  provide(key: Key): RequestId {
    this.#remember().addProvided(key)
    return this.#provide(key)
  }

  stopProviding(key: Key): void {
    this.#published?.removeProvided(key)
  }

  findProviders(key: Key): RequestId {
    return this.#requests.start(key, { kind: 'providers' }, { kind: 'find' })
  }

  leave(): void {
    const { ring, host } = this.#core
    this.#requests.stop()
    if (!this.#isRunning) return
    this.#replicator.leave()
    const { predecessor, successor } = ring
    if (predecessor !== undefined) host.send(predecessor, { type: 'Leave' })
    if (successor !== undefined && successor !== predecessor) host.send(successor, { type: 'Leave' })
    ring.set(undefined, [], [])
    this.#isRunning = false
    this.#isJoined = false
    this.#isJoining = false
  }

  /** Takes a place in the ring without joining: for worlds that build one in one go. */
  adopt({ predecessor, successors, fingers }: RingPlace): void {
    this.#core.ring.set(predecessor, successors, fingers)
    this.#isJoined = true
  }

  onMessage(from: Peer, message: Message): void {
    if (!this.#isRunning) return
    this.#core.trust(from)
    switch (message.type) {
      case 'Virtual':
        return message.to === indexOf(this.#core.host.self)
          ? this.onMessage(virtualPeer(from, message.from), message.message)
          : this.#core.drop('no-such-node')
      case 'FindSuccessor':
        return this.#router.onFindSuccessor(from, message)
      case 'Ack':
        if (this.#core.calls.answered(message.call, from) === undefined) this.#core.drop('unasked')
        return
      case 'Found':
        return this.#router.onFound(from, message)
      case 'GetNextHop':
        return this.#router.onGetNextHop(from, message)
      case 'NextHop': {
        const call = this.#core.calls.answered(message.call, from)
        return call?.kind === 'next-hop' ? this.#requests.onNextHop(call, message) : this.#core.drop('unasked')
      }
      case 'Stabilize':
        return this.lets(from) ? this.#stabilizer.onStabilize(from, message) : this.#core.drop('not-joined')
      case 'Neighbors':
        return this.isMember || message.call !== 0
          ? this.#stabilizer.onNeighbors(from, message)
          : this.#core.drop('not-joined')
      case 'Ping':
        return this.#core.host.send(from, { type: 'Ack', call: message.call })
      case 'Leave':
        return this.#stabilizer.onLeave(from)
      case 'Store':
        return this.#replicator.onStore(from, message)
      case 'Stored':
        return this.#onStored(from, message)
      case 'Offer':
        return this.#replicator.onOffer(from, message)
      case 'Want':
        return this.#replicator.onWant(from, message)
    }
  }

  onTimer(timer: number, arg: number): void {
    if (!this.#isRunning) return
    const { config } = this.#core
    switch (timer) {
      case TIMER_CALL:
        return this.#onCallExpired(arg)
      case TIMER_REQUEST:
        return this.#requests.onTimer(arg)
      case TIMER_STABILIZE:
        this.#core.setJitteredTimer(TIMER_STABILIZE, config.stabilizeIntervalMs)
        return this.#stabilizer.stabilize()
      case TIMER_FIX_FINGERS:
        this.#core.setJitteredTimer(TIMER_FIX_FINGERS, config.fixFingersIntervalMs)
        return this.#fixFingers()
      case TIMER_MERGE: {
        this.#core.setJitteredTimer(TIMER_MERGE, config.mergeIntervalMs)
        const peer = this.#contacts.pick(() => this.#core.host.random())
        return this.#isJoined && peer !== undefined ? this.#merge(peer) : undefined
      }
      case TIMER_REPAIR:
        this.#core.setJitteredTimer(TIMER_REPAIR, config.repairIntervalMs)
        return this.#replicator.repair()
      case TIMER_REPUBLISH:
        this.#core.setJitteredTimer(TIMER_REPUBLISH, config.republishIntervalMs)
        return this.#republish()
      case TIMER_ACK:
        return this.#router.onAckDue(arg)
      case TIMER_JOIN:
        if (this.#isJoining) this.#join()
    }
  }

  onPeerConnected(_peer: Peer): void {
    // Contacts are no connections: nothing follows from there being one.
  }

  onPeerDisconnected(_peer: Peer): void {
    // Nor from its end: connections come and go with a budget. Who is dead is found by asking.
  }

  // What the parts tell.

  get isMember(): boolean {
    return this.#core.ring.successor !== undefined || !this.#isJoining
  }

  lets(peer: Peer): boolean {
    // Two that have nobody but each other join through each other: both begin as a ring of one.
    return this.isMember || this.#contacts.has(peer)
  }

  get contact(): Peer | undefined {
    return this.#core.ring.successor === undefined && this.#isJoining ? this.#contacts.first : undefined
  }

  perform(request: FindSuccessor, from: Peer | undefined): Performed {
    const { ring, host } = this.#core
    const { operation, key, misses } = request
    const isLast = misses >= MISSES_END || ring.successor === undefined
    switch (operation.kind) {
      case 'lookup':
        return { kind: 'responsible', peer: host.self, replicas: [] }
      case 'replicas':
        return { kind: 'responsible', peer: host.self, replicas: this.#replicator.holders }
      case 'join':
        return { kind: 'members', peer: host.self, successors: ring.successors }
      case 'get': {
        const value = this.#replicator.value(key)
        return value === undefined && !isLast ? 'next' : { kind: 'value', value }
      }
      case 'providers': {
        const peers = this.#replicator.providers(key)
        return peers.length === 0 && !isLast ? 'next' : { kind: 'providers', peers }
      }
      case 'put':
        return this.#replicator.put(request, operation.record, from) ?? 'later'
    }
  }

  onFound(found: Found): boolean {
    return this.#requests.onFound(found)
  }

  onStuck(id: RequestId): void {
    this.#requests.onStuck(id)
  }

  onPlaced(): void {
    if (this.#isJoined) return
    this.#isJoined = true
    this.#isJoining = false
    this.#core.host.emit({ type: 'joined' })
    if (this.#core.config.fixFingersIntervalMs > 0) this.#fillFingers()
  }

  onSuccessorsChanged(before: readonly Peer[]): void {
    this.#replicator.onSuccessorsChanged(before)
    this.#core.host.emit({ type: 'neighborhood-changed' })
  }

  onPredecessorChanged(before: Peer | undefined): void {
    this.#replicator.onPredecessorChanged(before)
    this.#core.host.emit({ type: 'neighborhood-changed' })
  }

  onLost(peer: Peer): void {
    this.#contacts.addLost(peer)
  }

  onAlone(): void {
    const peer = this.#contacts.pick(() => this.#core.host.random())
    if (peer === undefined) return
    this.#isJoined = false
    this.#contacts.add(peer)
    this.#join()
  }

  onFinger(place: number, peer: Peer): void {
    this.#core.ring.setFinger(place, peer)
    if (this.#isFillingFingers) this.#fixFingers()
  }

  /** A contact's ring has told where our place is in it. */
  onMembers(kind: 'join' | 'merge', contact: Peer, predecessor: Peer, successors: readonly Peer[]): void {
    const { ring, host } = this.#core
    const others = successors.filter((peer) => peer !== host.self)
    const successor = others[0] ?? predecessor
    if (successor === host.self) return
    if (kind === 'merge') {
      if (ring.isBeforeSuccessor(successor)) this.#stabilizer.consider(successor)
      else this.#contacts.removeLost(contact)
      return
    }
    // Join (Zave): the member's whole list. It is before us, and alive, so it is our predecessor.
    if (ring.successor === undefined) {
      ring.adopt(successor, others.slice(1))
      if (predecessor !== host.self) ring.predecessor ??= predecessor
    }
    this.#stabilizer.stabilize()
  }

  onFailed(purpose: Purpose, wasSent: boolean): void {
    if (purpose.kind === 'finger') this.#isFillingFingers = false
    // The next contact may be alive. With one alone it is tried again when it is time.
    const isNextOther = purpose.kind === 'join' && this.#contacts.first !== purpose.contact
    if (wasSent && this.#isJoining && isNextOther) this.#askToJoin()
  }

  keepOwn(record: ProviderRecord): boolean {
    return this.#replicator.keep(record, this.#core.host.self) === undefined
  }

  // What only the node as a whole does.

  #onCallExpired(id: number): void {
    const call = this.#core.calls.expired(id)
    switch (call?.kind) {
      case 'stabilize':
        return this.#stabilizer.onStabilizeExpired(call)
      case 'ping':
        return this.#stabilizer.onPingExpired(call)
      case 'forward':
        if (!this.#requests.onFinalExpired(call)) this.#router.onForwardExpired(call)
        return
      case 'next-hop':
        return this.#requests.onNextHopExpired(call)
      case 'store':
        if (!this.#requests.onStored(call, undefined)) this.#replicator.onStored(call, undefined)
    }
  }

  #onStored(from: Peer, message: Stored): void {
    const call = this.#core.calls.answered(message.call, from)
    if (call?.kind !== 'store') return this.#core.drop('unasked')
    if (!this.#requests.onStored(call, message)) this.#replicator.onStored(call, message)
  }

  /** Joins through the contact whose turn it is, and sees to it that there is another try. */
  #join(): void {
    const { host, config, ring } = this.#core
    if (this.#contacts.first === undefined) return
    this.#isJoining = true
    host.setTimer(TIMER_JOIN, config.joinTimeoutMs * (0.5 + host.random()))
    if (ring.successor !== undefined) this.#stabilizer.stabilize()
    else this.#askToJoin()
  }

  #askToJoin(): void {
    const { host, ring } = this.#core
    const contact = this.#contacts.first
    if (contact === undefined || ring.successor !== undefined) return
    this.#contacts.turn()
    this.#requests.start(host.keyOf(host.self), { kind: 'join' }, { kind: 'join', contact })
  }

  /** Asks a peer for our place in its ring: if that is not ours, there are two. */
  #merge(contact: Peer): void {
    const { host } = this.#core
    this.#requests.start(host.keyOf(host.self), { kind: 'join' }, { kind: 'merge', contact })
  }

  #fillFingers(): void {
    this.#isFillingFingers = true
    this.#nextFinger = 0
    this.#fixFingers()
  }

  /** n.fix_fingers(): looks the next finger up anew. Those that our successor list reaches need no message. */
  #fixFingers(): void {
    const { ring } = this.#core
    if (!this.#isJoined || ring.successor === undefined) return
    if (!ring.isFingerNeeded(this.#nextFinger)) {
      ring.cutFingers(this.#nextFinger)
      this.#nextFinger = 0
      if (this.#isFillingFingers) {
        this.#isFillingFingers = false
        return
      }
      if (!ring.isFingerNeeded(0)) return
    }
    const place = this.#nextFinger++
    const start = ring.fingerStart(place)
    const [known] = ring.successorsBehind(start, 1)
    if (known !== undefined) this.onFinger(place, known)
    else this.#requests.start(start, { kind: 'lookup' }, { kind: 'finger', place })
  }

  #republish(): void {
    if (this.#published === undefined || !this.#isJoined) return
    for (const record of this.#published.values(this.#core.host.now())) {
      this.#requests.start(record.key, { kind: 'put', record }, { kind: 'put' })
    }
    for (const key of this.#published.provided) this.#provide(key)
  }

  #provide(key: Key): RequestId {
    const { host, config } = this.#core
    const record: ProviderRecord = { type: 'provider', key, peer: host.self, ttlMs: config.provideTtlMs }
    return this.#requests.start(key, { kind: 'replicas' }, { kind: 'provide', record })
  }

  #remember(): Published {
    this.#published ??= new Published(this.#core.config.publishedMax)
    return this.#published
  }
}
