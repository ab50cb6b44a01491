import type { Key } from '@servent/keyspace'
import type { Host, Peer } from '@servent/machine'
import type { RequestId, StructuredEvent, StructuredMachine, ValueRecord } from '@servent/records'
import { Archive } from './archive.ts'
import type { PastryConfig } from './config.ts'
import type { DropReason, Drops } from './drops.ts'
import { Forwarding } from './forwarding.ts'
import { Joining } from './joining.ts'
import { Liveness, type Why } from './liveness.ts'
import { Meeting } from './meeting.ts'
import type { Message, Pong } from './messages.ts'
import type { Node } from './node.ts'
import { Publisher } from './publisher.ts'
import { Requests } from './requests.ts'
import { Rounds } from './rounds.ts'
import { Routes } from './routes.ts'
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
  readonly #forwarding: Forwarding
  readonly #upkeep: Upkeep
  readonly #meeting: Meeting
  readonly #publisher: Publisher
  #drops: Partial<Record<DropReason, number>> | undefined
  #isRunning = false
  #isJoined = false

  constructor(host: Host<Message, StructuredEvent>, config: Readonly<PastryConfig>) {
    this.host = host
    this.config = config
    this.liveness = new Liveness(host, config)
    this.tables = new Tables(host, config, this.liveness)
    this.#routes = new Routes(this, {
      onArrived: (message, source) => this.#forwarding.deliver(message, source),
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
    this.#forwarding = new Forwarding(this, {
      routes: this.#routes,
      archive: this.#archive,
      joining: this.#joining,
      takePlace: () => {
        this.#isJoined = true
      },
    })
    this.#upkeep = new Upkeep(this, (peer) => this.#heardOf(peer, false))
    this.#meeting = new Meeting(this, this.#joining, this.#upkeep)
    this.#publisher = new Publisher(this, this.#requests)
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
    return parts.reduce((sum, { size }) => sum + size, this.#publisher.size)
  }

  start(): void {
    const { config } = this
    this.#isRunning = true
    this.#isJoined = true
    this.#upkeep.again(TIMER_LEAF_SET, config.leafSetIntervalMs)
    this.#upkeep.again(TIMER_TABLE, config.tableIntervalMs)
    this.#meeting.begin()
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
    return this.#publisher.put(record)
  }

  get(key: Key): RequestId {
    return this.#requests.begin('get', key, { type: 'get' })
  }

  provide(key: Key): RequestId {
    return this.#publisher.provide(key)
  }

  stopProviding(key: Key): void {
    this.#publisher.stopProviding(key)
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
    for (const part of [this.#routes, this.#rounds, this.#archive, this.#joining, this.#upkeep, this.#publisher])
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
        return this.#forwarding.onRoute(from, message)
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
    this.#forwarding.serveWaiting()
  }

  #onMeetTimer(): void {
    const stranger = this.#meeting.onTimer()
    if (stranger !== undefined) this.#sendThrough(stranger, 'meet')
  }

  #onRepublishTimer(): void {
    this.#upkeep.again(TIMER_REPUBLISH, this.config.republishIntervalMs)
    if (!this.#isJoined) return
    this.#archive.refresh()
    this.#publisher.republish()
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
    this.#forwarding.serveWaiting()
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
