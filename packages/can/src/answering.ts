import { keysEqual } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { ProviderRecord, RecordRefusal, ValueRecord } from '@servent/records'
import type { Answer, Route } from './messages.ts'
import type { CanNode } from './node.ts'
import { RECORDS_AT_ONCE_MAX, type Storage } from './storage.ts'

/** What a request is answered with. */
export interface Found {
  readonly values?: readonly ValueRecord[]
  readonly providers?: readonly ProviderRecord[]
  readonly replicas?: readonly Peer[]
  readonly refusal?: RecordRefusal | undefined
  readonly isOwner?: boolean
}

/** Answers what has come to the owner of its point, straight to whoever asked. */
export class Answering {
  readonly #node: CanNode
  readonly #storage: Storage
  readonly #onOwnAnswer: (answer: Answer) => void

  /** @param onOwnAnswer - takes the answer to a request of our own */
  constructor(node: CanNode, storage: Storage, onOwnAnswer: (answer: Answer) => void) {
    this.#node = node
    this.#storage = storage
    this.#onOwnAnswer = onOwnAnswer
  }

  /** A route that is no join is where it was to go. */
  onArrived(route: Route, from: Peer): void {
    if (route.request === 'lookup') this.answer(route, {})
    else if (route.request === 'put') this.#onPut(route, from)
    else this.#find(route)
  }

  /** Answers from a copy of ours: one that proves itself is as good as the owner's. Returns whether there is one. */
  answerWithCopy(route: Route): boolean {
    const copy = route.request === 'get' ? this.#storage.value(route.key) : undefined
    if (copy?.type !== 'hashed-value') return false
    this.answer(route, { values: [copy] })
    return true
  }

  answer(route: Route, found: Found): void {
    const { id, hops, timeouts, path, origin } = route
    const { values = [], providers = [], refusal, isOwner = true } = found
    const replicas = found.replicas ?? (route.request === 'lookup' && isOwner ? this.#keepersOf(route) : [])
    const told = { replicas, values, providers: providers.slice(0, RECORDS_AT_ONCE_MAX) }
    const answer: Answer = { type: 'Answer', id, isOwner, refusal, hops, timeouts, path, ...told }
    if (origin === this.#node.host.self) this.#onOwnAnswer(answer)
    else this.#node.host.send(origin, answer)
  }

  /** Whether a peer that hands us a put keeps a copy of it, so that it need not be sent one. */
  isKeeper(peer: Peer, { request, record }: Route): boolean {
    const { config } = this.#node
    if (request !== 'put' || record === undefined || config.ackTimeoutMs === 0) return false
    return this.#storage.replicaPeers(record.key).includes(peer)
  }

  /** A put that we handed on has arrived, and we are to keep a copy. */
  onKeeper({ record }: Route, from: Peer): void {
    if (record !== undefined) this.#storage.keep(record, from)
  }

  #onPut(route: Route, from: Peer): void {
    const { record } = route
    if (record === undefined || !keysEqual(record.key, route.key)) return this.#node.drop('bad-record')
    // The origin has it, and hears from the answer that it is to keep it; whoever handed it to us has heard already.
    this.#storage.keepAndCopy(record, from, [route.origin, from], ({ keepers, refusal }) =>
      this.answer(route, { replicas: keepers, refusal })
    )
  }

  #find(route: Route): void {
    const value = route.request === 'get' ? this.#storage.value(route.key) : undefined
    const providers = route.request === 'providers' ? this.#storage.providers(route.key) : []
    const hasFound = value !== undefined || providers.length > 0
    if (hasFound || !this.#storage.isUnsettled()) {
      return this.answer(route, { values: value === undefined ? [] : [value], providers })
    }
    this.#storage.fetch(route.key, (found) =>
      this.answer(route, route.request === 'get' ? { values: found.values } : { providers: found.providers })
    )
  }

  /** Who keeps what lies at the key of a route. In a torus that stands still nobody asks. */
  #keepersOf({ key }: Route): Peer[] {
    const { config, host } = this.#node
    return config.maintenanceIntervalMs === 0 ? [] : [host.self, ...this.#storage.replicaPeers(key)]
  }
}
