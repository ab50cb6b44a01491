import { type Peer, toPeer } from '../host.ts'
import type { Machine } from '../machine.ts'
import type { Protocol } from '../protocol.ts'
import { type Effect, RecordingHost } from './recording-host.ts'

/** One thing that a world does to a machine. Peers and timers are chosen by number, so that steps can be drawn blindly. */
export type Step<Message, M> =
  | { readonly step: 'dial-in' | 'dial-in-silently' | 'hang-up'; readonly peer: number }
  | { readonly step: 'message'; readonly peer: number; readonly message: Message }
  | { readonly step: 'answer-dial'; readonly reached: boolean }
  | { readonly step: 'timer'; readonly which: number }
  | { readonly step: 'pass'; readonly ms: number }
  | { readonly step: 'verb'; readonly act: (machine: M) => unknown }

interface Timer {
  readonly timer: number
  readonly arg: number
}

interface Sent<Message> {
  readonly to: Peer
  readonly message: Message
}

/** What a driver needs to know of how peers of a protocol greet each other. */
export interface Manners<Message> {
  /** What whoever dialed sends first. */
  readonly opening: readonly Message[]
  /** What an honest peer answers at once to a message of the machine's; undefined for none. */
  answer(message: Message): Message | undefined
}

/**
 * A world of one machine and peers that do as they are told: it keeps the promises of a host, whatever steps it is given.
 * Messages come from connected peers alone, each connection ends once, timers fire that were set.
 */
export class MachineDriver<Message extends { readonly type: string }, Event, M extends Machine<Message>> {
  readonly host: RecordingHost<Message, Event>
  readonly machine: M
  /** Every effect so far, in order. */
  readonly effects: Effect<Message, Event>[] = []
  readonly connected = new Set<Peer>()
  readonly #manners: Manners<Message>
  readonly #dialing = new Set<Peer>()
  readonly #closing = new Set<Peer>()
  #timers: Timer[] = []
  /** Sent and not yet answered. */
  #unanswered: Sent<Message>[] = []

  constructor(
    create: Protocol<Message, Event, unknown, M>['create'],
    config: Parameters<typeof create>[1],
    manners: Manners<Message>
  ) {
    this.host = new RecordingHost<Message, Event>(toPeer(0))
    this.machine = create(this.host, config)
    this.#manners = manners
  }

  start(): void {
    this.machine.start()
    this.#settle()
  }

  do(step: Step<Message, M>): void {
    switch (step.step) {
      case 'dial-in':
      case 'dial-in-silently':
        this.#dialIn(toPeer(step.peer), step.step === 'dial-in' ? this.#manners.opening : [])
        break
      case 'hang-up':
        this.#hangUp(toPeer(step.peer))
        break
      case 'message':
        this.#deliver(toPeer(step.peer), step.message)
        break
      case 'answer-dial':
        this.#answerDial(step.reached)
        break
      case 'timer':
        this.#fire(step.which)
        break
      case 'pass':
        this.host.clock += step.ms
        break
      case 'verb':
        step.act(this.machine)
    }
    this.#settle()
  }

  /** Ends every connection, as when the network goes away. */
  hangUpAll(): void {
    for (const peer of [...this.connected, ...this.#dialing]) this.#hangUp(peer)
    this.#settle()
  }

  #dialIn(peer: Peer, opening: readonly Message[]): void {
    if (peer === this.host.self || this.connected.has(peer) || this.#closing.has(peer)) return
    this.#dialing.delete(peer)
    this.connected.add(peer)
    this.machine.onPeerConnected(peer)
    for (const message of opening) this.#deliver(peer, message)
  }

  #hangUp(peer: Peer): void {
    if (!this.connected.delete(peer) && !this.#dialing.delete(peer)) return
    this.#closing.delete(peer)
    this.machine.onPeerDisconnected(peer)
  }

  #deliver(peer: Peer, message: Message): void {
    this.#note()
    if (this.connected.has(peer)) this.machine.onMessage(peer, message)
  }

  #answerDial(reached: boolean): void {
    const [peer] = this.#dialing
    if (peer === undefined) return
    this.#dialing.delete(peer)
    if (reached) {
      this.connected.add(peer)
      this.machine.onPeerConnected(peer)
    } else {
      this.machine.onPeerDisconnected(peer)
    }
  }

  #fire(which: number): void {
    const fired = this.#timers[which % Math.max(this.#timers.length, 1)]
    if (fired === undefined) return
    this.#timers = this.#timers.filter((timer) => timer !== fired)
    this.machine.onTimer(fired.timer, fired.arg)
  }

  /** Does what the machine asked for, until it asks for nothing more; a disconnect is answered at once, in its turn. */
  #settle(): void {
    for (let i = 0; i < 100; i++) {
      this.#note()
      const sent = this.#unanswered
      const [closing] = this.#closing
      if (sent.length === 0 && closing === undefined) return
      this.#unanswered = []
      for (const { to, message } of sent) {
        const answer = this.connected.has(to) ? this.#manners.answer(message) : undefined
        if (answer !== undefined) this.#deliver(to, answer)
      }
      if (closing === undefined) continue
      this.#closing.delete(closing)
      this.machine.onPeerDisconnected(closing)
    }
  }

  /** Takes down what the machine did. */
  #note(): void {
    for (const effect of this.host.take()) {
      this.effects.push(effect)
      if (effect.effect === 'send') this.#unanswered.push(effect)
      else if (effect.effect === 'setTimer') this.#timers.push({ timer: effect.timer, arg: effect.arg })
      else if (effect.effect === 'connect' && !this.connected.has(effect.peer)) this.#dialing.add(effect.peer)
      else if (effect.effect === 'disconnect') this.#startClosing(effect.peer)
    }
  }

  #startClosing(peer: Peer): void {
    const wasThere = this.connected.delete(peer) || this.#dialing.delete(peer)
    if (wasThere) this.#closing.add(peer)
  }
}
