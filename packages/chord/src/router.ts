import type { Key } from '@servent/keyspace'
import { type Peer, SeenCache } from '@servent/machine'
import type { RequestId } from '@servent/records'
import type { Call } from './calls.ts'
import type { Core } from './core.ts'
import type { CallId, FindSuccessor, Found, GetNextHop, Outcome, Reach } from './messages.ts'

/** What a request becomes where it ends: an outcome now or later, or the next node's, for we have nothing under the key. */
export type Performed = Outcome | 'later' | 'next'

export interface RouterListener {
  /** Whether we have a place, so that others may route through us. */
  readonly isMember: boolean
  /** Whether a peer may join through us. */
  lets(peer: Peer): boolean
  /**
   * Does what a request asks of whoever is responsible. After 'later', `answer` is called.
   *
   * @param from - undefined if it is a request of our own
   */
  perform(request: FindSuccessor, from: Peer | undefined): Performed
  /** One of our own requests was answered. False if it is none of ours. */
  onFound(found: Found): boolean
  /** One of our own requests has no way on. */
  onStuck(id: RequestId): void
}

/** Time to say that we have a request. */
export const TIMER_ACK = 9

/** A put is answered when the copies are: after a question and its answer more. */
const PUT_PATIENCE = 3

/** What fits into two bytes. */
const TIMEOUTS_MAX = 0xffff

/** Of a request that nobody else is to be asked for: more than `missesMax` can be. */
export const MISSES_END = 255

/**
 * Hands requests on to the successor of their key, and answers back the way they came.
 *
 * 1. Each node on the way says that it has the request, or answers at once; if it does neither, the next best node is tried.
 * 2. A request comes closer to its key with each step, or is handed back once from a successor to its predecessor, and ends
 *    after `hopsMax` in any case.
 * 3. Answers go back only the way of a request that came by.
 */
export class Router {
  readonly #core: Core
  readonly #listener: RouterListener
  /** Where requests came from. */
  #relayed: SeenCache<RequestId, Peer> | undefined
  /** Requests that we have sent on and not said so yet. */
  #unacked: Map<RequestId, { readonly from: Peer; readonly call: CallId }> | undefined

  constructor(core: Core, listener: RouterListener) {
    this.#core = core
    this.#listener = listener
  }

  get relayedCount(): number {
    return this.#relayed?.size ?? 0
  }

  /** A request of another node's. */
  onFindSuccessor(from: Peer, request: FindSuccessor): void {
    const { config, host, calls } = this.#core
    const { path, id } = request
    if (path.at(-1) !== from) return this.#core.drop('false-path')
    if (path.length > config.hopsMax) return this.#core.drop('too-many-hops')
    // Round to the asker itself is no circle: the key may be its own.
    if (path.lastIndexOf(host.self) > 0) return this.#core.drop('routing-loop')
    const isLet = this.#listener.isMember || (request.operation.kind === 'join' && this.#listener.lets(from))
    if (!isLet) return this.#core.drop('not-joined')
    if (calls.isFull) return this.#core.drop('too-many-calls')
    this.#relayed ??= new SeenCache(config.relayedMs, config.relayedMax)
    this.#relayed.set(id, from, host.now())
    this.#handle(request, from)
  }

  /** A request of our own, or one that goes on from here: to the next node, or done here. */
  handleOwn(request: FindSuccessor): void {
    this.#handle(request, undefined)
  }

  /**
   * Sends a request of our own to a certain node.
   *
   * @param skipped - nodes nearer to the key that did not answer
   */
  sendTo(peer: Peer, request: FindSuccessor, skipped: readonly Peer[] = []): void {
    this.#send(peer, request, request.reach, skipped)
  }

