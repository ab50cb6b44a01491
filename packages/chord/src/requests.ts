import type { Key } from '@servent/keyspace'
import { type Peer, randomInt } from '@servent/machine'
import type { FailureReason, ProviderRecord, RequestId } from '@servent/records'
import type { Call } from './calls.ts'
import type { Core } from './core.ts'
import type { ChordEvent } from './events.ts'
import { IterativeLookup } from './iterative-lookup.ts'
import type { FindSuccessor, Found, NextHop, Operation, Stored } from './messages.ts'
import type { Router } from './router.ts'
import { baseOf } from './virtual-peer.ts'

/** What a request of our own is for. */
export type Purpose =
  | { readonly kind: 'lookup' | 'put' | 'get' | 'find' }
  | { readonly kind: 'provide'; readonly record: ProviderRecord }
  /** The finger at a place of the table. */
  | { readonly kind: 'finger'; readonly place: number }
  /** To join, or to see whether a peer is in another ring: always by way of that peer. */
  | { readonly kind: 'join' | 'merge'; readonly contact: Peer }

interface OwnRequest {
  readonly id: RequestId
  readonly key: Key
  readonly operation: Operation
  readonly purpose: Purpose
  readonly startedAt: number
  attempt: number
  /** The iterative lookup, if it goes that way this time. */
  lookup: IterativeLookup | undefined
  /** Timeouts of earlier attempts. */
  timeouts: number
  /** While a provider record is being stored: how many have to answer yet, and the outcome so far. */
  storing: { left: number; kept: number; found: Found } | undefined
}

export interface RequestsListener {
  /** Whom to ask first while we have no place ourselves. */
  readonly contact: Peer | undefined
  /** A finger was found. */
  onFinger(place: number, peer: Peer): void
  /** The one before our key, and its successors, as a contact's ring has them. */
  onMembers(kind: 'join' | 'merge', contact: Peer, predecessor: Peer, successors: readonly Peer[]): void
  /**
   * A request of ours for the ring's sake came to nothing.
   *
   * @param wasSent - false if there were too many under way
   */
  onFailed(purpose: Purpose, wasSent: boolean): void
  /** Keeps a provider record of our own, for we are one of those responsible. */
  keepOwn(record: ProviderRecord): boolean
}

/** The timer of an own request; its argument is the request's id. */
export const TIMER_REQUEST = 2

const ID_BELOW = 2 ** 48

/** Requests for the ring's sake beyond those of the application: a join, a look for another ring, a finger, and each again. */
const RING_REQUESTS_MAX = 6

/** Our own requests: sent, sent again another way when no answer comes, and told how they went. */
export class Requests {
  readonly #core: Core
  readonly #router: Router
  readonly #listener: RequestsListener
  #requests: Map<RequestId, OwnRequest> | undefined

  constructor(core: Core, router: Router, listener: RequestsListener) {
    this.#core = core
    this.#router = router
    this.#listener = listener
  }

  get size(): number {
    return this.#requests?.size ?? 0
  }

  /** Sends a request. How it went is told later, also if it goes wrong at once. */
  start(key: Key, operation: Operation, purpose: Purpose): RequestId {
    const { host, config } = this.#core
    const id = randomInt(() => host.random(), ID_BELOW)
    if (this.size >= config.requestsMax + (isForRing(purpose) ? RING_REQUESTS_MAX : 0)) {
      if (isForRing(purpose)) this.#listener.onFailed(purpose, false)
      else host.emit(failure(purpose, id, key, 'too-many-requests'))
      return id
    }
    const startedAt = host.now()
    this.#requests ??= new Map()
    const request: OwnRequest = {
      id,
      key,
      operation,
      purpose,
      startedAt,
      attempt: 0,
      lookup: undefined,
      timeouts: 0,
      storing: undefined,
    }
    this.#requests.set(id, request)
    this.#attempt(request)
    return id
  }

