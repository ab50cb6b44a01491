import { type Peer, SeenCache } from '@servent/machine'
import type { Acquaintance, Claims } from './claim.ts'
import type { CanNode } from './node.ts'
import { APART } from './zone.ts'

/** Ours: an introduction is not repeated for so long, and so many are remembered. */
const INTRODUCTION_MS = 5_000
const INTRODUCTIONS_MAX = 256
/** Ours: introductions that one update may cause. */
const INTRODUCTIONS_AT_ONCE = 16

/** Peers that others told of and that have been told of us. */
export class Introductions {
  readonly #node: CanNode
  readonly #introduced = new SeenCache<Peer, true>(INTRODUCTION_MS, INTRODUCTIONS_MAX)

  constructor(node: CanNode) {
    this.#node = node
  }

  get size(): number {
    return this.#introduced.size
  }

  /** A peer knows us, or will without our help. */
  add(peer: Peer): void {
    this.#introduced.set(peer, true, this.#node.host.now())
  }

  /** Those of a neighbor's neighbors who seem to be ours too: who have to be asked. */
  take(from: Peer, neighbors: readonly Acquaintance[], areClaims: (claims: Claims) => boolean): readonly Peer[] {
    const { place, host } = this.#node
    const taken: Peer[] = []
    if (place.isEmpty) return taken
    for (const { peer, claims } of neighbors) {
      if (peer === host.self || peer === from || place.isFallen(peer) || taken.length >= INTRODUCTIONS_AT_ONCE) continue
      if (place.contacts.get(peer) !== undefined || this.#introduced.has(peer, host.now())) continue
      if (!areClaims(claims) || place.relationTo(claims) === APART) continue
      this.add(peer)
      taken.push(peer)
    }
    return taken
  }
}
