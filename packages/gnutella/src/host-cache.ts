import { type Peer, type Random, randomInt } from '@servent/machine'

/** A peer that was heard of. */
export interface KnownHost {
  readonly peer: Peer
  readonly fileCount: number
  readonly kilobyteCount: number
  /** When it was last heard of. */
  readonly heardAt: number
  /** The neighbor that spoke of it; undefined if our application did, or we met it ourselves. */
  readonly reporter: Peer | undefined
  /** Failed dials in a row. */
  readonly failureCount: number
  /** When it may be dialed again. */
  readonly retryAt: number
}

/** That a peer was spoken of. */
export interface Mention {
  readonly peer: Peer
  /** The neighbor that spoke of it; undefined if our application did, or we met it ourselves. */
  readonly reporter: Peer | undefined
  readonly fileCount: number
  readonly kilobyteCount: number
  /** Links to it, as far as is known. */
  readonly hops: number
}

/** A peer that we know ourselves, but for what it shares. */
export function mentionOf(peer: Peer): Mention {
  return { peer, reporter: undefined, fileCount: 0, kilobyteCount: 0, hops: 1 }
}

/** What bounds a cache: see `GnutellaConfig`. */
export interface HostCacheLimits {
  readonly hostsMax: number
  readonly hostAgeMs: number
  readonly dialBackoffMs: number
  readonly dialBackoffMaxMs: number
  readonly dialFailuresMax: number
}

/**
 * Peers to connect to, from pongs: bounded, ageing, chosen from at random.
 *
 * 1. Never more than `hostsMax`. What goes is the host that was heard of longest ago; while one neighbor has reported more
 *    than a quarter of all, it is the longest of its hosts, so that no neighbor can fill the cache with its friends.
 * 2. A host that fails is left alone for twice as long each time, and forgotten after `dialFailuresMax` failures.
 */
export class HostCache {
  readonly #limits: HostCacheLimits
  /** In order of `heardAt`: whoever is heard of again goes to the end. */
  readonly #hosts = new Map<Peer, KnownHost>()

  constructor(limits: HostCacheLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#hosts.size
  }

  get(peer: Peer): KnownHost | undefined {
    return this.#hosts.get(peer)
  }

  /** All hosts, the one heard of longest ago first. */
  values(): IterableIterator<KnownHost> {
    return this.#hosts.values()
  }

  /** Remembers a peer. True if it is new. */
  add(peer: Peer, reporter: Peer | undefined, fileCount: number, kilobyteCount: number, now: number): boolean {
    const known = this.#hosts.get(peer)
    this.#hosts.delete(peer)
    this.#hosts.set(peer, {
      peer,
      fileCount,
      kilobyteCount,
      heardAt: now,
      // Who spoke of it first answers for it; whom we met ourselves nobody answers for.
      reporter: known === undefined ? reporter : known.reporter === undefined ? undefined : reporter,
      failureCount: known?.failureCount ?? 0,
      retryAt: known?.retryAt ?? 0,
    })
    if (this.#hosts.size > this.#limits.hostsMax) this.#evict(reporter)
    return known === undefined && this.#hosts.has(peer)
  }

  delete(peer: Peer): void {
    this.#hosts.delete(peer)
  }

  /** A dial failed, or a neighbor went: leave it alone for a while, not all hosts for the same while. */
  failed(peer: Peer, now: number, random: Random): void {
    const known = this.#hosts.get(peer)
    if (known === undefined) return
    const { dialBackoffMs, dialBackoffMaxMs, dialFailuresMax } = this.#limits
    const failureCount = known.failureCount + 1
    if (failureCount >= dialFailuresMax) {
      this.#hosts.delete(peer)
      return
    }
    const backoffMs = Math.min(dialBackoffMs * 2 ** known.failureCount, dialBackoffMaxMs)
    this.#hosts.set(peer, { ...known, failureCount, retryAt: now + Math.floor(backoffMs * (0.5 + random())) })
  }

  /** It is a neighbor now. */
  succeeded(peer: Peer): void {
    const known = this.#hosts.get(peer)
    if (known !== undefined) this.#hosts.set(peer, { ...known, reporter: undefined, failureCount: 0, retryAt: 0 })
  }

  /** Forgets hosts that nobody has spoken of for too long. */
  expire(now: number): void {
    for (const [peer, host] of this.#hosts) {
      if (now - host.heardAt <= this.#limits.hostAgeMs) return
      this.#hosts.delete(peer)
    }
  }

  /** Up to `count` different hosts that fit, in random order. */
  sample(random: Random, count: number, fits: (host: KnownHost) => boolean): KnownHost[] {
    const chosen: KnownHost[] = []
    let seen = 0
    for (const host of this.#hosts.values()) {
      if (!fits(host)) continue
      seen++
      if (chosen.length < count) chosen.splice(randomInt(random, chosen.length + 1), 0, host)
      else {
        const place = randomInt(random, seen)
        if (place < count) chosen[place] = host
      }
    }
    return chosen
  }

  #evict(reporter: Peer | undefined): void {
    let reportedCount = 0
    let oldestReported: Peer | undefined
    if (reporter !== undefined) {
      for (const host of this.#hosts.values()) {
        if (host.reporter !== reporter) continue
        oldestReported ??= host.peer
        reportedCount++
      }
    }
    const [oldest] = this.#hosts.keys()
    const gone = reportedCount > this.#limits.hostsMax / 4 ? oldestReported : oldest
    if (gone !== undefined) this.#hosts.delete(gone)
  }
}