  onTimer(id: RequestId): void {
    const request = this.#requests?.get(id)
    if (request === undefined) return
    if (request.storing !== undefined) return this.#finishStoring(request)
    const { attempt, startedAt } = request
    // Of an earlier attempt.
    if (this.#core.host.now() < startedAt + attempt * this.#timeoutMsOf(request)) return
    if (attempt < this.#core.config.attemptsMax && !isForRing(request.purpose)) this.#attempt(request)
    else this.#fail(request, 'timeout')
  }

  /** An answer to one of our requests. False if it is none. */
  onFound(found: Found): boolean {
    const request = this.#requests?.get(found.id)
    if (request === undefined) return false
    if (request.storing === undefined) this.#done(request, found)
    return true
  }

  /** A request has no way on: another attempt may find one later, at the time it would have been made anyway. */
  onStuck(id: RequestId): void {
    const request = this.#requests?.get(id)
    if (request === undefined) return
    if (isForRing(request.purpose) || request.attempt >= this.#core.config.attemptsMax) this.#fail(request, 'timeout')
  }

  onNextHop({ id, peer }: Call & { kind: 'next-hop' }, { responsible, preceding }: NextHop): void {
    const request = this.#requests?.get(id)
    if (request?.lookup === undefined) return
    request.lookup.answered(peer, responsible, preceding)
    this.#askNext(request, request.lookup)
  }

  onNextHopExpired({ id, peer }: Call & { kind: 'next-hop' }): void {
    this.#core.suspect(peer)
    const request = this.#requests?.get(id)
    if (request?.lookup === undefined) return
    request.lookup.timedOut(peer)
    this.#askNext(request, request.lookup)
  }

  /** The last step of an iterative lookup was not answered. False if the request was somebody else's. */
  onFinalExpired(call: Call & { kind: 'forward' }): boolean {
    const request = this.#requests?.get(call.request.id)
    if (request?.lookup === undefined || call.request.reach === 'forward') return false
    this.#core.suspect(call.peer)
    request.lookup.timedOut(call.peer)
    this.#askNext(request, request.lookup)
    return true
  }

  /** A peer said whether it keeps our provider record, or did not say. */
  onStored({ id }: Call & { kind: 'store' }, stored: Stored | undefined): boolean {
    const request = this.#requests?.get(id)
    if (request?.storing === undefined) return false
    const { storing } = request
    storing.left--
    if (stored !== undefined && stored.refusal === undefined) storing.kept++
    if (storing.left === 0) this.#finishStoring(request)
    return true
  }

  /** Ends all requests. */
  stop(): void {
    for (const request of [...(this.#requests?.values() ?? [])]) this.#fail(request, 'stopped')
  }

  #timeoutMsOf({ purpose }: OwnRequest): number {
    const { joinTimeoutMs, requestTimeoutMs } = this.#core.config
    return purpose.kind === 'join' || purpose.kind === 'merge' ? joinTimeoutMs : requestTimeoutMs
  }

  #attempt(request: OwnRequest): void {
    const { host, config } = this.#core
    request.attempt++
    host.setTimer(TIMER_REQUEST, this.#timeoutMsOf(request), request.id)
    if (request.lookup !== undefined) request.timeouts += request.lookup.timeouts
    const isIterative = request.attempt > 1 || config.routing === 'iterative'
    request.lookup = isIterative ? new IterativeLookup(host, request.key) : undefined
    if (request.lookup === undefined) this.#sendRecursively(request)
    else this.#beginIteratively(request, request.lookup)
  }

  #sendRecursively(request: OwnRequest): void {
    const { host } = this.#core
    const via = this.#viaOf(request)
    if (via !== undefined) this.#router.sendTo(via, this.#message(request, [host.self], 'forward'))
    else this.#router.handleOwn(this.#message(request, [], 'forward'))
  }

  #beginIteratively(request: OwnRequest, lookup: IterativeLookup): void {
    const via = this.#viaOf(request)
    if (via !== undefined) {
      lookup.named([], [via])
    } else {
      const { responsible, preceding } = this.#router.nextHops(request.key, false)
      lookup.named(responsible, preceding)
    }
    this.#askNext(request, lookup)
  }

  /** The peer that a request has to go through; undefined if it goes by our own tables. */
  #viaOf({ purpose }: OwnRequest): Peer | undefined {
    return purpose.kind === 'join' || purpose.kind === 'merge' ? purpose.contact : this.#listener.contact
  }

  #askNext(request: OwnRequest, lookup: IterativeLookup): void {
    const { host, calls } = this.#core
    const question = lookup.next()
    // The time that is left may bring answers to an earlier attempt.
    if (question === undefined || lookup.path.length > this.#core.config.hopsMax) return this.onStuck(request.id)
    const { peer, isFinal, skipped } = question
    const { self } = host
    if (isFinal && peer === self) {
      // Ours after all, or a ring of one.
      return this.#router.handleOwn({ ...this.#message(request, [], 'forced'), timeouts: 0 })
    }
    if (isFinal) {
      return this.#router.sendTo(peer, this.#message(request, [self], 'final'), skipped)
    }
    const call = calls.start({ kind: 'next-hop', peer, id: request.id })
    host.send(peer, { type: 'GetNextHop', call, key: request.key, isJoin: request.operation.kind === 'join' })
  }

  #message(request: OwnRequest, path: readonly Peer[], reach: FindSuccessor['reach']): FindSuccessor {
    const { id, key, operation } = request
    return { type: 'FindSuccessor', call: 0, id, key, operation, reach, skipped: [], path, timeouts: 0, misses: 0 }
  }

  #done(request: OwnRequest, found: Found): void {
    const { purpose } = request
    const { outcome } = found
    if (purpose.kind === 'provide' && outcome.kind === 'responsible') {
      return this.#store(request, purpose.record, found, [outcome.peer, ...outcome.replicas])
    }
    this.#requests?.delete(request.id)
    if (purpose.kind === 'finger') {
      if (outcome.kind === 'responsible') this.#listener.onFinger(purpose.place, outcome.peer)
    } else if (purpose.kind === 'join' || purpose.kind === 'merge') {
      if (outcome.kind !== 'members') this.#listener.onFailed(purpose, true)
      else this.#listener.onMembers(purpose.kind, purpose.contact, outcome.peer, outcome.successors)
    } else {
      this.#tell(request, found)
    }
  }

