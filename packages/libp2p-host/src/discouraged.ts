import type { Peer } from '@servent/machine'
import { Lru } from './lru.ts'

const MINUTE_MS = 60_000

/** From Bitcoin Core (net_processing: discouragement), times from our own: five minutes, doubled each time, to an hour. */
const FIRST_MS = 5 * MINUTE_MS
const LONGEST_MS = 60 * MINUTE_MS

/** Ours: who kept the rules for two hours begins anew. */
const FORGIVEN_AFTER_MS = 120 * MINUTE_MS

/** Ours: names are free, so an attacker could fill any table. The oldest entry goes. */
const PEERS_MAX = 4096

interface Entry {
  readonly until: number
  readonly strikes: number
}

/**
 * Peers that broke a protocol lately: their streams are refused and they are not dialed. Discouraged, not banned: a name
 * costs nothing, so this only spares work, and it passes.
 */
export class Discouraged {
  readonly #now: () => number
  readonly #entries = new Lru<Peer, Entry>(PEERS_MAX)

  /** @param now - milliseconds, of a clock that does not go back */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Strikes once more. Returns how long the peer is discouraged, in milliseconds. */
  add(peer: Peer): number {
    const now = this.#now()
    const entry = this.#entries.get(peer)
    const strikes = entry === undefined || now > entry.until + FORGIVEN_AFTER_MS ? 0 : entry.strikes
    const durationMs = Math.min(FIRST_MS * 2 ** strikes, LONGEST_MS)
    this.#entries.set(peer, { until: now + durationMs, strikes: strikes + 1 })
    return durationMs
  }

  has(peer: Peer): boolean {
    const entry = this.#entries.get(peer)
    return entry !== undefined && this.#now() < entry.until
  }

  /** Pardons a peer: its owner says so. */
  delete(peer: Peer): void {
    this.#entries.delete(peer)
  }
}
