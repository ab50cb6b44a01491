import { isBetween, type Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { Places } from './ring-table.ts'

/** Whom to ask next, and for what. */
export interface Question {
  readonly peer: Peer
  /** Whether it is to do what is asked, not to name others. */
  readonly isFinal: boolean
  /** Nodes that may be responsible before it, and did not answer. */
  readonly skipped: readonly Peer[]
}

/**
 * An iterative lookup: the asker goes from node to node, each naming those that it would send it to (ToN §V). A node that does
 * not answer is met once, and the next best of all that were named is asked.
 *
 * A value: it sends nothing; {@link IterativeLookup.next} says what to send.
 */
export class IterativeLookup {
  readonly #places: Places
  readonly #key: Key
  /** Who was asked for the next steps, and who to do what is asked; a node can be both. */
  readonly #asked = new Set<Peer>()
  readonly #askedLast = new Set<Peer>()
  readonly #silent = new Set<Peer>()
  #responsible: readonly Peer[] = []
  #preceding: readonly Peer[] = []
  /** Nodes that answered, in order. */
  readonly path: Peer[] = []
  timeouts = 0

  constructor(places: Places, key: Key) {
    this.#places = places
    this.#key = key
  }

  /** Takes what a node names: ourselves, or one that was asked. */
  named(responsible: readonly Peer[], preceding: readonly Peer[]): void {
    if (responsible.length > 0) this.#responsible = responsible
    // What was named earlier is farther from the key, and the way round if all of these are dead.
    const fresh = preceding.filter((peer) => !this.#preceding.includes(peer) && peer !== this.#places.self)
    this.#preceding = [...fresh, ...this.#preceding].slice(0, NAMED_MAX)
  }

  /** A node has answered with what it would do. */
  answered(from: Peer, responsible: readonly Peer[], preceding: readonly Peer[]): void {
    this.path.push(from)
    const key = this.#places.keyOf(from)
    // Whoever names nodes that are no closer to the key than itself leads round in circles.
    const closer = preceding.filter((peer) => isBetween(key, this.#places.keyOf(peer), this.#key))
    this.named(responsible, closer)
  }

  /** A node did not answer. */
  timedOut(peer: Peer): void {
    this.timeouts++
    this.#silent.add(peer)
  }

  /** Whom to ask now; undefined if nobody is left. */
  next(): Question | undefined {
    const final = this.#responsible.find((peer) => !this.#askedLast.has(peer) && !this.#silent.has(peer))
    if (final !== undefined) {
      this.#askedLast.add(final)
      const skipped = this.#responsible.slice(0, this.#responsible.indexOf(final))
      return { peer: final, isFinal: true, skipped: skipped.filter((peer) => this.#silent.has(peer)) }
    }
    const preceding = this.#preceding.find((peer) => !this.#asked.has(peer) && !this.#silent.has(peer))
    if (preceding === undefined) return undefined
    this.#asked.add(preceding)
    return { peer: preceding, isFinal: false, skipped: [] }
  }
}

/** Nodes to ask that are remembered: ten steps of eight. Ours. */
const NAMED_MAX = 80
