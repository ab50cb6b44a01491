import type { Key } from '@servent/keyspace'
import type { RequestId, ValueRecord } from '@servent/records'
import type { Node } from './node.ts'
import { Published } from './published.ts'
import type { Requests } from './requests.ts'

/** Stores what is ours, and stores it again while it is. */
export class Publisher {
  readonly #node: Node
  readonly #requests: Requests
  readonly #published: Published

  constructor(node: Node, requests: Requests) {
    this.#node = node
    this.#requests = requests
    this.#published = new Published(node.config.publishedMax)
  }

  get size(): number {
    return this.#published.size
  }

  clear(): void {
    this.#published.clear()
  }

  put(record: ValueRecord): RequestId {
    this.#published.putValue(record, this.#node.host.now())
    return this.#requests.begin('put', record.key, { type: 'put', record })
  }

  provide(key: Key): RequestId {
    this.#published.provide(key)
    return this.#requests.begin('provide', key, { type: 'locate' })
  }

  stopProviding(key: Key): void {
    this.#published.stopProviding(key)
  }

  /** Nobody waits for how these requests go. */
  republish(): void {
    for (const publication of this.#published.due(this.#node.host.now())) {
      const { key } = publication
      if (publication.type === 'provide') this.#requests.begin('provide', key, { type: 'locate' }, true)
      else this.#requests.begin('put', key, { type: 'put', record: publication.record }, true)
    }
  }
}