  /** Stores a provider record with all who shall keep it: it is taken from the provider alone, so nobody can do it for us. */
  #store(request: OwnRequest, record: ProviderRecord, found: Found, holders: readonly Peer[]): void {
    const { host, calls, config } = this.#core
    const others = holders.filter((peer) => peer !== host.self).slice(0, config.replicas)
    const kept = others.length < holders.length && this.#listener.keepOwn(record) ? 1 : 0
    request.storing = { left: others.length, kept, found }
    if (others.length === 0) return this.#finishStoring(request)
    host.setTimer(TIMER_REQUEST, this.#timeoutMsOf(request), request.id)
    for (const peer of others) {
      const call = calls.start({ kind: 'store', peer, id: request.id })
      host.send(peer, { type: 'Store', call, records: [record] })
    }
  }

  #finishStoring(request: OwnRequest): void {
    if (request.storing === undefined || !this.#requests?.delete(request.id)) return
    const { kept, found } = request.storing
    if (kept === 0) this.#core.host.emit(failure(request.purpose, request.id, request.key, 'timeout'))
    else this.#core.host.emit({ type: 'put-done', ...this.#route(request, found), replicas: kept })
  }

  #tell(request: OwnRequest, found: Found): void {
    const { id, key, purpose } = request
    const { host } = this.#core
    const { outcome } = found
    const route = this.#route(request, found)
    const isOf = (kind: Purpose['kind']): boolean => purpose.kind === kind
    if (outcome.kind === 'responsible' && isOf('lookup')) {
      host.emit({ type: 'lookup-done', ...route, responsible: baseOf(outcome.peer) })
    } else if (outcome.kind === 'stored' && isOf('put')) {
      host.emit({ type: 'put-done', ...route, replicas: outcome.replicas })
    } else if (outcome.kind === 'value' && isOf('get') && outcome.value !== undefined) {
      host.emit({ type: 'get-done', ...route, values: [outcome.value] })
    } else if (outcome.kind === 'providers' && isOf('find')) {
      for (const peer of outcome.peers) host.emit({ type: 'provider-found', id, key, peer })
      host.emit({ type: 'find-done', ...route, count: outcome.peers.length })
    } else if (outcome.kind === 'refused') {
      host.emit(failure(purpose, id, key, outcome.refusal))
    } else {
      host.emit(failure(purpose, id, key, 'not-found'))
    }
  }

  #route({ id, key, startedAt, lookup, timeouts }: OwnRequest, found: Found) {
    const { host } = this.#core
    // A node answers with the path as it came to it: of an iterative lookup, straight from us.
    const path = [host.self, ...(lookup?.path ?? []), ...found.path.slice(1)].map(baseOf)
    return { id, key, path, timeouts: timeouts + (lookup?.timeouts ?? 0) + found.timeouts, startedAt }
  }

  #fail(request: OwnRequest, reason: FailureReason): void {
    this.#requests?.delete(request.id)
    if (!isForRing(request.purpose)) this.#core.host.emit(failure(request.purpose, request.id, request.key, reason))
    else if (reason !== 'stopped') this.#listener.onFailed(request.purpose, true)
  }
}

/** Requests that keep the ring are not sent again at once: the next round of what they are for does it. */
function isForRing(purpose: Purpose): boolean {
  return purpose.kind === 'finger' || purpose.kind === 'join' || purpose.kind === 'merge'
}

function failure({ kind }: Purpose, id: RequestId, key: Key, reason: FailureReason): ChordEvent {
  switch (kind) {
    case 'get':
      return { type: 'get-failed', id, key, reason }
    case 'find':
      return { type: 'find-failed', id, key, reason }
    case 'put':
    case 'provide':
      return { type: 'put-failed', id, key, reason }
    default:
      return { type: 'lookup-failed', id, key, reason }
  }
}
