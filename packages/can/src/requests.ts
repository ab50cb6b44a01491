import type { Key } from '@servent/keyspace'
import { type Peer, randomInt } from '@servent/machine'
import type { FailureReason, ProviderRecord, RequestId, StructuredEvent, ValueRecord } from '@servent/records'
import { ANY_REALITY, type Answer, type Request, type Route } from './messages.ts'
import { type CanNode, TIMER_REQUEST } from './node.ts'
import type { Storage } from './storage.ts'
import { keyAt, type Point } from './zone.ts'

/** What was asked. A `look` is our own: its end is told to whoever began it. */
type Kind = 'lookup' | 'put' | 'get' | 'provide' | 'find' | 'look'

interface Pending {
  readonly id: RequestId
  readonly kind: Kind
  readonly key: Key
  readonly reality: number
  readonly record: ValueRecord | undefined
  readonly startedAt: number
  /** Through whom, if not through whoever is nearest. */
  readonly via: Peer | undefined
  /** Of a look. */
  readonly onLooked: ((owner: Peer | undefined) => void) | undefined
  attempts: number
  timeouts: number
}

/** Ours: after a way that ended nowhere, for the hole to be filled meanwhile, in milliseconds. */
const RETRY_MS = 1_000

/** Ours: links that a look at a place beside us may take. */
const LOOK_HOPS_MAX = 24

const ROUTED: Readonly<Record<Kind, Request>> = {
  lookup: 'lookup',
  look: 'lookup',
  provide: 'lookup',
  put: 'put',
  get: 'get',
  find: 'providers',
}

export interface RequestsUser {
  /** Takes a route on its way, ours or a retry. */
  launch(route: Route, via: Peer | undefined): void
  /** A peer that may be a member while we are none. */
  wayIn(): Peer | undefined
}

/** What we have asked the overlay, until it is answered or given up. Each is tried a few times, each end is told once. */
export class Requests {
  readonly #node: CanNode
  readonly #storage: Storage
  readonly #user: RequestsUser
  readonly #pending = new Map<RequestId, Pending>()
  /** Events of requests that ended before their verb returned: told by a timer. */
  readonly #parked = new Map<number, StructuredEvent[]>()
  #serial = 0
  #isInVerb = false

  constructor(node: CanNode, storage: Storage, user: RequestsUser) {
    this.#node = node
    this.#storage = storage
    this.#user = user
  }

  get size(): number {
    return this.#pending.size + this.#parked.size
  }

  /** Gives everything up. */
  clear(reason: FailureReason): void {
    for (const pending of [...this.#pending.values()]) this.#fail(pending, reason)
  }

  begin(kind: Exclude<Kind, 'look'>, key: Key, record?: ValueRecord): RequestId {
    return this.#begin({ kind, key, record, reality: ANY_REALITY, via: undefined, onLooked: undefined })
  }

  /** Looks for the owner of a place, through a certain peer or as any route. */
  look(point: Point, reality: number, via: Peer | undefined, onLooked: (owner: Peer | undefined) => void): void {
    this.#begin({ kind: 'look', key: keyAt(point), record: undefined, reality, via, onLooked })
  }

  onAnswer(from: Peer, answer: Answer): void {
    const pending = this.#pending.get(answer.id)
    if (pending === undefined) return this.#node.drop('unexpected-answer')
    pending.timeouts = Math.max(pending.timeouts, answer.timeouts)
    if (!answer.isOwner) return this.onNoWay(answer.id)
    const path = [...answer.path, from]
    switch (pending.kind) {
      case 'lookup':
        return this.#end(pending, { type: 'lookup-done', ...this.#went(pending, path), responsible: from })
      case 'look':
        this.#pending.delete(pending.id)
        return pending.onLooked?.(from)
      case 'put':
        if (answer.refusal !== undefined) return this.#fail(pending, answer.refusal)
        return this.#endPut(pending, path, answer)
      case 'get':
        return this.#endGet(pending, path, answer)
      case 'find':
        return this.#endFind(pending, path, answer)
      case 'provide':
        return this.#storeProvider(pending, path, answer)
    }
  }

  /** A route of ours ended nowhere. */
  onNoWay(id: RequestId): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    // Who looks into a hole wants to know, not to find.
    if (pending.attempts >= this.#node.config.attemptsMax || pending.kind === 'look') {
      return this.#fail(pending, this.#node.place.isEmpty ? 'no-contacts' : 'timeout')
    }
    this.#node.host.setTimer(TIMER_REQUEST, RETRY_MS, id * ATTEMPTS + pending.attempts)
  }

  /** @param arg - the request and which of its attempts, or what was parked */
  onTimer(arg: number): void {
    if (arg < 0) {
      const events = this.#parked.get(-arg) ?? []
      this.#parked.delete(-arg)
      for (const event of events) this.#node.host.emit(event)
      return
    }
    const pending = this.#pending.get(Math.floor(arg / ATTEMPTS))
    // An answer may have come, or the attempt may have been given up before.
    if (pending === undefined || pending.attempts !== arg % ATTEMPTS) return
    if (pending.attempts >= this.#node.config.attemptsMax) return this.#fail(pending, 'timeout')
    this.#launch(pending)
  }

  #begin(asked: Pick<Pending, 'kind' | 'key' | 'record' | 'reality' | 'via' | 'onLooked'>): RequestId {
    const { host, config } = this.#node
    // Not to be guessed: an answer is believed by its number.
    const id = 1 + randomInt(() => host.random(), ID_MAX)
    const pending = { id, ...asked, startedAt: host.now(), attempts: 0, timeouts: 0 }
    const wasInVerb = this.#isInVerb
    this.#isInVerb = true
    if (this.#pending.size >= config.requestsMax || this.#pending.has(id)) {
      this.#tell(failureOf(pending, 'too-many-requests'))
    } else {
      this.#pending.set(id, pending)
      this.#launch(pending)
    }
    this.#isInVerb = wasInVerb
    return id
  }

  #launch(pending: Pending): void {
    const { host, config, place } = this.#node
    const { id, kind, key, reality, record } = pending
    pending.attempts++
    // Who owns nothing asks through somebody who does.
    const via = pending.via ?? (place.isEmpty ? this.#user.wayIn() : undefined)
    if (place.isEmpty && via === undefined) return this.onNoWay(id)
    host.setTimer(TIMER_REQUEST, config.requestTimeoutMs, id * ATTEMPTS + pending.attempts)
    const request = ROUTED[kind]
    // A place beside ours is near; through another it may be as far as any.
    const hops = kind === 'look' && via === undefined ? Math.max(0, config.hopsMax - LOOK_HOPS_MAX) : 0
    const fresh = { hop: 0, isPassedOn: false, hops, timeouts: pending.timeouts, path: [], avoid: [] }
    this.#user.launch({ type: 'Route', request, id, origin: host.self, key, reality, record, ...fresh }, via)
  }

  #endPut(pending: Pending, path: readonly Peer[], { replicas }: Answer): void {
    const { self } = this.#node.host
    const isToKeep = replicas.includes(self) && pending.record !== undefined
    const isLacking = isToKeep && this.#storage.keep(pending.record, self) !== undefined
    const count = replicas.length - (isLacking ? 1 : 0)
    this.#end(pending, { type: 'put-done', ...this.#went(pending, path), replicas: count })
  }

