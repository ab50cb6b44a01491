import { type Key, keysEqual } from '@servent/keyspace'
import { type Host, type Peer, pick } from '@servent/machine'
import type { RequestId, StructuredEvent, StructuredMachine, ValueRecord } from '@servent/records'
import { Archive } from './archive.ts'
import type { PastryConfig } from './config.ts'
import type { DropReason, Drops } from './drops.ts'
import { Joining } from './joining.ts'
import { Liveness, type Why } from './liveness.ts'
import type { Message, Pong, Route } from './messages.ts'
import type { Node } from './node.ts'
import { Published } from './published.ts'
import { Requests } from './requests.ts'
import { Rounds } from './rounds.ts'
import { Routes, type Source } from './routes.ts'
import { type ReadyTables, Tables } from './tables.ts'
import {
  TIMER_HOP,
  TIMER_JOIN,
  TIMER_LEAF_SET,
  TIMER_MEET,
  TIMER_PROBE,
  TIMER_REPLICATE,
  TIMER_REPUBLISH,
  TIMER_REQUEST,
  TIMER_ROUND,
  TIMER_SECOND_STAGE,
  TIMER_TABLE,
} from './timers.ts'
import { Upkeep } from './upkeep.ts'

/** Ours: a node that has just come looks for other parts so much sooner, and then half as often each time. */
const FIRST_MEETS = 16

/**
 * A Pastry node (Rowstron and Druschel, Middleware 2001) that stores records as PAST does.
 *
 * 1. A message comes closer to its key with each hop, and passes no node twice: it arrives.
 * 2. Where a node is, its key tells, which we compute: no message says it.
 * 3. Only who was heard from itself enters the leaf set; who was only heard of is asked first.
 * 4. Every message that waits for something has a deadline, and every table a bound.
 */
export class Pastry implements StructuredMachine<Message>, Node {
  readonly host: Host<Message, StructuredEvent>
  readonly config: Readonly<PastryConfig>
  readonly liveness: Liveness
  readonly tables: Tables
  readonly #routes: Routes
  readonly #rounds: Rounds
  readonly #archive: Archive
  readonly #requests: Requests
  readonly #joining: Joining
  readonly #upkeep: Upkeep
  readonly #published: Published
  #drops: Partial<Record<DropReason, number>> | undefined
  #meetIntervalMs = 0
  #isRunning = false
  #isJoined = false

