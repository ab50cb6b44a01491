import type { Calendar } from './calendar.ts'
import { EventKind } from './event-kind.ts'
import { BROKEN, type Links, NONE, OPEN, OPENING } from './links.ts'
import type { Network } from './network.ts'
import type { Population } from './population.ts'

/** Where a node hears of its connections. Called between events only, never while a machine runs. */
export interface ConnectionListener {
  onConnected(node: number, peer: unknown): void
  onDisconnected(node: number, peer: unknown): void
}

/**
 * Opens and closes connections, as the contract of a host says it.
 *
 * 1. An opening takes one round trip and then both ends are told, within one event. Two that open to each other at once
 *    share one connection. An opening that cannot succeed is answered after the dial timeout.
 * 2. What is sent while a connection opens waits: its arrival is put after the opening, no list is kept.
 * 3. Who disconnects is told at once and hears nothing more of the peer; the peer is told after what was sent before.
 * 4. A crash or a cut tells nobody: whoever is left finds out after `noticeMs`.
 */
export class Connections {
  readonly #calendar: Calendar<unknown>
  readonly #links: Links
  readonly #network: Network
  readonly #population: Population
  readonly #listener: ConnectionListener
  readonly #dialTimeoutMs: number
  readonly #noticeMs: number

  constructor(parts: {
    readonly calendar: Calendar<unknown>
    readonly links: Links
    readonly network: Network
    readonly population: Population
    readonly listener: ConnectionListener
    readonly dialTimeoutMs: number
    readonly noticeMs: number
  }) {
    this.#calendar = parts.calendar
    this.#links = parts.links
    this.#network = parts.network
    this.#population = parts.population
    this.#listener = parts.listener
    this.#dialTimeoutMs = parts.dialTimeoutMs
    this.#noticeMs = parts.noticeMs
  }

