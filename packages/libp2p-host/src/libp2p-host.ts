import type { Logger } from '@libp2p/interface'
import type { Key } from '@servent/keyspace'
import {
  type Codec,
  type Framing,
  type Host,
  type Machine,
  type Peer,
  type PeerCodec,
  ProtocolError,
} from '@servent/machine'
import type { Commons } from './commons.ts'
import { toError } from './errors.ts'
import type { Link } from './link.ts'
import type { LinkTable, LinkTableUser } from './link-table.ts'
import type { Parcel } from './outbox.ts'
import { Turns } from './turns.ts'

/** The longest delay of the platform's timers, in milliseconds: a longer one would fire at once. */
const DELAY_MAX_MS = 2 ** 31 - 1

export interface HostContext<Message, Event> {
  readonly self: Peer
  readonly codec: Codec<Message>
  readonly framing: Framing
  readonly peers: PeerCodec
  readonly commons: Commons
  readonly log: Logger
  drop(reason: string, count?: number): void
  /** What has a higher priority is kept longer when a peer reads too slowly. */
  dropPriority(message: Message): number
  /** Called after the machine has returned. Undefined if nobody listens. */
  readonly onEvent: ((event: Event) => void) | undefined
}

/** Frames and bytes, counted since the start. */
export interface Traffic {
  framesIn: number
  framesOut: number
  bytesIn: number
  bytesOut: number
}

/**
 * Stands between one machine and the links of its protocol.
 *
 * 1. The machine is never called while it runs, nor before `start` or after `stop`.
 * 2. A peer's messages come between its `onPeerConnected` and its one `onPeerDisconnected`.
 * 3. Whatever the machine, a codec or the application throws is logged and counted: nothing gets out.
 */
