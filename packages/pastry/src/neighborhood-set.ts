import type { Peer } from '@servent/machine'
import type { Distances } from './routing-table.ts'

/**
 * The neighborhood set M: the nodes that are nearest by the proximity metric, wherever their identifiers are (§2.1). Not
 * normally used to route; it keeps tables local when nodes join.
 */
export class NeighborhoodSet {
  readonly #size: number
  #members: Peer[] = []

  /** @param size - |M| */
  constructor(size: number) {
    this.#size = size
  }

  /** The nearest first. */
  get members(): readonly Peer[] {
    return this.#members
  }

  has(peer: Peer): boolean {
    return this.#members.includes(peer)
  }

  /** Takes a peer whose distance is known, if it is among the nearest. Distances change: a member moves to its place. */
  add(peer: Peer, distances: Distances): boolean {
    const distance = distances.distanceOf(peer)
    if (distance === Number.POSITIVE_INFINITY || this.#size === 0) return false
    const last = this.#members.at(-1)
    const wasMember = this.has(peer)
    if (
      !wasMember &&
      this.#members.length >= this.#size &&
      last !== undefined &&
      distances.distanceOf(last) <= distance
    )
      return false
    const others = wasMember ? this.#members.filter((member) => member !== peer) : this.#members
    let place = others.length
    while (place > 0 && distances.distanceOf(others[place - 1] as Peer) > distance) place--
    this.#members = others.toSpliced(place, 0, peer).slice(0, this.#size)
    return !wasMember
  }

  remove(peer: Peer): void {
    if (this.has(peer)) this.#members = this.#members.filter((member) => member !== peer)
  }
}
