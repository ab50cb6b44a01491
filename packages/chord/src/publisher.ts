import type { Key } from '@servent/keyspace'
import type { ProviderRecord, RequestId, ValueRecord } from '@servent/records'
import type { Core } from './core.ts'
import { Published } from './published.ts'
import type { Requests } from './requests.ts'

/** Stores our own records, and stores them anew from time to time. */
export class Publisher {
  readonly #core: Core
  readonly #requests: Requests
  #published: Published | undefined

  constructor(core: Core, requests: Requests) {
    this.#core = core
    this.#requests = requests
  }

  get size(): number {
    return this.#published?.size ?? 0
  }

  put(record: ValueRecord): RequestId {
    this.#remember().addValue(record, this.#core.host.now())
    return this.#put(record)
  }

  provide(key: Key): RequestId {
    this.#remember().addProvided(key)
    return this.#provide(key)
  }

  stopProviding(key: Key): void {
    this.#published?.removeProvided(key)
  }

  republish(): void {
    if (this.#published === undefined) return
    for (const record of this.#published.values(this.#core.host.now())) this.#put(record)
    for (const key of this.#published.provided) this.#provide(key)
  }

  #put(record: ValueRecord): RequestId {
    return this.#requests.start(record.key, { kind: 'put', record }, { kind: 'put' })
  }

  #provide(key: Key): RequestId {
    const { host, config } = this.#core
    const record: ProviderRecord = { type: 'provider', key, peer: host.self, ttlMs: config.provideTtlMs }
    return this.#requests.start(key, { kind: 'replicas' }, { kind: 'provide', record })
  }

  #remember(): Published {
    this.#published ??= new Published(this.#core.config.publishedMax)
    return this.#published
  }
}
