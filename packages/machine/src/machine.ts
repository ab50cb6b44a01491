import type { Peer } from './host.ts'

/**
 * One node of a protocol: a state machine that runs to completion on each call and never throws for a well-typed message.
 * It holds its host and nothing else of the world, so the same machine runs in a tab, in Node and in the simulator.
 *
 * The host promises: no call while another one runs; nothing before `start` or after `stop`; messages of one peer in the
 * order they were sent, between its `onPeerConnected` and its `onPeerDisconnected`.
 */
export interface Machine<Message> {
  start(): void
  stop(): void
  onMessage(from: Peer, message: Message): void
  /**
   * @param timer - which kind, as given to `setTimer`
   * @param arg - the number given to `setTimer`
   */
  onTimer(timer: number, arg: number): void
  onPeerConnected(peer: Peer): void
  onPeerDisconnected(peer: Peer): void
  /**
   * Reads what `onMessage` will need for this message, changes nothing, and returns any number. A hint, and optional: a
   * world of 10^5 machines waits for memory more than for anything else, and asks this of several machines before it calls
   * the first of them, so that their memory comes at once and not in turn.
   */
  prefetch?(message: Message): number
}
