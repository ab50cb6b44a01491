import type { Peer } from '@servent/machine'

interface Discouragement {
  readonly until: number
  /** How long it was kept out: twice that the next time. */
  readonly lengthMs: number
}

/**
 * Peers that are not to be neighbors: those the user blocked, until unblocked, and those that broke the rules, for a while
 * that doubles. Bounded: the oldest goes.
 */
export class Unwanted {
  readonly #peersMax: number
  readonly #lengthMs: number
  readonly #lengthMaxMs: number
  readonly #blocked = new Set<Peer>()
  readonly #discouraged = new Map<Peer, Discouragement>()

  constructor(limits: { unwantedMax: number; discouragementMs: number; discouragementMaxMs: number }) {
    this.#peersMax = limits.unwantedMax
    this.#lengthMs = limits.discouragementMs
    this.#lengthMaxMs = limits.discouragementMaxMs
  }

  get blocked(): ReadonlySet<Peer> {
    return this.#blocked
  }

  get size(): number {
    return this.#blocked.size + this.#discouraged.size
  }

  block(peer: Peer): void {
    this.#blocked.add(peer)
    dropOldest(this.#blocked, this.#peersMax)
  }

  unblock(peer: Peer): void {
    this.#blocked.delete(peer)
    this.#discouraged.delete(peer)
  }

  isBlocked(peer: Peer): boolean {
    return this.#blocked.has(peer)
  }

  discourage(peer: Peer, now: number): void {
    const before = this.#discouraged.get(peer)
    const lengthMs = before === undefined ? this.#lengthMs : Math.min(2 * before.lengthMs, this.#lengthMaxMs)
    this.#discouraged.delete(peer)
    this.#discouraged.set(peer, { until: now + lengthMs, lengthMs })
    dropOldest(this.#discouraged, this.#peersMax)
  }

  isDiscouraged(peer: Peer, now: number): boolean {
    const found = this.#discouraged.get(peer)
    return found !== undefined && now < found.until
  }

  /** Forgets those that have behaved, or stayed away, for as long again as they were kept out. */
  expire(now: number): void {
    for (const [peer, { until, lengthMs }] of this.#discouraged) {
      if (now >= until + lengthMs) this.#discouraged.delete(peer)
    }
  }
}

function dropOldest(peers: Set<Peer> | Map<Peer, unknown>, peersMax: number): void {
  if (peers.size <= peersMax) return
  for (const peer of peers.keys()) {
    peers.delete(peer)
    return
  }
}
