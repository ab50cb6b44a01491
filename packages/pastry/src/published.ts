import type { Key } from '@servent/keyspace'
import { nameOf, type ValueRecord, withTtl } from '@servent/records'

/** Something of ours that is stored again from time to time. */
export type Publication =
  | { readonly type: 'value'; readonly key: Key; readonly record: ValueRecord; readonly expiresAt: number }
  | { readonly type: 'provide'; readonly key: Key }

/** What we put and provide: it is stored again until its time is over, for those who keep it come and go. */
export class Published {
  readonly #publishedMax: number
  #publications: Map<string, Publication> | undefined

  constructor(publishedMax: number) {
    this.#publishedMax = publishedMax
  }

  get size(): number {
    return this.#publications?.size ?? 0
  }

  clear(): void {
    this.#publications = undefined
  }

  putValue(record: ValueRecord, now: number): void {
    this.#set(`v${nameOf(record.key)}`, { type: 'value', key: record.key, record, expiresAt: now + record.ttlMs })
  }

  provide(key: Key): void {
    this.#set(`p${nameOf(key)}`, { type: 'provide', key })
  }

  stopProviding(key: Key): void {
    this.#publications?.delete(`p${nameOf(key)}`)
  }

  /** Everything that is to be stored again; values with the time they have left. */
  due(now: number): Publication[] {
    const due: Publication[] = []
    for (const [name, publication] of this.#publications ?? []) {
      if (publication.type === 'provide') due.push(publication)
      else if (publication.expiresAt <= now) this.#publications?.delete(name)
      else due.push({ ...publication, record: withTtl(publication.record, publication.expiresAt - now) })
    }
    return due
  }

  /** The oldest makes room. */
  #set(name: string, publication: Publication): void {
    this.#publications ??= new Map()
    this.#publications.delete(name)
    this.#publications.set(name, publication)
    if (this.#publications.size <= this.#publishedMax) return
    const [oldest] = this.#publications.keys()
    if (oldest !== undefined) this.#publications.delete(oldest)
  }
}
