import type { Peer } from '@servent/machine'
import { Lru } from './lru.ts'

/** Ours: short, for a tab that reloads is back in a second. */
const FIRST_MS = 500
const LONGEST_MS = 60_000
/** Ours. */
const PEERS_MAX = 2048

interface Failures {
  readonly count: number
  readonly until: number
}

/** When a peer may be dialed again: twice as long after each failure, with jitter, so that peers do not return as one. */
export class DialBackoff {
  readonly #now: () => number
  readonly #random: () => number
  readonly #failures = new Lru<Peer, Failures>(PEERS_MAX)

  constructor(now: () => number, random: () => number) {
    this.#now = now
    this.#random = random
  }

  isOver(peer: Peer): boolean {
    const failures = this.#failures.get(peer)
    return failures === undefined || this.#now() >= failures.until
  }

  failed(peer: Peer): void {
    const count = (this.#failures.get(peer)?.count ?? 0) + 1
    const waitMs = Math.min(FIRST_MS * 2 ** (count - 1), LONGEST_MS) * (0.5 + this.#random())
    this.#failures.set(peer, { count, until: this.#now() + waitMs })
  }

  succeeded(peer: Peer): void {
    this.#failures.delete(peer)
  }
}
