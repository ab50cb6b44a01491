import type { Key } from '@servent/keyspace'
import type { Host, Peer } from '@servent/machine'
import type { ProviderRecord, RequestId, StructuredMachine, ValueRecord } from '@servent/records'
import { TIMER_CALL } from './calls.ts'
import { type ChordConfig, checkConfig } from './config.ts'
import { Core } from './core.ts'
import type { Drops } from './drops.ts'
import type { ChordEvent } from './events.ts'
import { FingerFixer } from './finger-fixer.ts'
import { Joining, TIMER_JOIN } from './joining.ts'
import type { FindSuccessor, Found, Message, Stored } from './messages.ts'
import { Publisher } from './publisher.ts'
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
  readonly #joining: Joining
  readonly #fingers: FingerFixer
  readonly #publisher: Publisher
  #isRunning = false

  constructor(host: Host<Message, ChordEvent>, config: Readonly<ChordConfig>) {
    checkConfig(config)
    this.#core = new Core(host, config)
    this.#stabilizer = new Stabilizer(this.#core, this)
    this.#router = new Router(this.#core, this)
    this.#requests = new Requests(this.#core, this.#router, this)
    this.#replicator = new Replicator(this.#core, this.#router)
    this.#joining = new Joining(this.#core, this.#stabilizer, this.#requests)
    this.#fingers = new FingerFixer(this.#core, this.#joining, this.#requests)
    this.#publisher = new Publisher(this.#core, this.#requests)
  }

  get isJoined(): boolean {
    return this.#joining.isJoined
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
    const tables = ring.size + calls.size + suspectCount + this.#joining.size
    const requests = this.#requests.size + this.#router.relayedCount + this.#replicator.copyingCount
    return tables + requests + this.#replicator.size + this.#publisher.size
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
    this.#joining.addContact(peer, this.#isRunning)
  }

  lookup(key: Key): RequestId {
    return this.#requests.start(key, { kind: 'lookup' }, { kind: 'lookup' })
  }

  put(record: ValueRecord): RequestId {
    return this.#publisher.put(record)
  }

  get(key: Key): RequestId {
    return this.#requests.start(key, { kind: 'get' }, { kind: 'get' })
  }

  provide(key: Key): RequestId {
    return this.#publisher.provide(key)
  }

  stopProviding(key: Key): void {
    this.#publisher.stopProviding(key)
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
    this.#joining.leave()
  }

  /** Takes a place in the ring without joining: for worlds that build one in one go. */
  adopt({ predecessor, successors, fingers }: RingPlace): void {
    this.#core.ring.set(predecessor, successors, fingers)
    this.#joining.adopt()
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
        return this.#fingers.fixFingers()
      case TIMER_MERGE:
        this.#core.setJitteredTimer(TIMER_MERGE, config.mergeIntervalMs)
        return this.#joining.onMergeTimer()
      case TIMER_REPAIR:
        this.#core.setJitteredTimer(TIMER_REPAIR, config.repairIntervalMs)
        return this.#replicator.repair()
      case TIMER_REPUBLISH:
        this.#core.setJitteredTimer(TIMER_REPUBLISH, config.republishIntervalMs)
        return this.isJoined ? this.#publisher.republish() : undefined
      case TIMER_ACK:
        return this.#router.onAckDue(arg)
      case TIMER_JOIN:
        return this.#joining.onTimer()
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
    return this.#joining.isMember
  }

  lets(peer: Peer): boolean {
    return this.#joining.lets(peer)
  }

  get contact(): Peer | undefined {
    return this.#joining.contact
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
    if (this.#joining.onPlaced() && this.#core.config.fixFingersIntervalMs > 0) this.#fingers.fill()
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
    this.#joining.onLost(peer)
  }

  onAlone(): void {
    this.#joining.onAlone()
  }

  onFinger(place: number, peer: Peer): void {
    this.#fingers.onFinger(place, peer)
  }

  onMembers(kind: 'join' | 'merge', contact: Peer, predecessor: Peer, successors: readonly Peer[]): void {
    this.#joining.onMembers(kind, contact, predecessor, successors)
  }

  onFailed(purpose: Purpose, wasSent: boolean): void {
    if (purpose.kind === 'finger') this.#fingers.onFailed()
    this.#joining.onFailed(purpose, wasSent)
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
}