export class Libp2pHost<Message extends { readonly type: string }, Event>
  implements Host<Message, Event>, LinkTableUser
{
  readonly self: Peer
  readonly traffic: Traffic = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }
  readonly #context: HostContext<Message, Event>
  readonly #turns = new Turns()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  readonly #startedAt: number
  #machine: Machine<Message> | undefined
  #links: LinkTable | undefined
  #isRunning = false
  /** What was sent last in this turn, and its bytes. Not for longer: how we are reached, which a message may tell, changes. */
  #packed: Message | undefined
  #parcel: Parcel | undefined

  constructor(context: HostContext<Message, Event>) {
    this.self = context.self
    this.#context = context
    this.#startedAt = context.commons.clock()
  }

  /** Starts a machine over links. Once. */
  start(machine: Machine<Message>, links: LinkTable): void {
    this.#machine = machine
    this.#links = links
    this.#isRunning = true
    this.#call('start', () => machine.start())
  }

  /** Stops the machine. What it sends now is still sent; after that it is left alone. */
  stop(): void {
    this.#call('stop', () => this.#machine?.stop())
    // Queued like any call: the application may stop us from within an event.
    this.#turns.run(() => {
      this.#isRunning = false
      for (const timer of this.#timers) clearTimeout(timer)
      this.#timers.clear()
    })
  }

  now(): number {
    return this.#context.commons.clock() - this.#startedAt
  }

  random(): number {
    return this.#context.commons.random()
  }

  keyOf(peer: Peer): Key {
    return this.#context.commons.peerIds.keyOf(peer)
  }

  send(to: Peer, message: Message): void {
    if (!this.#isRunning) return
    const link = this.#links?.linkTo(to)
    if (link === undefined) {
      this.#context.drop(`unreachable:${message.type}`)
      return
    }
    const parcel = this.#pack(message)
    if (parcel === undefined) return
    this.traffic.framesOut++
    this.traffic.bytesOut += parcel.frame.length
    link.push(parcel)
    this.#links?.flushSoon(link)
  }

  setTimer(timer: number, delayMs: number, arg = 0): void {
    if (this.#isRunning) this.#callAt(this.now() + Math.max(delayMs, 0), timer, arg)
  }

  /**
   * Never before it is due by `now()`: machines take a timer that comes early for a stale one. Node counts from when the turn of its
   * event loop began, so a timer set at the end of a long turn fires that much too soon.
   */
  #callAt(dueAt: number, timer: number, arg: number): void {
    const handle = setTimeout(
      () => {
        this.#timers.delete(handle)
        if (this.now() < dueAt) this.#callAt(dueAt, timer, arg)
        else this.#call('timer', (machine) => machine.onTimer(timer, arg))
      },
      Math.min(Math.ceil(dueAt - this.now()), DELAY_MAX_MS)
    )
    this.#timers.add(handle)
  }

  connect(peer: Peer): void {
    if (!this.#isRunning) return
    const link = this.#links?.linkTo(peer)
    if (link === undefined) this.#answerDisconnected(peer)
    else if (link.isOpen) this.#answerConnected(link)
    else link.isAsked = true
  }

  disconnect(peer: Peer): void {
    if (this.#isRunning) this.#links?.disconnect(peer)
  }

  emit(event: Event): void {
    const { onEvent } = this.#context
    if (!this.#isRunning || onEvent === undefined) return
    this.#turns.later(() => {
      try {
        onEvent(event)
      } catch (thrown) {
        this.#fault('listener-error', thrown)
      }
    })
  }

  onConnected(link: Link): void {
    this.#answerConnected(link)
  }

  onDisconnected(link: Link): void {
    // Decided when its turn comes: the machine may be told of the connection only then.
    this.#turns.later(() => {
      if (link.isTold || link.isAsked) this.#callNow('disconnected', (machine) => machine.onPeerDisconnected(link.peer))
    })
  }

  onFrame(link: Link, frame: Uint8Array): void {
    this.traffic.framesIn++
    this.traffic.bytesIn += frame.length
    if (this.#turns.tryEnter()) {
      this.#handle(link, frame)
      this.#turns.leave()
    } else {
      this.#turns.run(() => this.#handle(link, frame))
    }
  }

  onFlush(): void {
    this.#packed = undefined
    this.#parcel = undefined
  }

  drop(reason: string, count?: number): void {
    this.#context.drop(reason, count)
  }

  #answerConnected(link: Link): void {
    this.#turns.later(() => {
      // If it has ended since, that is the answer.
      if (link.hasEnded) return
      link.isTold = true
      this.#callNow('connected', (machine) => machine.onPeerConnected(link.peer))
    })
  }

  #answerDisconnected(peer: Peer): void {
    this.#turns.later(() => this.#callNow('disconnected', (machine) => machine.onPeerDisconnected(peer)))
  }

  /** Hands a message to the machine. For use within a turn. */
  #handle(link: Link, frame: Uint8Array): void {
    if (link.hasEnded || !this.#isRunning || this.#machine === undefined) return
    const message = this.#decode(link, frame)
    if (message === undefined) return
    try {
      this.#machine.onMessage(link.peer, message)
    } catch (thrown) {
      this.#fault('machine-error:message', thrown)
      this.#links?.onBreach(link, 'machine-error')
    }
  }

  /** Encodes a message, once for all peers that it goes to in this turn: a machine sends one object to each of them. */
  #pack(message: Message): Parcel | undefined {
    if (message === this.#packed) return this.#parcel
    const { codec, framing, peers } = this.#context
    try {
      const frame = framing.frame(codec.encode(message, peers))
      this.#packed = message
      this.#parcel = { frame, priority: this.#context.dropPriority(message), type: message.type }
      return this.#parcel
    } catch (thrown) {
      this.#fault(`encode-error:${message.type}`, thrown)
      return undefined
    }
  }

  #decode(link: Link, frame: Uint8Array): Message | undefined {
    const { codec, peers } = this.#context
    try {
      return codec.decode(frame, peers)
    } catch (thrown) {
      const isTheirs = thrown instanceof ProtocolError
      if (!isTheirs) this.#fault('decode-error', thrown)
      this.#links?.onBreach(link, isTheirs ? thrown.reason : 'decode-error')
      return undefined
    }
  }

  #call(what: string, call: (machine: Machine<Message>) => void): void {
    this.#turns.run(() => this.#callNow(what, call))
  }

  /** Calls the machine. For use within a turn. */
  #callNow(what: string, call: (machine: Machine<Message>) => void): void {
    if (!this.#isRunning || this.#machine === undefined) return
    try {
      call(this.#machine)
    } catch (thrown) {
      this.#fault(`machine-error:${what}`, thrown)
    }
  }

  /** A bug of ours, or of the application: written down, and lived with. */
  #fault(reason: string, thrown: unknown): void {
    this.#context.drop(reason)
    this.#context.log.error('%s - %e', reason, toError(thrown))
  }
}
