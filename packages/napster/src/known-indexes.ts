import type { Peer } from '@servent/machine'
import type { NapsterConfig } from './config.ts'

/** An index server, and when it may be tried again. */
export interface KnownIndex {
  readonly peer: Peer
  dueAt: number
  failureCount: number
}

/** How many failures a refusal counts for: whoever says no will not say yes a second later. */
const REFUSAL_FAILURES = 3

/** Index servers that we know of. Each is left alone for longer the more often it failed. */
export class KnownIndexes {
  readonly #config: Pick<NapsterConfig, 'indexesMax' | 'backoffMs' | 'backoffMaxMs'>
  readonly #indexes = new Map<Peer, KnownIndex>()

  constructor(config: Pick<NapsterConfig, 'indexesMax' | 'backoffMs' | 'backoffMaxMs'>) {
    this.#config = config
  }

  get peers(): readonly Peer[] {
    return [...this.#indexes.values()].sort(bySoonest).map(({ peer }) => peer)
  }

  /** False if it is known already, or there are too many. */
  add(peer: Peer): boolean {
    if (this.#indexes.has(peer) || this.#indexes.size >= this.#config.indexesMax) return false
    this.#indexes.set(peer, { peer, dueAt: 0, failureCount: 0 })
    return true
  }

  remove(peer: Peer): void {
    this.#indexes.delete(peer)
  }

  clear(): void {
    this.#indexes.clear()
  }

  /** The one that may be tried first. */
  next(): Readonly<KnownIndex> | undefined {
    let next: KnownIndex | undefined
    for (const index of this.#indexes.values()) if (next === undefined || index.dueAt < next.dueAt) next = index
    return next
  }

  /** We are logged in there. */
  reached(peer: Peer): void {
    const index = this.#indexes.get(peer)
    if (index !== undefined) index.failureCount = 0
  }

  /** It said that it will not have us. A failure follows, when the connection ends. */
  refused(peer: Peer): void {
    const index = this.#indexes.get(peer)
    if (index !== undefined) index.failureCount += REFUSAL_FAILURES
  }

  /**
   * It could not be reached, or has gone: a pause, doubled each time.
   *
   * @param random - in [0, 1): up to a half is added, so that not all who lost it come back at once
   */
  failed(peer: Peer, now: number, random: number): void {
    const index = this.#indexes.get(peer)
    if (index === undefined) return
    const { backoffMs, backoffMaxMs } = this.#config
    const pauseMs = Math.min(backoffMs * 2 ** Math.min(index.failureCount, 30), backoffMaxMs)
    index.failureCount++
    index.dueAt = now + Math.ceil(pauseMs * (1 + random / 2))
  }
}

function bySoonest(a: KnownIndex, b: KnownIndex): number {
  return a.dueAt - b.dueAt
}