  connect(node: number, peer: unknown): void {
    if (!this.#population.isUp(node)) return
    if (!this.#population.isOther(node, peer)) return this.#tellDisconnected(node, peer, this.#dialTimeoutMs)
    const links = this.#links
    if (links.find(node, peer) === NONE) this.open(node, peer)
    const place = links.find(node, peer)
    if (links.statusAt(place) === OPENING) links.setAsked(place)
    else this.#push(0, EventKind.AlreadyOpen, node, peer, links.serialAt(place))
  }

  disconnect(node: number, peer: unknown): void {
    if (!this.#population.isOther(node, peer)) return
    const place = this.#links.find(node, peer)
    if (place === NONE) return
    this.#announceClose(node, peer, place)
    this.#links.remove(node, place)
    this.#tellDisconnected(node, peer, 0)
  }

  /** Begins to open a connection that is not there. The node has an end afterwards, opening. */
  open(node: number, peer: number): void {
    const links = this.#links
    const theirs = links.find(peer, node)
    if (theirs !== NONE && links.statusAt(theirs) === OPENING) {
      links.add(node, peer, links.serialAt(theirs), OPENING, links.arrivalAt(theirs))
      return
    }
    const there = this.#network.delayMs(node, peer)
    const back = this.#network.delayMs(peer, node)
    this.#begin(node, peer, this.#isReachable(node, peer) ? there + back : this.#dialTimeoutMs, there)
  }

  /**
   * Puts a connection up without the round trip: how an experiment begins with a topology. Both are told before anything
   * that is pushed from here on. Returns false if there is one already.
   */
  link(node: number, peer: number): boolean {
    if (this.#links.find(node, peer) !== NONE || this.#links.find(peer, node) !== NONE) return false
    this.#begin(node, peer, 0, 0)
    return true
  }

  /** Takes a node out of the network: with notice to its peers, or without one. */
  closeAll(node: number, hasCrashed: boolean): void {
    for (const peer of this.#links.peersOf(node)) {
      const place = this.#links.find(node, peer)
      if (hasCrashed) this.#breakEnd(peer, node, this.#links.serialAt(place))
      else this.#announceClose(node, peer, place)
      this.#links.remove(node, place)
    }
  }

  /** Cuts each connection that crosses a partition. */
  cutParted(): void {
    for (let node = 0; node < this.#population.size; node++) {
      for (const peer of this.#links.peersOf(node)) {
        if (!this.#network.isParted(node, peer)) continue
        this.#breakEnd(node, peer, this.#links.serialAt(this.#links.find(node, peer)))
      }
    }
  }

  /** The round trip of an opening is over. */
  onOpened(node: number, peer: number, serial: number): void {
    if (!this.#isOpening(node, peer, serial) || !this.#isReachable(node, peer)) return this.#fail(node, peer, serial)
    if (!this.#isOpening(peer, node, serial)) this.#endOlder(peer, node)
    const links = this.#links
    // Told of the older connection's end, the peer may have asked for a new one: then it has joined this.
    if (!this.#isOpening(peer, node, serial)) links.add(peer, node, serial, OPEN, this.#calendar.now)
    links.setStatus(links.find(node, peer), OPEN)
    links.setStatus(links.find(peer, node), OPEN)
    this.#listener.onConnected(node, peer)
    if (links.isOpen(peer, node, serial)) this.#listener.onConnected(peer, node)
  }

  /** The other end closed, or was found to be dead. */
  onClosed(node: number, peer: number, serial: number): void {
    const place = this.#links.find(node, peer)
    if (place === NONE || this.#links.serialAt(place) !== serial) return
    this.#links.remove(node, place)
    this.#listener.onDisconnected(node, peer)
  }

  /** Somebody asked for a connection that was there. */
  onAlreadyOpen(node: number, peer: number, serial: number): void {
    if (this.#links.isOpen(node, peer, serial)) this.#listener.onConnected(node, peer)
  }

  #begin(node: number, peer: number, openingMs: number, thereMs: number): void {
    const serial = this.#links.nextSerial()
    this.#links.add(node, peer, serial, OPENING, this.#calendar.now + openingMs + thereMs)
    this.#push(openingMs, EventKind.Opened, node, peer, serial)
  }

  #isReachable(node: number, peer: number): boolean {
    return this.#population.isUp(peer) && !this.#network.isParted(node, peer)
  }

  #isOpening(node: number, peer: number, serial: number): boolean {
    const place = this.#links.find(node, peer)
    return place !== NONE && this.#links.serialAt(place) === serial && this.#links.statusAt(place) === OPENING
  }

  /** An opening failed: those that asked for it are told. */
  #fail(a: number, b: number, serial: number): void {
    const owed: [number, number][] = []
    for (const [node, peer] of [
      [a, b],
      [b, a],
    ] as const) {
      if (!this.#isOpening(node, peer, serial)) continue
      const place = this.#links.find(node, peer)
      if (this.#links.isAsked(place)) owed.push([node, peer])
      this.#links.remove(node, place)
    }
    for (const [node, peer] of owed) this.#listener.onDisconnected(node, peer)
  }

  /** A peer may not have heard yet that an older connection to the same node is over: it hears that first. */
  #endOlder(node: number, peer: number): void {
    const place = this.#links.find(node, peer)
    if (place !== NONE) this.onClosed(node, peer, this.#links.serialAt(place))
  }

  /** Lets the other end know, after all that was sent from this one. */
  #announceClose(node: number, peer: number, place: number): void {
    const serial = this.#links.serialAt(place)
    if (!this.#links.isOpen(peer, node, serial)) return
    const time = this.#links.arrival(place, this.#calendar.now + this.#network.delayMs(node, peer))
    this.#calendar.push(time, EventKind.Closed, peer, node, serial, undefined)
  }

  /** From now on nothing reaches this end; its owner finds out later. */
  #breakEnd(node: number, peer: number, serial: number): void {
    if (!this.#links.isOpen(node, peer, serial)) return
    this.#links.setStatus(this.#links.find(node, peer), BROKEN)
    this.#push(this.#noticeMs, EventKind.Closed, node, peer, serial)
  }

  #tellDisconnected(node: number, peer: unknown, delayMs: number): void {
    const time = this.#calendar.now + delayMs
    const incarnation = this.#population.incarnationOf(node)
    this.#calendar.push(time, EventKind.Disconnected, node, incarnation, 0, peer)
  }

  #push(delayMs: number, kind: number, node: number, peer: number, serial: number): void {
    this.#calendar.push(this.#calendar.now + delayMs, kind, node, peer, serial, undefined)
  }
}
