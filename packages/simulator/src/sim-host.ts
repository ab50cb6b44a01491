import type { Key } from '@servent/keyspace'
import type { Host, Peer } from '@servent/machine'

/** What a host needs of the simulation it is in. */
export interface SimWorld<Message, Event> {
  readonly now: number
  random(node: number): number
  send(node: number, to: Peer, message: Message): void
  setTimer(node: number, timer: number, delayMs: number, arg: number): void
  connect(node: number, peer: Peer): void
  disconnect(node: number, peer: Peer): void
  keyOf(peer: Peer): Key
  emit(node: number, event: Event): void
}

/** One node's host: two fields, for there may be a million. Whatever else a node has lies in the arrays of its world. */
export class SimHost<Message, Event> implements Host<Message, Event> {
  readonly self: Peer
  readonly #world: SimWorld<Message, Event>

  constructor(self: Peer, world: SimWorld<Message, Event>) {
    this.self = self
    this.#world = world
  }

  now(): number {
    return this.#world.now
  }

  random(): number {
    return this.#world.random(this.self as number)
  }

  send(to: Peer, message: Message): void {
    this.#world.send(this.self as number, to, message)
  }

  setTimer(timer: number, delayMs: number, arg = 0): void {
    this.#world.setTimer(this.self as number, timer, delayMs, arg)
  }

  connect(peer: Peer): void {
    this.#world.connect(this.self as number, peer)
  }

  disconnect(peer: Peer): void {
    this.#world.disconnect(this.self as number, peer)
  }

  keyOf(peer: Peer): Key {
    return this.#world.keyOf(peer)
  }

  emit(event: Event): void {
    this.#world.emit(this.self as number, event)
  }
}
