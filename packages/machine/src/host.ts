import type { Key } from '@servent/keyspace'

declare const brand: unique symbol

/** Names a peer: opaque, compared with `===`, fit for a `Map`. Integers in the simulator, PeerId strings over libp2p. */
export type Peer = (number | string) & { readonly [brand]: true }

/** Makes a `Peer` of a name. For hosts and tests: a protocol is handed its peers. */
export function toPeer(name: number | string): Peer {
  return name as Peer
}

/**
 * What a machine may do to the world. No method calls back into the machine before it returns: hosts only enqueue.
 *
 * @typeParam Message - what the protocol sends
 * @typeParam Event - what it tells the application
 */
export interface Host<Message, Event> {
  readonly self: Peer

  /** Milliseconds since the host started; virtual in the simulator. Never goes backwards. */
  now(): number

  /** A number in [0, 1) from this node's own stream; seeded in the simulator. */
  random(): number

  /**
   * Sends to a peer, opening a stream first if there is none: best effort, in order per peer. The message belongs to the
   * host from here on, so nobody changes it again. What cannot be sent is dropped and counted, never thrown.
   */
  send(to: Peer, message: Message): void

  /**
   * Asks for `onTimer(timer, arg)` after `delayMs`, never sooner by `now()`. Timers are never cancelled: the handler of a stale
   * one returns.
   *
   * @param arg - one number to remember, 0 if not given
   */
  setTimer(timer: number, delayMs: number, arg?: number): void

  /** Asks for a connection. `onPeerConnected` or `onPeerDisconnected` answers, later, also when there was one already. */
  connect(peer: Peer): void

  /** Ends the connection of this protocol. `onPeerDisconnected` follows, once, and nothing from that peer in between. */
  disconnect(peer: Peer): void

  /** The peer's place in the identifier space, computed from who it is, never from what it says. */
  keyOf(peer: Peer): Key

  /** Tells the application. */
  emit(event: Event): void
}
