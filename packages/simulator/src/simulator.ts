import type { Key } from '@servent/keyspace'
import { assert, type Machine, type Peer, type Protocol, type Random, toPeer } from '@servent/machine'
import { BATCH_MAX, Calendar, TIME_MAX } from './calendar.ts'
import { Connections } from './connections.ts'
import { EventKind } from './event-kind.ts'
import { Fingerprint } from './fingerprint.ts'
import { KeyTable } from './key-table.ts'
import { Links, NONE } from './links.ts'
import { DROP_REASONS, type DropReason, Network, type NetworkOptions } from './network.ts'
import type { Observer } from './observer.ts'
import { simPeerCodec } from './peer-codec.ts'
import { Population } from './population.ts'
import { hashText, RandomStreams, randomFor } from './rng.ts'
import { SimHost, type SimWorld } from './sim-host.ts'

/** How a simulation is set up. */
export interface SimulatorOptions<Message, Event, Config> extends NetworkOptions {
  /** How many nodes there can be, running or not. Nodes are numbered from 0. */
  readonly nodes: number
  /** A safe integer. The same one gives the same run, event by event. */
  readonly seed: number
  /** The config of a node, asked for when it starts; the protocol's defaults if not given. */
  readonly configOf?: (node: number) => Readonly<Config>
  /** Told what the machines tell their application. Must not call a machine: see {@link Simulator.schedule}. */
  readonly onEvent?: (node: number, event: Event) => void
  readonly observer?: Observer<Message>
  /** Passes each message through encode and decode. Slower by half and more; the fingerprint stays the same. */
  readonly wire?: boolean
  /** After how long an opening that cannot succeed is answered, in milliseconds; 10,000 (js-libp2p's) if not given. */
  readonly dialTimeoutMs?: number
  /** After how long a node finds out that a peer crashed or was cut off, in milliseconds; 10,000 if not given. */
  readonly noticeMs?: number
}

const START = hashText('start')
const STOP = hashText('stop')
const TIMER = hashText('timer')
const CONNECTED = hashText('connected')
const DISCONNECTED = hashText('disconnected')

/**
 * Runs N machines of one protocol in virtual time. Nothing in it depends on anything but its options and the calls made to
 * it, in their order.
 *
 * 1. Events happen in total order: by time, and within a millisecond in the order they were caused.
 * 2. A machine is called for one event at a time; what it does is pushed onto the calendar and nothing else.
 * 3. A node's random numbers are its own stream, the network's another: more loss does not change what a node draws.
 */
export class Simulator<Message extends { readonly type: string }, Event, Config, M extends Machine<Message>> {
  /** How many nodes there can be. */
  readonly nodes: number
  readonly #protocol: Protocol<Message, Event, Config, M>
  readonly #options: SimulatorOptions<Message, Event, Config>
  readonly #observer: Observer<Message>
  readonly #calendar: Calendar<unknown>
  readonly #fingerprint = new Fingerprint()
  readonly #links: Links
  readonly #network: Network
  readonly #population: Population
  readonly #connections: Connections
  readonly #streams: RandomStreams
  readonly #keys: KeyTable
  readonly #machines: (M | undefined)[] = []
  /** The machines of the events taken. */
  readonly #ahead: (M | undefined)[] = Array.from({ length: BATCH_MAX }, () => undefined)
  readonly #world: SimWorld<Message, Event>
  readonly #drops = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>
  readonly #wire: boolean
  /** Whether the length of messages matters to anybody. */
  readonly #sizes: boolean
  #events = 0
  #sizedMessage: Message | undefined
  #sizedBytes = 0

