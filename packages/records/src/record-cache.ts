import type { Key } from '@servent/keyspace'
import { type ValueRecord, withTtl } from './record.ts'
import { nameOf } from './record-store.ts'

interface Cached {
  readonly record: ValueRecord
  readonly expiresAt: number
}

/**
 * Values that came by and are kept for a while, so that what many ask for is found sooner. Nobody relies on it: the one
 * that was used longest ago makes room, and a record is checked before it is put in, not here.
 */
export class RecordCache {
  readonly #recordsMax: number
  readonly #ttlMsMax: number
  readonly #records = new Map<string, Cached>()

  /**
   * @param recordsMax - how many are kept; at 8 KiB a value a hundred are under a megabyte
   * @param ttlMsMax - for how long one is kept at the most, so that a newer value of its owner is soon seen
   */
  constructor(recordsMax: number, ttlMsMax: number) {
    this.#recordsMax = recordsMax
    this.#ttlMsMax = ttlMsMax
  }

  get size(): number {
    return this.#records.size
  }

  set(record: ValueRecord, now: number): void {
    if (this.#recordsMax === 0) return
    const name = nameOf(record.key)
    this.#records.delete(name)
    this.#records.set(name, { record, expiresAt: now + Math.min(record.ttlMs, this.#ttlMsMax) })
    if (this.#records.size <= this.#recordsMax) return
    const [oldest] = this.#records.keys()
    if (oldest !== undefined) this.#records.delete(oldest)
  }

  /** The value under a key with the time that it may be kept on, or undefined. */
  get(key: Key, now: number): ValueRecord | undefined {
    const name = nameOf(key)
    const cached = this.#records.get(name)
    if (cached === undefined) return undefined
    this.#records.delete(name)
    if (cached.expiresAt <= now) return undefined
    this.#records.set(name, cached)
    return withTtl(cached.record, Math.ceil(cached.expiresAt - now))
  }

  delete(key: Key): void {
    this.#records.delete(nameOf(key))
  }
}
