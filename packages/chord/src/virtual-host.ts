import type { Key } from '@servent/keyspace'
import type { Host, Peer } from '@servent/machine'
import type { ChordEvent } from './events.ts'
import type { Message } from './messages.ts'
import { baseOf, indexOf, virtualKey, virtualPeer } from './virtual-peer.ts'

/** Takes what one node of a peer sends to another node of the same peer. */
export interface Loopback {
  push(from: number, to: number, message: Message): void
}

/** Timers of a peer's nodes are told apart by this many numbers each. */
export const TIMERS_EACH = 16
/** Places of virtual nodes that are remembered: a place costs a hash. Ours. */
const KEYS_MAX = 4096

/** The host of one of a peer's nodes: knows that nodes of the ring can be parts of a peer. */
export class VirtualHost implements Host<Message, ChordEvent> {
  readonly self: Peer
  readonly #host: Host<Message, ChordEvent>
  readonly #index: number
  readonly #loopback: Loopback | undefined
  #keys: Map<Peer, Key> | undefined

  /** @param loopback - undefined if the peer is one node only */
  constructor(host: Host<Message, ChordEvent>, index: number, loopback: Loopback | undefined) {
    this.self = virtualPeer(host.self, index)
    this.#host = host
    this.#index = index
    this.#loopback = loopback
  }

  now(): number {
    return this.#host.now()
  }

  random(): number {
    return this.#host.random()
  }

  send(to: Peer, message: Message): void {
    const index = indexOf(to)
    const base = baseOf(to)
    if (base === this.#host.self) this.#loopback?.push(this.#index, index, message)
    else if (index === 0 && this.#index === 0) this.#host.send(base, message)
    else if (message.type !== 'Virtual')
      this.#host.send(base, { type: 'Virtual', from: this.#index, to: index, message })
  }

  setTimer(timer: number, delayMs: number, arg?: number): void {
    this.#host.setTimer(this.#index * TIMERS_EACH + timer, delayMs, arg)
  }

  connect(peer: Peer): void {
    this.#host.connect(baseOf(peer))
  }

  disconnect(peer: Peer): void {
    this.#host.disconnect(baseOf(peer))
  }

  keyOf(peer: Peer): Key {
    const index = indexOf(peer)
    if (index === 0) return this.#host.keyOf(peer)
    const known = this.#keys?.get(peer)
    if (known !== undefined) return known
    if (this.#keys === undefined || this.#keys.size >= KEYS_MAX) this.#keys = new Map()
    const key = virtualKey(this.#host.keyOf(baseOf(peer)), index)
    this.#keys.set(peer, key)
    return key
  }

  emit(event: ChordEvent): void {
    // The application has asked the first node; of the others it need know only that they move.
    if (this.#index === 0 || event.type === 'neighborhood-changed') this.#host.emit(event)
  }
}
