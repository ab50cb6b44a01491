import type { Peer } from '@servent/machine'
import type { Pong } from '../messages.ts'

/** What a Pong said of someone. */
export interface CachedPong extends Pick<Pong, 'fileCount' | 'kilobyteCount' | 'ultrapeer'> {
  readonly peer: Peer
  /** Hops of the Pong as it came. */
  readonly hops: number
}

/** What bounds a cache. */
export interface PongCacheLimits {
  /** Pongs of one neighbor. From RFC-Gnutella 0.6 §2.2.4.1: 10. */
  readonly pongsPerNeighborMax: number
  /** How long a Pong is passed on. From gtk-gnutella (pcache.c): 20 s. */
  readonly pongAgeMs: number
}

interface Entry extends CachedPong {
  readonly heardAt: number
}

/**
 * Pongs that came, by the neighbor they came from: with them pings are answered, so that none is forwarded (RFC-Gnutella 0.6
 * §2.2.4).
 *
 * 1. Of a neighbor only the last few are kept, each peer once; nothing is kept of one that has gone.
 * 2. An answer takes from each neighbor in turn: none can fill it with its friends.
 */
export class PongCache {
  readonly #limits: PongCacheLimits
  /** By neighbor, then by whom it spoke of, the one heard of last at the end. */
  readonly #pongs = new Map<Peer, Map<Peer, Entry>>()

  constructor(limits: PongCacheLimits) {
    this.#limits = limits
  }

  /** Pongs of all neighbors. */
  get size(): number {
    let size = 0
    for (const entries of this.#pongs.values()) size += entries.size
    return size
  }

  add(neighbor: Peer, pong: CachedPong, now: number): void {
    let entries = this.#pongs.get(neighbor)
    if (entries === undefined) {
      entries = new Map()
      this.#pongs.set(neighbor, entries)
    }
    const { peer, hops, fileCount, kilobyteCount, ultrapeer } = pong
    entries.delete(peer)
    entries.set(peer, { peer, hops, fileCount, kilobyteCount, ultrapeer, heardAt: now })
    if (entries.size <= this.#limits.pongsPerNeighborMax) return
    const [oldest] = entries.keys()
    if (oldest !== undefined) entries.delete(oldest)
  }

  /** A neighbor has gone. */
  forget(neighbor: Peer): void {
    this.#pongs.delete(neighbor)
  }

  /** Up to `count` pongs for whoever asks: none that came from it or speak of it, each peer once, the newest first. */
  answer(asker: Peer, count: number, now: number): readonly CachedPong[] {
    const lists: Entry[][] = []
    for (const [neighbor, entries] of this.#pongs) {
      if (neighbor !== asker) lists.push([...entries.values()].reverse())
    }
    const chosen = new Map<Peer, CachedPong>()
    for (let turn = 0; turn < this.#limits.pongsPerNeighborMax; turn++) {
      for (const list of lists) {
        if (chosen.size >= count) return [...chosen.values()]
        const entry = list[turn]
        if (entry === undefined || entry.peer === asker || now - entry.heardAt > this.#limits.pongAgeMs) continue
        if (!chosen.has(entry.peer)) chosen.set(entry.peer, entry)
      }
    }
    return [...chosen.values()]
  }
}
