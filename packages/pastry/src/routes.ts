import type { Peer } from '@servent/machine'
import type { Answer, Outcome, Route } from './messages.ts'
import type { Node } from './node.ts'
import { TIMER_HOP } from './timers.ts'

/** Where a message came from: a peer, or a request of ours. */
export type Source = { readonly peer: Peer } | { readonly request: number }

/** A message that we passed on. */
interface Underway {
  readonly message: Route
  readonly source: Source
  readonly expiresAt: number
  /** Whom we passed it to, the latest last. */
  readonly asked: Peer[]
  timeouts: number
  sentAt: number
  dueAt: number
  isAcked: boolean
}

/** What a route ends in. */
export interface RouteEnds {
  /** The message has arrived: nobody known is closer to its key. */
  onArrived(message: Route, source: Source): void
  /** An answer to a message of ours came. */
  onOwnAnswer(request: number, answer: Answer): void
}

/** Expired messages that are looked for each time one is added. */
const SWEPT_AT_ONCE = 4

/**
 * Messages under way through this node. Each is passed on with a deadline: a next hop that has not said by then that it has
 * the message is suspected, and the message goes another way. Answers take the same way back.
 */
export class Routes {
  readonly #node: Node
  readonly #ends: RouteEnds
  #underway: Map<number, Underway> | undefined

  constructor(node: Node, ends: RouteEnds) {
    this.#node = node
    this.#ends = ends
  }

  get size(): number {
    return this.#underway?.size ?? 0
  }

  has(id: number): boolean {
    return this.#underway?.has(id) === true
  }

  get isFull(): boolean {
    return this.size >= this.#node.config.routesMax
  }

  clear(): void {
    this.#underway = undefined
  }

  /**
   * Passes a message on, or lets it arrive.
   *
   * @param avoided - a first hop that is not taken if there is another
   */
  pass(message: Route, source: Source, avoided?: Peer): void {
    const { host, config } = this.#node
    const now = host.now()
    this.#sweep(now)
    const entry: Underway = {
      message,
      source,
      expiresAt: now + config.routeAgeMs,
      asked: [],
      timeouts: message.timeouts,
      sentAt: now,
      dueAt: now,
      isAcked: false,
    }
    const next = this.#nextHop(entry, avoided)
    if (next === host.self) {
      this.#ends.onArrived(message, source)
      return
    }
    this.#underway ??= new Map()
    this.#underway.set(message.id, entry)
    this.#send(entry, next)
  }

  /** The first hop of a message, if it was passed on. */
  lastAsked(id: number): Peer | undefined {
    return this.#underway?.get(id)?.asked.at(-1)
  }

  /** Sends what came of a message back where it came from. */
  answer(message: Route, source: Source, outcome: Outcome): void {
    const { host } = this.#node
    const path = [...message.path, host.self]
    const answer: Answer = { type: 'Answer', id: message.id, timeouts: message.timeouts, path, outcome }
    this.#deliver(source, answer)
  }

  onAck(from: Peer, id: number): void {
    const entry = this.#underway?.get(id)
    if (entry === undefined || !entry.asked.includes(from)) return this.#node.drop('unasked-ack')
    if (from !== entry.asked.at(-1)) return
    entry.isAcked = true
    const { liveness, host } = this.#node
    if (liveness.isLinked(from)) liveness.measured(from, host.now() - entry.sentAt)
  }

  /** Takes an answer from whom we asked, and hands it on. Gives the message that it answers; undefined if there is none. */
  onAnswer(from: Peer, answer: Answer): Route | undefined {
    const entry = this.#underway?.get(answer.id)
    if (entry === undefined || !entry.asked.includes(from)) {
      this.#node.drop('unasked-answer')
      return undefined
    }
    if (answer.path[entry.message.path.length] !== this.#node.host.self) {
      this.#node.drop('path-of-another')
      return undefined
    }
    this.#underway?.delete(answer.id)
    this.#deliver(entry.source, answer)
    return entry.message
  }

  /** A next hop had its time. */
  onTimer(id: number): void {
    const { host, liveness } = this.#node
    const entry = this.#underway?.get(id)
    if (entry === undefined || entry.isAcked || entry.dueAt > host.now()) return
    const silent = entry.asked.at(-1)
    if (silent !== undefined) liveness.suspect(silent)
    entry.timeouts++
    const next = this.#nextHop(entry)
    if (next !== host.self) return this.#send(entry, next)
    this.#underway?.delete(id)
    this.#ends.onArrived({ ...entry.message, timeouts: entry.timeouts }, entry.source)
  }

  #nextHop({ message, asked }: Underway, avoided?: Peer): Peer {
    const { tables, liveness, config } = this.#node
    const mayUse = (peer: Peer) => liveness.mayUse(peer) && !message.path.includes(peer) && !asked.includes(peer)
    const isLinked = config.prefersLinked ? (peer: Peer) => liveness.isLinked(peer) : undefined
    if (avoided !== undefined) {
      const other = tables.nextHop(message.key, (peer) => peer !== avoided && mayUse(peer), isLinked)
      if (other !== this.#node.host.self) return other
    }
    return tables.nextHop(message.key, mayUse, isLinked)
  }

  #send(entry: Underway, next: Peer): void {
    const { host, liveness } = this.#node
    const { message, timeouts } = entry
    const timeoutMs = liveness.hopTimeoutMs(next)
    entry.asked.push(next)
    entry.sentAt = host.now()
    entry.dueAt = entry.sentAt + timeoutMs
    entry.isAcked = false
    host.send(next, { ...message, timeouts, path: [...message.path, host.self] })
    host.setTimer(TIMER_HOP, timeoutMs, message.id)
  }

  #deliver(source: Source, answer: Answer): void {
    if ('peer' in source) this.#node.host.send(source.peer, answer)
    else this.#ends.onOwnAnswer(source.request, answer)
  }

  /** The oldest come first in a map: a few looks each time keep it clean. */
  #sweep(now: number): void {
    let looked = 0
    for (const [id, { expiresAt }] of this.#underway ?? []) {
      if (expiresAt > now || looked++ >= SWEPT_AT_ONCE) return
      this.#underway?.delete(id)
    }
  }
}
