import type { Key } from '@servent/keyspace'
import type { Host, Machine, Peer } from '@servent/machine'
import type { NapsterEvent } from './events.ts'
import type { Message } from './messages.ts'

/** Timers of the loopback and its client are told from the server's by their number. */
const TIMER_RUN = 100
const TIMER_OFFSET = 101

/**
 * The host of a client that runs within the index server it uses. What the two say to each other waits in a queue until the
 * next timer, as it would on a wire: neither calls the other while it runs.
 */
export class Loopback implements Host<Message, NapsterEvent> {
  readonly self: Peer
  readonly #host: Host<Message, NapsterEvent>
  readonly #server: Machine<Message>
  #client: Machine<Message> | undefined
  #queue: ((client: Machine<Message>) => void)[] = []

  constructor(host: Host<Message, NapsterEvent>, server: Machine<Message>) {
    this.self = host.self
    this.#host = host
    this.#server = server
  }

  attach(client: Machine<Message>): void {
    this.#client = client
  }

  /** Forgets what was not said. */
  stop(): void {
    this.#queue = []
    this.#client = undefined
  }

  /** From the server to the client. */
  deliver(message: Message): void {
    this.#later((client) => client.onMessage(this.self, message))
  }

  onTimer(timer: number, arg: number): void {
    if (timer === TIMER_RUN) this.#run()
    else this.#client?.onTimer(timer - TIMER_OFFSET, arg)
  }

  now(): number {
    return this.#host.now()
  }

  random(): number {
    return this.#host.random()
  }

  keyOf(peer: Peer): Key {
    return this.#host.keyOf(peer)
  }

  emit(event: NapsterEvent): void {
    this.#host.emit(event)
  }

  setTimer(timer: number, delayMs: number, arg?: number): void {
    this.#host.setTimer(timer + TIMER_OFFSET, delayMs, arg)
  }

  connect(): void {
    this.#later((client) => {
      this.#server.onPeerConnected(this.self)
      client.onPeerConnected(this.self)
    })
  }

  disconnect(): void {
    this.#later((client) => {
      this.#server.onPeerDisconnected(this.self)
      client.onPeerDisconnected(this.self)
    })
  }

  send(_to: Peer, message: Message): void {
    this.#later(() => this.#server.onMessage(this.self, message))
  }

  #later(call: (client: Machine<Message>) => void): void {
    if (this.#client === undefined) return
    if (this.#queue.length === 0) this.#host.setTimer(TIMER_RUN, 0)
    this.#queue.push(call)
  }

  /** Says all that waits. What is answered to it waits for the next time. */
  #run(): void {
    const calls = this.#queue
    this.#queue = []
    for (const call of calls) if (this.#client !== undefined) call(this.#client)
  }
}