  onFound(from: Peer, found: Found): void {
    this.#unacked?.delete(found.id)
    this.#core.calls.forwardAnswered(found.id, from)
    if (this.#listener.onFound(found)) return
    const { host } = this.#core
    const back = this.#relayed?.get(found.id, host.now())
    if (back === undefined || back === from) return this.#core.drop('unasked')
    host.send(back, found)
  }

  /** Tells whoever asked how a request went: ourselves or the node that it came from. */
  answer(request: FindSuccessor, from: Peer | undefined, outcome: Outcome): void {
    const { host } = this.#core
    const { id, timeouts } = request
    const found: Found = { type: 'Found', id, path: [...request.path, host.self], timeouts, outcome }
    if (from === undefined) this.#listener.onFound(found)
    else host.send(from, found)
  }

  /** The node that a request was sent on to did not say that it has it: the next best one gets it. */
  onForwardExpired({ peer, request, tried, isPassedOn }: Call & { kind: 'forward' }): void {
    this.#core.suspect(peer)
    const late = { ...request, timeouts: Math.min(request.timeouts + 1, TIMEOUTS_MAX) }
    if (isPassedOn) this.#passOn(late, [...tried, peer])
    else this.#route(late, [...tried, peer])
  }

  onGetNextHop(from: Peer, { call, key, isJoin }: GetNextHop): void {
    if (!this.#listener.isMember) return this.#core.drop('not-joined')
    this.#core.host.send(from, { type: 'NextHop', call, ...this.nextHops(key, isJoin) })
  }

  /** The next steps of an iterative lookup, from here. */
  nextHops(key: Key, isJoin: boolean): { readonly responsible: readonly Peer[]; readonly preceding: readonly Peer[] } {
    const { ring, config, host } = this.#core
    const max = config.nextHopsMax
    const preceding = ring.precedingNodes(key, max)
    if (isJoin) return { responsible: ring.precedes(key) ? [host.self] : [], preceding }
    if (ring.owns(key) || ring.successor === undefined) return { responsible: [host.self], preceding }
    return { responsible: ring.successorsBehind(key, max), preceding }
  }

  /** Forgets what is under way. */
  clear(): void {
    this.#relayed = undefined
    this.#unacked = undefined
  }

  #handle(request: FindSuccessor, from: Peer | undefined): void {
    const { host } = this.#core
    const performed = this.#endsHere(request) ? this.#listener.perform(request, from) : undefined
    if (performed === 'later') return
    if (performed !== undefined && performed !== 'next') return this.answer(request, from, performed)
    if (from !== undefined) this.#ackSoon(from, request)
    const onward = { ...request, path: [...request.path, host.self] }
    if (performed === 'next') this.#passOn(onward, [])
    else this.#route(onward, [])
  }

  /** Says that we have a request, unless its answer comes by first, which says as much. */
  #ackSoon(from: Peer, { call, id }: FindSuccessor): void {
    const { host, config } = this.#core
    if (config.ackDelayMs === 0 || (this.#unacked?.size ?? 0) >= config.relayedMax) {
      host.send(from, { type: 'Ack', call })
      return
    }
    this.#unacked ??= new Map()
    this.#unacked.set(id, { from, call })
    host.setTimer(TIMER_ACK, config.ackDelayMs, id)
  }

  /** The answer is late. */
  onAckDue(id: RequestId): void {
    const due = this.#unacked?.get(id)
    if (due === undefined) return
    this.#unacked?.delete(id)
    this.#core.host.send(due.from, { type: 'Ack', call: due.call })
  }

  /** Whether we are the one to do what is asked. */
  #endsHere({ key, operation, reach, skipped }: FindSuccessor): boolean {
    const { ring } = this.#core
    if (reach === 'forced') return true
    if (operation.kind === 'join') return ring.precedes(key)
    if (ring.successor === undefined || ring.owns(key)) return true
    // Somebody has come between the sender and us: it goes back to our predecessor, if that is alive.
    const { predecessor } = ring
    return (
      reach === 'final' &&
      (predecessor === undefined || skipped.includes(predecessor) || this.#core.isSuspect(predecessor))
    )
  }

  /** Sends a request on. Its path ends with ourselves. */
  #route(request: FindSuccessor, tried: readonly Peer[]): void {
    const { ring, config } = this.#core
    const { key, operation, reach } = request
    if (tried.length >= config.reroutesMax) return this.#giveUp(request)
    if (reach === 'final' && operation.kind !== 'join') {
      const { predecessor } = ring
      if (predecessor !== undefined && !tried.includes(predecessor)) {
        return this.#send(predecessor, request, 'final', tried)
      }
      // Our predecessor is dead: the key is ours.
      return this.#endHere(request)
    }
    const isExcluded = (peer: Peer): boolean => tried.includes(peer) || this.#core.isSuspect(peer)
    if (operation.kind === 'join') {
      const peer = ring.closestPreceding(key, isExcluded)
      return peer === undefined ? this.#giveUp(request) : this.#send(peer, request, 'forward', tried)
    }
    const step = ring.next(key, isExcluded)
    if (step === undefined) return this.#giveUp(request)
    this.#send(step.peer, request, step.isFinal ? 'final' : 'forward', tried)
  }

  /** Sends a request that we have nothing for to a node behind us, which keeps copies. Its path ends with ourselves. */
  #passOn(request: FindSuccessor, tried: readonly Peer[]): void {
    const { ring } = this.#core
    const next = ring.successors.find(
      (peer) => !tried.includes(peer) && !request.path.includes(peer) && !this.#core.isSuspect(peer)
    )
    const asked = { ...request, misses: Math.min(request.misses + 1, MISSES_END) }
    if (next === undefined || asked.misses > this.#core.config.missesMax)
      this.#endHere({ ...asked, misses: MISSES_END })
    else this.#send(next, asked, 'forced', tried, true)
  }

  /** We are the one after all. The path of the request ends with ourselves. */
  #endHere(request: FindSuccessor): void {
    const path = request.path.slice(0, -1)
    const from = path.length === 0 ? undefined : this.#relayed?.get(request.id, this.#core.host.now())
    const ended = { ...request, path }
    const performed = this.#listener.perform(ended, from)
    if (performed === 'next') this.#passOn(request, [])
    else if (performed !== 'later') this.answer(ended, from, performed)
  }

  #giveUp({ id, path }: FindSuccessor): void {
    this.#core.drop('no-way-on')
    if (path.length === 1) this.#listener.onStuck(id)
  }

  #send(peer: Peer, request: FindSuccessor, reach: Reach, tried: readonly Peer[], isPassedOn = false): void {
    const { calls, host } = this.#core
    const patience = request.operation.kind === 'put' && reach !== 'forward' ? PUT_PATIENCE : 1
    // What is remembered is how the request came to us, for it may have to go another way.
    const call = calls.start({ kind: 'forward', peer, request, tried, isPassedOn }, patience)
    host.send(peer, { ...request, call, reach, skipped: tried })
  }
}