  constructor(host: Host<Message, StructuredEvent>, config: Readonly<PastryConfig>) {
    this.host = host
    this.config = config
    this.liveness = new Liveness(host, config)
    this.tables = new Tables(host, config, this.liveness)
    this.#routes = new Routes(this, {
      onArrived: (message, source) => this.#onArrived(message, source),
      onOwnAnswer: (request, answer) => this.#requests.onAnswer(request, answer),
    })
    this.#rounds = new Rounds(this)
    this.#archive = new Archive(this, this.#rounds, this.#routes)
    this.#requests = new Requests(this, { routes: this.#routes, rounds: this.#rounds, archive: this.#archive })
    this.#joining = new Joining(this, {
      sendThrough: (contact, type) => this.#sendThrough(contact, type),
      heardOf: (peer, isNear) => this.#heardOf(peer, isNear),
      learn: (peer) => this.#learn(peer, false),
      joined: () => this.#onJoined(),
    })
    this.#upkeep = new Upkeep(this, (peer) => this.#heardOf(peer, false))
    this.#published = new Published(config.publishedMax)
  }

  /** Whether we have our place. A node that knows nobody is a ring of its own, and has it. */
  get isJoined(): boolean {
    return this.#isJoined
  }

  get neighbors(): readonly Peer[] {
    return this.tables.leafSet.members
  }

  get drops(): Drops {
    return this.#drops ?? {}
  }

  /** Peers that a link is open to. */
  get linked(): readonly Peer[] {
    return this.liveness.linked
  }

  /** How much is remembered beside the tables, all parts together. */
  get memorySize(): number {
    const parts = [
      this.liveness,
      this.#routes,
      this.#rounds,
      this.#archive,
      this.#requests,
      this.#joining,
      this.#upkeep,
    ]
    return parts.reduce((sum, { size }) => sum + size, this.#published.size)
  }

  start(): void {
    const { config } = this
    this.#isRunning = true
    this.#isJoined = true
    this.#upkeep.again(TIMER_LEAF_SET, config.leafSetIntervalMs)
    this.#upkeep.again(TIMER_TABLE, config.tableIntervalMs)
    this.#meetIntervalMs = config.meetIntervalMs / FIRST_MEETS
    this.#upkeep.again(TIMER_MEET, this.#meetIntervalMs)
    this.#upkeep.again(TIMER_REPUBLISH, config.republishIntervalMs)
    this.#joinIfAlone()
  }

  stop(): void {
    this.leave()
    this.#isRunning = false
    this.liveness.clear()
  }

  addContact(peer: Peer): void {
    this.#joining.addContact(peer)
    if (!this.#isRunning) return
    if (this.#isAlone) this.#joinIfAlone()
    else if (this.#isJoined && !this.tables.has(peer)) this.liveness.probe(peer, 'stranger')
  }

  /** Takes a place that is known to be right, without joining: how an experiment with very many nodes begins. */
  adopt({ smaller, larger, slots, neighborhood = [] }: ReadyTables): void {
    this.tables.leafSet.adopt(smaller, larger)
    this.tables.routingTable.adopt(slots)
    for (const peer of neighborhood) this.tables.enter(peer)
    this.#isJoined = true
  }

  lookup(key: Key): RequestId {
    return this.#requests.begin('lookup', key, { type: 'lookup' })
  }

  put(record: ValueRecord): RequestId {
    this.#published.putValue(record, this.host.now())
    return this.#requests.begin('put', record.key, { type: 'put', record })
  }

  get(key: Key): RequestId {
    return this.#requests.begin('get', key, { type: 'get' })
  }

  provide(key: Key): RequestId {
    this.#published.provide(key)
    return this.#requests.begin('provide', key, { type: 'locate' })
  }

  stopProviding(key: Key): void {
    this.#published.stopProviding(key)
  }

  findProviders(key: Key): RequestId {
    return this.#requests.begin('find', key, { type: 'find-providers' })
  }

  leave(): void {
    if (this.#isJoined) {
      this.#archive.handOver()
      for (const peer of this.tables.everyone) this.host.send(peer, { type: 'Leave' })
    }
    for (const peer of this.tables.everyone) this.tables.forget(peer)
    this.#isJoined = false
    this.#requests.clear()
    for (const part of [this.#routes, this.#rounds, this.#archive, this.#joining, this.#upkeep, this.#published])
      part.clear()
  }

  /** The value that this node keeps for others under a key; not one that only came by. */
  kept(key: Key): ValueRecord | undefined {
    return this.#archive.kept(key)
  }

  drop(reason: DropReason): void {
    this.#drops ??= {}
    this.#drops[reason] = (this.#drops[reason] ?? 0) + 1
  }

  onPeerConnected(peer: Peer): void {
    this.liveness.onLinked(peer)
  }

  /** A link to one next to us is kept; whoever does not take it up again is gone. Others may have let go of it. */
  onPeerDisconnected(peer: Peer): void {
    this.liveness.onUnlinked(peer)
    if (this.#isJoined && this.#upkeep.isKept(peer)) this.liveness.probe(peer, 'overdue')
  }

  onTimer(timer: number, arg: number): void {
    if (!this.#isRunning) return
    switch (timer) {
      case TIMER_HOP:
        return this.#routes.onTimer(arg)
      case TIMER_REQUEST:
        return this.#requests.onTimer(arg)
      case TIMER_PROBE:
        return this.#onProbeTimer(arg)
      case TIMER_ROUND:
        return this.#rounds.onTimer(arg)
      case TIMER_JOIN:
        return this.#onJoinTimer(arg)
      case TIMER_SECOND_STAGE:
        return this.#joining.onSecondStageTimer(arg)
      case TIMER_LEAF_SET:
        // A ring of one goes on as it is while it looks for others.
        if (this.#isAlone) this.#joining.begin()
        return this.#upkeep.onLeafSetTimer()
      case TIMER_TABLE:
        return this.#upkeep.onTableTimer()
      case TIMER_MEET:
        return this.#onMeetTimer()
      case TIMER_REPLICATE:
        return this.#archive.onReplicateTimer()
      case TIMER_REPUBLISH:
        return this.#onRepublishTimer()
    }
  }

  onMessage(from: Peer, message: Message): void {
    const { type } = message
    const why = this.liveness.heard(from, type === 'Pong' || type === 'LeafSet' || type === 'Row')
    switch (type) {
      case 'Route':
        return this.#onRoute(from, message)
      case 'Ack':
        return this.#routes.onAck(from, message.id)
      case 'Answer': {
        const route = this.#routes.onAnswer(from, message)
        if (route !== undefined) this.#archive.passing(route.key, message.outcome)
        return
      }
      case 'State':
        return this.#joining.onState(from, message)
      case 'Ping':
        return this.host.send(from, { type: 'Pong', nonce: message.nonce, isJoined: this.#isJoined })
      case 'Pong':
        return this.#onPong(from, message, why)
      case 'Stored':
        return this.#rounds.onStored(from, message)
      case 'Fetched':
        return this.#rounds.onFetched(from, message)
      default:
        if (!this.#isJoined) return this.drop('not-joined')
        this.#onMessageToMember(from, message)
    }
  }

  /** Messages that only a node with a place can do something about. */
  #onMessageToMember(from: Peer, message: Message): void {
    switch (message.type) {
      case 'StateRequest':
        return this.#joining.onStateRequest(from, message)
      case 'Announce':
        // One that is far away only wants a place in our table.
        if (!message.leafSet.includes(this.host.self)) return this.#learn(from, false)
        this.#onLeafSet(from, message.leafSet)
        return this.host.send(from, { type: 'LeafSet', leafSet: this.tables.leafSet.members })
      case 'LeafSetRequest':
        this.#upkeep.doubt(from, message.leafSet)
        this.#onLeafSet(from, message.leafSet)
        return this.host.send(from, { type: 'LeafSet', leafSet: this.tables.leafSet.members })
      case 'LeafSet':
        return this.#onLeafSet(from, message.leafSet)
      case 'RowRequest':
        return this.#upkeep.onRowRequest(from, message)
      case 'Row':
        return this.#upkeep.onRow(from, message)
      case 'Failed':
        return this.#onFailed(from, message.peer)
      case 'Leave':
        this.liveness.leave(from)
        return this.#forget({ peer: from, isFirstHand: false })
      case 'Store':
        return this.#archive.onStore(from, message)
      case 'Fetch':
        return this.#archive.onFetch(from, message)
    }
  }

  #onRoute(from: Peer, message: Route): void {
    const { id, path } = message
    const isJoin = message.payload.type === 'join' || message.payload.type === 'meet'
    const reason = this.#refusalOf(from, message, isJoin)
    if (reason !== undefined) return this.drop(reason)
    const isDuplicate = this.#routes.has(id)
    // Whoever joins keeps no books of messages under way: it waits for state, not for this.
    const ack = () => {
      if (!isJoin || path.length > 1) this.host.send(from, { type: 'Ack', id })
    }
    if (isDuplicate) {
      this.drop('duplicate')
      return ack()
    }
    const source = { peer: from }
    if (this.#archive.isResponsibleFor(message)) {
      if (message.payload.type === 'put') ack()
      return this.#archive.arrived(message, source)
    }
    this.#routes.pass(message, source)
    if (isJoin || this.#routes.has(id)) ack()
    if (message.payload.type === 'join' && this.#routes.has(id)) this.#joining.passing(message, false)
  }

  #refusalOf(from: Peer, message: Route, isJoin: boolean): DropReason | undefined {
    const { key, path, payload } = message
    const [origin] = path
    if (origin === undefined || path.at(-1) !== from) return 'forged-path'
    if (isJoin && !keysEqual(key, this.host.keyOf(origin))) return 'forged-join'
    if (payload.type === 'put' && !keysEqual(key, payload.record.key)) return 'wrong-key'
    if (path.length > this.config.hopsMax) return 'too-many-hops'
    if (path.includes(this.host.self)) return 'routing-loop'
    if (this.#routes.isFull) return 'too-many-routes'
    if (this.#isJoined) return undefined
    if (payload.type !== 'join') return 'not-joined'
    if (this.#joining.giveWay(origin)) this.#isJoined = true
    else this.#joining.letWait(message)
    return this.#isJoined ? undefined : 'not-joined'
  }

  /** Nobody known is closer to the key. */
  #onArrived(message: Route, source: Source): void {
    const { type } = message.payload
    if (type === 'join' || type === 'meet') this.#joining.passing(message, true)
    else this.#archive.arrived(message, source)
  }

  #onPong(from: Peer, { isJoined }: Pong, why: Why | undefined): void {
    if (why === undefined || !this.#isJoined) return
    // A node that has lost its place, or never had one, is no contact.
    if (isJoined) this.#learn(from, why === 'said-near')
    else this.#forget({ peer: from, isFirstHand: true })
  }

  #onLeafSet(from: Peer, leafSet: readonly Peer[]): void {
    this.#learn(from, true)
    for (const peer of leafSet) this.#heardOf(peer, true)
  }

  /** Someone next to us says that another one next to us is gone. */
  #onFailed(from: Peer, peer: Peer): void {
    const { leafSet } = this.tables
    if (!leafSet.has(from)) return this.drop('not-a-neighbor')
    if (leafSet.has(peer)) this.liveness.probe(peer, 'said-gone')
  }

  #onProbeTimer(nonce: number): void {
    const departed = this.liveness.onTimer(nonce)
    if (departed === undefined) return
    this.#joining.addLost(departed.peer)
    if (this.#isJoined) this.#forget(departed)
  }

  #onJoinTimer(attempt: number): void {
    this.#joining.onTimer(attempt)
    if (this.#joining.isJoining || this.#isJoined) return
    this.#isJoined = true
    this.#serveWaiting()
  }

  #serveWaiting(): void {
    for (const join of this.#joining.takeWaiting()) this.#onRoute(join.path.at(-1) as Peer, join)
  }

  /** A peer that we lost, or were told of, may be in another part of the overlay: it is asked who is next to us there. */
  #onMeetTimer(): void {
    this.#meetIntervalMs = Math.min(this.config.meetIntervalMs, 2 * this.#meetIntervalMs)
    this.#upkeep.again(TIMER_MEET, this.#meetIntervalMs)
    const stranger = pick(() => this.host.random(), this.#joining.strangers)
    if (this.#isJoined && stranger !== undefined) this.#sendThrough(stranger, 'meet')
  }

  #onRepublishTimer(): void {
    this.#upkeep.again(TIMER_REPUBLISH, this.config.republishIntervalMs)
    if (!this.#isJoined) return
    this.#archive.refresh()
    for (const publication of this.#published.due(this.host.now())) {
      const { key } = publication
      if (publication.type === 'provide') this.#requests.begin('provide', key, { type: 'locate' }, true)
      else this.#requests.begin('put', key, { type: 'put', record: publication.record }, true)
    }
  }

  get #isAlone(): boolean {
    return this.tables.leafSet.members.length === 0
  }

  #joinIfAlone(): void {
    if (!this.#isAlone) return
    this.#joining.begin()
    if (this.#joining.isJoining) this.#isJoined = false
  }

  #onJoined(): void {
    this.#isJoined = true
    this.host.emit({ type: 'joined' })
    this.#serveWaiting()
    this.host.emit({ type: 'neighborhood-changed' })
  }

  #sendThrough(contact: Peer, type: 'join' | 'meet'): number {
    const { host } = this
    const id = 1 + Math.floor(host.random() * (2 ** 48 - 1))
    const key = host.keyOf(host.self)
    host.send(contact, { type: 'Route', id, key, timeouts: 0, path: [host.self], payload: { type } })
    return id
  }

  /** A peer is there and has its place: it goes wherever it fits. */
  #learn(peer: Peer, isNear: boolean): void {
    if (this.tables.learn(peer, isNear)) this.#onLeafSetChanged()
  }

  /**
   * Others know this peer. It may be routed to; before it is next to us it has to say something itself.
   *
   * @param isNear - whether those next to us say that it is next to them
   */
  #heardOf(peer: Peer, isNear: boolean): void {
    if (peer === this.host.self || this.liveness.isGone(peer)) return
    this.tables.enter(peer)
    if (!this.#isJoined || !this.tables.leafSet.wouldTake(peer, isNear)) return
    if (!this.liveness.probe(peer, isNear ? 'said-near' : 'stranger')) this.drop('too-many-probes')
  }

  #forget(departed: { readonly peer: Peer; readonly isFirstHand: boolean }): void {
    const { wasLeaf, row } = this.tables.forget(departed.peer)
    this.#upkeep.repair(departed, wasLeaf, row)
    if (wasLeaf) this.#onLeafSetChanged()
  }

  #onLeafSetChanged(): void {
    if (this.#isJoined && this.config.leafSetIntervalMs > 0) this.#upkeep.onLeafSetChanged()
    this.#archive.onLeafSetChanged()
    this.host.emit({ type: 'neighborhood-changed' })
  }
}