  #endGet(pending: Pending, path: readonly Peer[], answer: Answer): void {
    const values = answer.values.filter((value) => this.#isGood(value, pending.key))
    if (values.length === 0) return this.#fail(pending, 'not-found')
    this.#end(pending, { type: 'get-done', ...this.#went(pending, path), values })
  }

  #endFind(pending: Pending, path: readonly Peer[], answer: Answer): void {
    const { id, key } = pending
    const found = new Set<Peer>()
    for (const record of answer.providers) {
      if (found.has(record.peer) || !this.#isGood(record, key)) continue
      found.add(record.peer)
      this.#tell({ type: 'provider-found', id, key, peer: record.peer })
    }
    this.#end(pending, { type: 'find-done', ...this.#went(pending, path), count: found.size })
  }

  /** Who keeps the key is known: each is told by ourselves, for nobody believes it from others. */
  #storeProvider(pending: Pending, path: readonly Peer[], answer: Answer): void {
    const { host, config } = this.#node
    const record: ProviderRecord = { type: 'provider', key: pending.key, peer: host.self, ttlMs: config.provideTtlMs }
    const isOurs = answer.replicas.includes(host.self)
    const isKept = isOurs && this.#storage.keep(record, host.self) === undefined
    const others = answer.replicas.filter((peer) => peer !== host.self).slice(0, config.replicas)
    // From here on the time is the storage's: no attempt begins anew.
    pending.attempts = config.attemptsMax
    this.#storage.storeAt(others, record, ({ keepers, refusal }) => {
      if (!this.#pending.has(pending.id)) return
      const replicas = keepers.length + (isKept ? 1 : 0)
      if (replicas === 0) return this.#fail(pending, refusal ?? 'timeout')
      this.#end(pending, { type: 'put-done', ...this.#went(pending, path), replicas })
    })
  }

  #isGood(record: ValueRecord | ProviderRecord, key: Key): boolean {
    const isGood = this.#storage.isGood(record, key)
    if (!isGood) this.#node.drop('bad-record')
    return isGood
  }

  #went({ id, key, timeouts, startedAt }: Pending, path: readonly Peer[]) {
    return { id, key, path, timeouts, startedAt }
  }

  #fail(pending: Pending, reason: FailureReason): void {
    if (pending.kind === 'look') {
      this.#pending.delete(pending.id)
      return pending.onLooked?.(undefined)
    }
    this.#end(pending, failureOf(pending, reason))
  }

  #end(pending: Pending, event: StructuredEvent): void {
    this.#pending.delete(pending.id)
    this.#tell(event)
  }

  /** Tells an event, but not before the verb that it is about has returned its id. */
  #tell(event: StructuredEvent): void {
    const { host } = this.#node
    if (!this.#isInVerb) return host.emit(event)
    const waiting = this.#parked.get(this.#serial)
    if (waiting !== undefined) {
      waiting.push(event)
      return
    }
    this.#parked.set(++this.#serial, [event])
    host.setTimer(TIMER_REQUEST, 0, -this.#serial)
  }
}

/** Ids are drawn from so many; with the number of the attempt they are still exact. */
const ID_MAX = 2 ** 32 - 1
const ATTEMPTS = 16

function failureOf({ id, key, kind }: Pick<Pending, 'id' | 'key' | 'kind'>, reason: FailureReason): StructuredEvent {
  const failure = { id, key, reason }
  switch (kind) {
    case 'get':
      return { type: 'get-failed', ...failure }
    case 'find':
      return { type: 'find-failed', ...failure }
    case 'put':
    case 'provide':
      return { type: 'put-failed', ...failure }
    default:
      return { type: 'lookup-failed', ...failure }
  }
}
