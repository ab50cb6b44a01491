import type { Host, Peer } from '@servent/machine'
import { ChordNode } from './chord-node.ts'
import type { ChordConfig } from './config.ts'
import type { ChordEvent } from './events.ts'
import type { Message } from './messages.ts'
import { type Loopback, TIMERS_EACH, VirtualHost } from './virtual-host.ts'
import { baseOf, virtualPeer } from './virtual-peer.ts'

/** Fires when what the nodes of this peer sent each other is to arrive. Not one of the first node's. */
const TIMER_LOOPBACK = TIMERS_EACH - 1
/** What they may have sent each other and not yet taken. Ours: the rest is lost, as in a network. */
const WAITING_MAX = 4096

interface Waiting {
  readonly from: number
  readonly to: number
  readonly message: Message
}

/** What the nodes of one peer send each other: kept until the host calls again, for nobody calls back while it is called. */
class Waitings implements Loopback {
  readonly #host: Host<Message, ChordEvent>
  #waiting: Waiting[] = []

  constructor(host: Host<Message, ChordEvent>) {
    this.#host = host
  }

  push(from: number, to: number, message: Message): void {
    if (this.#waiting.length >= WAITING_MAX) return
    if (this.#waiting.length === 0) this.#host.setTimer(TIMER_LOOPBACK, 0)
    this.#waiting.push({ from, to, message })
  }

  take(): readonly Waiting[] {
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }
}

/**
 * One peer that is several nodes of the ring (ToN §IV-A): the first, which this is, and `virtualNodes - 1` others, each with a
 * place and tables of its own. So keys are spread more evenly over peers. What the application asks the first one does.
 */
export class VirtualNodes extends ChordNode {
  readonly #waitings: Waitings
  readonly #self: Peer
  readonly #others: readonly ChordNode[]

  constructor(host: Host<Message, ChordEvent>, config: Readonly<ChordConfig>) {
    const waitings = new Waitings(host)
    super(new VirtualHost(host, 0, waitings), config)
    this.#waitings = waitings
    this.#self = host.self
    this.#others = Array.from(
      { length: config.virtualNodes - 1 },
      (_, i) => new ChordNode(new VirtualHost(host, i + 1, waitings), config)
    )
  }

  /** The nodes that this peer is, the first one included. */
  get nodes(): readonly ChordNode[] {
    return [this, ...this.#others]
  }

  override get stateSize(): number {
    return this.#others.reduce((sum, node) => sum + node.stateSize, super.stateSize)
  }

  override get neighbors(): readonly Peer[] {
    const all = [super.neighbors, ...this.#others.map((node) => node.neighbors)].flat()
    return [...new Set(all.map(baseOf))].filter((peer) => peer !== this.#self)
  }

  override start(): void {
    super.start()
    for (const node of this.#others) node.start()
  }

  override stop(): void {
    for (const node of this.#others) node.stop()
    super.stop()
  }

  /** The others come into the ring through the first, once that is in it. */
  override onPlaced(): void {
    super.onPlaced()
    for (const node of this.#others) if (!node.isJoined) node.addContact(this.#self)
  }

  override leave(): void {
    for (const node of this.#others) node.leave()
    super.leave()
  }

  override onMessage(from: Peer, message: Message): void {
    if (message.type !== 'Virtual' || message.to === 0) return super.onMessage(from, message)
    this.#others[message.to - 1]?.onMessage(virtualPeer(from, message.from), message.message)
  }

  override onTimer(timer: number, arg: number): void {
    const index = Math.floor(timer / TIMERS_EACH)
    if (timer === TIMER_LOOPBACK) this.#loopBack()
    else if (index === 0) super.onTimer(timer, arg)
    else this.#others[index - 1]?.onTimer(timer % TIMERS_EACH, arg)
  }

  #loopBack(): void {
    for (const { from, to, message } of this.#waitings.take()) {
      const sender = virtualPeer(this.#self, from)
      if (to === 0) super.onMessage(sender, message)
      else this.#others[to - 1]?.onMessage(sender, message)
    }
  }
}
