import type { Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { FailureReason, ProviderRecord, RequestId, StructuredEvent, ValueRecord } from '@servent/records'
import type { Archive } from './archive.ts'
import type { Answer, Payload, Route } from './messages.ts'
import type { Node } from './node.ts'
import type { Rounds } from './rounds.ts'
import type { Routes } from './routes.ts'
import { TIMER_REQUEST } from './timers.ts'

/** Names of requests and of routed messages are random and below this. */
const ID_END = 2 ** 48

type Kind = 'lookup' | 'put' | 'get' | 'provide' | 'find'

interface Request {
  readonly id: RequestId
  readonly kind: Kind
  readonly key: Key
  readonly payload: Payload
  readonly startedAt: number
  /** Whether the application does not wait for it: what is stored again. */
  readonly isSilent: boolean
  attempt: number
  /** When it is tried again. */
  dueAt: number
  /** The routed message of the last attempt. */
  routeId: number
}

/** Requests of our own: tried again through another first hop until an answer comes, or often enough. */
export class Requests {
  readonly #node: Node
  readonly #routes: Routes
  readonly #rounds: Rounds
  readonly #archive: Archive
  #requests: Map<RequestId, Request> | undefined

  constructor(node: Node, parts: { readonly routes: Routes; readonly rounds: Rounds; readonly archive: Archive }) {
    this.#node = node
    this.#routes = parts.routes
    this.#rounds = parts.rounds
    this.#archive = parts.archive
  }

  get size(): number {
    return this.#requests?.size ?? 0
  }

  /** Begins a request. Nothing happens before the timer: whoever asked has to know the id first. */
  begin(kind: Kind, key: Key, payload: Payload, isSilent = false): RequestId {
    const { host, config } = this.#node
    const id = Math.floor(host.random() * ID_END)
    const startedAt = host.now()
    const request: Request = {
      id,
      kind,
      key,
      payload,
      startedAt,
      isSilent,
      attempt: 0,
      dueAt: startedAt,
      routeId: 0,
    }
    this.#requests ??= new Map()
    // One over the limit is taken, to fail in its own time.
    if (this.#requests.size <= config.requestsMax) this.#requests.set(id, request)
    host.setTimer(TIMER_REQUEST, 0, id)
    return id
  }

  /** Ends all of them. */
  clear(): void {
    for (const request of [...(this.#requests?.values() ?? [])]) this.#fail(request, 'stopped')
  }

  onTimer(id: number): void {
    const request = this.#requests?.get(id)
    const { host, config } = this.#node
    if (request === undefined || request.dueAt > host.now()) return
    if (this.size > config.requestsMax && request.attempt === 0) return this.#fail(request, 'too-many-requests')
    if (request.attempt >= config.requestAttemptsMax) return this.#fail(request, 'timeout')
    const avoided = this.#routes.lastAsked(request.routeId)
    request.attempt++
    request.dueAt = host.now() + config.requestTimeoutMs
    request.routeId = Math.floor(host.random() * ID_END)
    host.setTimer(TIMER_REQUEST, config.requestTimeoutMs, id)
    // One that is joining knows nobody to ask yet: the next attempt may.
    if (this.#node.isJoined) this.#send(request, avoided)
  }

  onAnswer(id: RequestId, answer: Answer): void {
    const request = this.#requests?.get(id)
    if (request === undefined) return
    const { outcome } = answer
    if (outcome.type === 'refused') return this.#fail(request, outcome.reason)
    switch (request.kind) {
      case 'lookup':
        if (outcome.type === 'found') this.#lookedUp(request, answer)
        return
      case 'put':
        if (outcome.type === 'stored') this.#done(request, answer, { type: 'put-done', replicas: outcome.replicas })
        return
      case 'get':
        if (outcome.type === 'values') this.#got(request, answer, outcome.values)
        return
      case 'provide':
        if (outcome.type === 'found') this.#provide(request, answer, outcome.replicas)
        return
      case 'find':
        if (outcome.type === 'providers') this.#found(request, answer, outcome.providers)
    }
  }

  #send(request: Request, avoided: Peer | undefined): void {
    const { id, key, payload, routeId } = request
    const message: Route = { type: 'Route', id: routeId, key, timeouts: 0, path: [], payload }
    const source = { request: id }
    if (this.#archive.isResponsibleFor(message)) this.#archive.arrived(message, source)
    else this.#routes.pass(message, source, avoided)
  }

  #lookedUp(request: Request, answer: Answer): void {
    const responsible = answer.path.at(-1) ?? this.#node.host.self
    this.#done(request, answer, { type: 'lookup-done', responsible })
  }

  #got(request: Request, answer: Answer, values: readonly ValueRecord[]): void {
    const good = values.filter((value) => this.#archive.isGood(request.key, value))
    if (good.length === 0) return this.#fail(request, 'not-found')
    this.#done(request, answer, { type: 'get-done', values: good })
  }

  /** Each replica hears of it from the provider itself: nobody believes it of anyone else. */
  #provide(request: Request, answer: Answer, replicas: readonly Peer[]): void {
    const { host, config } = this.#node
    const record: ProviderRecord = { type: 'provider', key: request.key, peer: host.self, ttlMs: config.provideTtlMs }
    const nearest = replicas.slice(0, config.replicas)
    const isOurs = nearest.includes(host.self) && this.#archive.keep(record, host.self) === undefined
    const others = nearest.filter((peer) => peer !== host.self)
    this.#rounds.store(record, others, ({ kept, refusal }) => {
      const count = kept + (isOurs ? 1 : 0)
      if (count === 0) this.#fail(request, refusal ?? 'timeout')
      else this.#done(request, answer, { type: 'put-done', replicas: count })
    })
  }

  #found(request: Request, answer: Answer, providers: readonly Peer[]): void {
    const { id, key, isSilent } = request
    const different = [...new Set(providers)]
    for (const peer of different) if (!isSilent) this.#node.host.emit({ type: 'provider-found', id, key, peer })
    this.#done(request, answer, { type: 'find-done', count: different.length })
  }

  #done(request: Request, { path, timeouts }: Answer, result: Result): void {
    const { id, key, startedAt, isSilent } = request
    if (this.#requests?.delete(id) !== true || isSilent) return
    this.#node.host.emit({ ...result, id, key, path, timeouts, startedAt })
  }

  #fail({ id, kind, key, isSilent }: Request, reason: FailureReason): void {
    if (this.#requests?.delete(id) !== true || isSilent) return
    this.#node.host.emit({ type: FAILED[kind], id, key, reason })
  }
}

/** What an event says beside what all of them say. */
type Common = 'id' | 'key' | 'path' | 'timeouts' | 'startedAt'
type Done<Type> = Omit<Extract<StructuredEvent, { readonly type: Type }>, Common>
type Result = Done<'lookup-done'> | Done<'put-done'> | Done<'get-done'> | Done<'find-done'>

const FAILED = {
  lookup: 'lookup-failed',
  put: 'put-failed',
  get: 'get-failed',
  provide: 'put-failed',
  find: 'find-failed',
} as const
