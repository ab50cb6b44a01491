import type { Key } from '@servent/keyspace'
import { nameOf, type ValueRecord, withTtl } from '@servent/records'

interface Value {
  readonly record: ValueRecord
  readonly expiresAt: number
}

/** Our own records, which are stored anew from time to time: values while they live, contents until they are withdrawn. */
export class Published {
  readonly #max: number
  readonly #values = new Map<string, Value>()
  readonly #provided = new Map<string, Key>()

  /** @param max - how many of both; one more pushes out the oldest of its kind */
  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#values.size + this.#provided.size
  }

  addValue(record: ValueRecord, now: number): void {
    add(this.#values, nameOf(record.key), { record, expiresAt: now + record.ttlMs }, this.#max >> 1)
  }

  addProvided(key: Key): void {
    add(this.#provided, nameOf(key), key, this.#max >> 1)
  }

  /** False if it was not provided. */
  removeProvided(key: Key): boolean {
    return this.#provided.delete(nameOf(key))
  }

  /** Values with the time they have left. Those whose time is over are forgotten. */
  values(now: number): readonly ValueRecord[] {
    const alive: ValueRecord[] = []
    for (const [name, { record, expiresAt }] of this.#values) {
      if (expiresAt <= now) this.#values.delete(name)
      else alive.push(withTtl(record, expiresAt - now))
    }
    return alive
  }

  get provided(): readonly Key[] {
    return [...this.#provided.values()]
  }
}

function add<V>(map: Map<string, V>, name: string, value: V, max: number): void {
  map.delete(name)
  map.set(name, value)
  const [oldest] = map.keys()
  if (map.size > max && oldest !== undefined) map.delete(oldest)
}