  constructor(protocol: Protocol<Message, Event, Config, M>, options: SimulatorOptions<Message, Event, Config>) {
    assert(Number.isSafeInteger(options.seed), 'a seed is a safe integer')
    this.nodes = options.nodes
    this.#protocol = protocol
    this.#options = options
    this.#observer = options.observer ?? {}
    this.#wire = options.wire ?? false
    this.#network = new Network(options.nodes, options.seed, options)
    this.#sizes = this.#network.chargesBytes || this.#observer.onSend !== undefined
    this.#calendar = new Calendar(options.nodes)
    this.#links = new Links(options.nodes)
    this.#population = new Population(options.nodes)
    this.#streams = RandomStreams.seeded(options.nodes, options.seed)
    this.#keys = new KeyTable(options.nodes, options.seed)
    this.#connections = new Connections({
      calendar: this.#calendar,
      links: this.#links,
      network: this.#network,
      population: this.#population,
      listener: {
        onConnected: (node, peer) => this.#onConnected(node, peer as Peer),
        onDisconnected: (node, peer) => this.#onDisconnected(node, peer as Peer),
      },
      dialTimeoutMs: options.dialTimeoutMs ?? 10_000,
      noticeMs: options.noticeMs ?? 10_000,
    })
    for (let node = 0; node < options.nodes; node++) this.#machines.push(undefined)
    this.#world = this.#makeWorld()
  }

  /** Virtual milliseconds since the simulation began. */
  get now(): number {
    return this.#calendar.now
  }

  /** Events that happened so far: messages, timers and what connections tell. */
  get events(): number {
    return this.#events
  }

  /** Events still to happen. */
  get pending(): number {
    return this.#calendar.size
  }

  /** Messages that were not delivered, by reason. */
  get drops(): Readonly<Record<DropReason, number>> {
    return this.#drops
  }

  /** A hash of all events so far, in order: sixteen hexadecimal digits. */
  get fingerprint(): string {
    return this.#fingerprint.toString()
  }

  /** Bytes of the simulator's own arrays; the machines' are the heap's. */
  get bytes(): number {
    const parts = [this.#calendar, this.#links, this.#network, this.#population, this.#streams, this.#keys]
    return parts.reduce((sum, { bytes }) => sum + bytes, 8 * this.nodes)
  }

  /** The machine of a node that runs. */
  machine(node: number): M {
    const machine = this.#machines[node]
    assert(machine !== undefined, 'the node runs')
    return machine
  }

  isUp(node: number): boolean {
    return this.#population.isUp(node)
  }

  /** A peer's place in the identifier space, as its host tells it. */
  keyOf(peer: Peer): Key {
    return this.#keys.of(peer)
  }

  /** A stream of random numbers for the experiment itself, by purpose, from this simulation's seed. */
  random(purpose: string): Random {
    return randomFor(this.#options.seed, purpose)
  }

  /** Starts one node, with a new machine, or all that do not run. */
  start(node?: number): void {
    if (node === undefined) {
      for (let each = 0; each < this.nodes; each++) if (!this.isUp(each)) this.start(each)
      return
    }
    assert(node >= 0 && node < this.nodes && !this.isUp(node), 'a node that can be started is one that does not run')
    this.#population.setUp(node, true)
    const config = this.#options.configOf?.(node) ?? this.#protocol.defaults
    const machine = this.#protocol.create(new SimHost(toPeer(node), this.#world), config)
    this.#machines[node] = machine
    this.#fingerprint.add(this.now, node, -1, START)
    machine.start()
  }

  /** Stops a node in order: its machine is told, its peers are told. It can be started again, with a new machine. */
  stop(node: number): void {
    this.#takeDown(node, false)
  }

  /** Takes a node away without a word: its machine is not told, and its peers find out after `noticeMs`. */
  crash(node: number): void {
    this.#takeDown(node, true)
  }

  /**
   * Puts a connection up between two running nodes without the round trip, so that an experiment can begin with a
   * topology. Both machines hear `onPeerConnected` as the next thing.
   *
   * @returns false if there was one already
   */
  link(a: number, b: number): boolean {
    assert(this.isUp(a) && this.isUp(b) && a !== b, 'two nodes that run are linked')
    return this.#connections.link(a, b)
  }

  /**
   * Parts the network. Connections between the parts are dead, which their ends find out after `noticeMs`.
   *
   * @param partOf - a number for the part that a node is in
   */
  partition(partOf: (node: number) => number): void {
    this.#network.part(new Int32Array(this.nodes).map((_zero, node) => partOf(node)))
    this.#connections.cutParted()
  }

  /** Makes the network whole: from now on every node can be reached again. Dead connections stay dead. */
  heal(): void {
    this.#network.part(undefined)
  }

  /** Does something to the simulation later, between two events: the way to call a machine's verbs. */
  schedule(delayMs: number, action: () => void): void {
    this.#calendar.push(this.now + Math.ceil(delayMs), EventKind.Action, 0, 0, 0, action)
  }

  /** Lets everything happen up to a moment. Time is that moment afterwards, whether anything happened or not. */
  run(untilMs: number): void {
    this.step(Number.POSITIVE_INFINITY, untilMs)
  }

  /**
   * Lets a number of events happen, so that a page or a terminal stays alive meanwhile.
   *
   * @returns whether there may be more to do until then; if not, time is `untilMs` now
   */
  step(eventsMax: number, untilMs: number): boolean {
    assert(untilMs <= TIME_MAX, 'time ends after 24 days')
    const last = this.#events + eventsMax
    const calendar = this.#calendar
    while (this.#events < last) {
      const count = calendar.take(untilMs, last - this.#events)
      if (count === 0) {
        if (untilMs > calendar.now) calendar.advanceTo(untilMs)
        return false
      }
      this.#prefetch(count)
      const { row } = calendar
      for (let i = row; i < row + count; i++) this.#happen(i)
    }
    return true
  }

  /** Lets everything happen until nothing is pending. Endless if the protocol has a timer that sets itself. */
  runUntilIdle(): void {
    while (this.pending > 0) this.step(Number.POSITIVE_INFINITY, Math.min(TIME_MAX, this.now + 3_600_000))
  }

  /**
   * Reads what each of the events taken will need first. At 10^5 nodes a step from event to connection to machine is a miss
   * of all caches, some 150 ns. The misses of one event must wait for one another, those of different events need not: so
   * this goes one step for all sixteen, then the next step for all.
   */
  #prefetch(count: number): void {
    const { kinds, nodes, payloads, row } = this.#calendar
    const ahead = this.#ahead
    let sum = 0
    for (let i = 0; i < count; i++) {
      const node = nodes[row + i] as number
      sum += this.#links.prefetchBlock(node)
      ahead[i] = this.#machines[node]
    }
    for (let i = 0; i < count; i++) {
      sum += this.#links.prefetchEnds(nodes[row + i] as number)
      // Looking for a property reads the object's header, and with it what the object keeps first.
      if (ahead[i]?.onMessage === undefined) sum++
      if (kinds[row + i] === EventKind.Message && (payloads[row + i] as Message).type === '') sum++
    }
    // Using the sum keeps the compiler from leaving out the reads.
    assert(sum !== Number.POSITIVE_INFINITY, 'what is read is finite')
  }

  /** Lets one of the events taken happen. */
  #happen(i: number): void {
    const calendar = this.#calendar
    const node = calendar.nodes[i] as number
    const first = calendar.firsts[i] as number
    const second = calendar.seconds[i] as number
    const payload = calendar.payloads[i]
    calendar.payloads[i] = undefined
    this.#events++
    switch (calendar.kinds[i]) {
      case EventKind.Message:
        return this.#onMessage(node, first, second, payload as Message)
      case EventKind.Timer:
        return this.#onTimer(node, first, second, payload as number)
      case EventKind.Opened:
        return this.#connections.onOpened(node, first, second)
      case EventKind.Closed:
        return this.#connections.onClosed(node, first, second)
      case EventKind.AlreadyOpen:
        return this.#connections.onAlreadyOpen(node, first, second)
      case EventKind.Disconnected:
        if (this.#population.incarnationOf(node) === first) this.#onDisconnected(node, payload as Peer)
        return
      default:
        return (payload as () => void)()
    }
  }

  #onMessage(node: number, from: number, serial: number, message: Message): void {
    if (!this.#links.isOpen(node, from, serial)) return this.#drop('closed', message)
    this.#fingerprint.add(this.#calendar.now, node, from, this.#fingerprint.hashOf(message.type))
    if (this.#observer.onDeliver !== undefined) this.#observer.onDeliver(node, from, message)
    ;(this.#machines[node] as M).onMessage(toPeer(from), message)
  }

  #onTimer(node: number, timer: number, incarnation: number, arg: number): void {
    if (this.#population.incarnationOf(node) !== incarnation) return
    this.#fingerprint.add(this.now, node, -1, TIMER ^ timer)
    this.machine(node).onTimer(timer, arg)
  }

  #onConnected(node: number, peer: Peer): void {
    this.#fingerprint.add(this.now, node, peer as number, CONNECTED)
    this.machine(node).onPeerConnected(peer)
  }

  #onDisconnected(node: number, peer: Peer): void {
    if (!this.isUp(node)) return
    this.#fingerprint.add(this.now, node, peer as number, DISCONNECTED)
    this.machine(node).onPeerDisconnected(peer)
  }

  #takeDown(node: number, hasCrashed: boolean): void {
    const machine = this.machine(node)
    this.#fingerprint.add(this.now, node, -1, STOP)
    if (!hasCrashed) machine.stop()
    this.#connections.closeAll(node, hasCrashed)
    this.#population.setUp(node, false)
    this.#machines[node] = undefined
  }

  #send(node: number, to: Peer, message: Message): void {
    const peer = to as number
    let place = this.#links.find(node, peer)
    if (place === NONE) {
      if (!this.#population.isUp(node)) return
      if (!this.#population.isOther(node, to)) return this.#drop('unreachable', message)
      this.#connections.open(node, peer)
      place = this.#links.find(node, peer)
    }
    const now = this.#calendar.now
    const byteCount = this.#sizes ? this.#sizeOf(message) : 0
    if (this.#observer.onSend !== undefined) this.#observer.onSend(node, peer, message, byteCount)
    const reason = this.#network.dropReason(node, peer, now)
    if (reason !== undefined) return this.#drop(reason, message)
    const time = this.#links.arrival(place, this.#network.arrivalTime(node, peer, now, byteCount))
    const sent = this.#wire ? this.#overTheWire(message) : message
    this.#calendar.push(time, EventKind.Message, peer, node, this.#links.serialAt(place), sent)
  }

  #setTimer(node: number, timer: number, delayMs: number, arg: number): void {
    if (!this.isUp(node)) return
    const delay = delayMs > 0 ? Math.ceil(delayMs) : 0
    this.#calendar.push(this.now + delay, EventKind.Timer, node, timer, this.#population.incarnationOf(node), arg)
  }

  #drop(reason: DropReason, message: Message): void {
    this.#drops[reason]++
    this.#observer.onDrop?.(reason, message)
  }

  /** A flood sends one message to many peers, one after the other: it is measured once. */
  #sizeOf(message: Message): number {
    if (message !== this.#sizedMessage) {
      this.#sizedBytes = this.#protocol.codec.size(message, simPeerCodec)
      this.#sizedMessage = message
    }
    return this.#sizedBytes
  }

  #overTheWire(message: Message): Message {
    const { codec } = this.#protocol
    const bytes = codec.encode(message, simPeerCodec)
    assert(bytes.length === codec.size(message, simPeerCodec), 'a codec knows the size of what it encodes')
    return codec.decode(bytes, simPeerCodec)
  }

  #makeWorld(): SimWorld<Message, Event> {
    const simulator = this
    const onEvent = this.#options.onEvent
    return {
      get now() {
        return simulator.#calendar.now
      },
      random: (node) => this.#streams.next(node),
      send: (node, to, message) => this.#send(node, to, message),
      setTimer: (node, timer, delayMs, arg) => this.#setTimer(node, timer, delayMs, arg),
      connect: (node, peer) => this.#connections.connect(node, peer),
      disconnect: (node, peer) => this.#connections.disconnect(node, peer),
      keyOf: (peer) => this.#keys.of(peer),
      emit: (node, event) => onEvent?.(node, event),
    }
  }
}
