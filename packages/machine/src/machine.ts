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
}
