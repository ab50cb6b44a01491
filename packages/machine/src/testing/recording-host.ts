import { type Key, keyFromWords } from '@servent/keyspace'
import type { Host, Peer } from '../host.ts'

/** What a machine did, as data. */
export type Effect<Message, Event> =
  | { readonly effect: 'send'; readonly to: Peer; readonly message: Message }
  | { readonly effect: 'setTimer'; readonly timer: number; readonly delayMs: number; readonly arg: number }
  | { readonly effect: 'connect'; readonly peer: Peer }
  | { readonly effect: 'disconnect'; readonly peer: Peer }
  | { readonly effect: 'emit'; readonly event: Event }

/**
 * A host that does nothing and writes everything down: unit tests drive a machine by hand and look at `take()`.
 *
 * ```ts
 * const host = new RecordingHost<Descriptor, GnutellaEvent>(toPeer(0))
 * const machine = gnutella04.create(host, gnutella04.defaults)
 * machine.onPeerConnected(toPeer(1))
 * expect(host.take()).toEqual([{ effect: 'send', to: toPeer(1), message: … }])
 * ```
 */
export class RecordingHost<Message, Event> implements Host<Message, Event> {
  readonly self: Peer
  /** Milliseconds since the start: the test's to set. */
  clock = 0
  /** The numbers that `random` gives next, in order; after them a fixed sequence of its own. */
  randoms: number[] = []
  #effects: Effect<Message, Event>[] = []
  #state = 0x2545f491

  constructor(self: Peer) {
    this.self = self
  }

  /** The effects since the last call. */
  take(): Effect<Message, Event>[] {
    const taken = this.#effects
    this.#effects = []
    return taken
  }

  now(): number {
    return this.clock
  }

  random(): number {
    const next = this.randoms.shift()
    if (next !== undefined) return next
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0
    return (this.#state >>> 0) / 2 ** 32
  }

  send(to: Peer, message: Message): void {
    this.#effects.push({ effect: 'send', to, message })
  }

  setTimer(timer: number, delayMs: number, arg = 0): void {
    this.#effects.push({ effect: 'setTimer', timer, delayMs, arg })
  }

  connect(peer: Peer): void {
    this.#effects.push({ effect: 'connect', peer })
  }

  disconnect(peer: Peer): void {
    this.#effects.push({ effect: 'disconnect', peer })
  }

  keyOf(peer: Peer): Key {
    return testKeyOf(peer)
  }

  emit(event: Event): void {
    this.#effects.push({ effect: 'emit', event })
  }
}

/** A key for a peer's name that is the same in every test: spread by multiplication, not by a real hash. */
export function testKeyOf(peer: Peer): Key {
  const words = new Int32Array(5)
  let hash = 0x811c9dc5
  for (const char of String(peer)) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193)
  for (let i = 0; i < 5; i++) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) + i
    words[i] = hash
  }
  return keyFromWords(words)
}
