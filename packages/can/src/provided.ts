import type { Key } from '@servent/keyspace'
import { nameOf } from '@servent/records'
import type { CanConfig } from './config.ts'

interface ProvidedKey {
  readonly key: Key
  saidAt: number
}

/** The keys whose content we have, said anew before what we said expires. */
export class Provided {
  readonly #config: Readonly<CanConfig>
  readonly #say: (key: Key) => void
  #keys: Map<string, ProvidedKey> | undefined

  constructor(config: Readonly<CanConfig>, say: (key: Key) => void) {
    this.#config = config
    this.#say = say
  }

  get size(): number {
    return this.#keys?.size ?? 0
  }

  /** Remembers a key that has just been said; nothing more when there are too many. */
  add(key: Key, now: number): void {
    this.#keys ??= new Map()
    const name = nameOf(key)
    if (this.#keys.size < this.#config.providedMax || this.#keys.has(name)) this.#keys.set(name, { key, saidAt: now })
  }

  delete(key: Key): void {
    this.#keys?.delete(nameOf(key))
  }

  clear(): void {
    this.#keys = undefined
  }

  /** Says one key again, if one is due: a thousand keys are spread over their interval. */
  maintain(now: number): void {
    for (const provided of this.#keys?.values() ?? []) {
      if (now - provided.saidAt < this.#config.reprovideIntervalMs) continue
      provided.saidAt = now
      this.#say(provided.key)
      return
    }
  }
}
