import { type Peer, pick } from '@servent/machine'
import type { Joining } from './joining.ts'
import type { Membership } from './membership.ts'
import type { CanNode } from './node.ts'
import type { Requests } from './requests.ts'

/** Finds out whether peers we knew or lost are in another torus than we are, so that both become one. */
export class Reunion {
  readonly #node: CanNode
  readonly #membership: Membership
  readonly #requests: Requests
  readonly #joining: Joining
  #triedAt = 0

  constructor(node: CanNode, membership: Membership, requests: Requests, joining: Joining) {
    this.#node = node
    this.#membership = membership
    this.#requests = requests
    this.#joining = joining
  }

  /** Asks one of them from time to time. */
  maintain(): void {
    const { place, host, config } = this.#node
    const now = host.now()
    if (now - this.#triedAt < config.reunionIntervalMs) return
    this.#triedAt = now
    const strangers = this.#joining.known.filter((peer) => place.contacts.get(peer) === undefined)
    const peer = pick(() => host.random(), strangers)
    if (peer === undefined || place.isEmpty) return
    if (place.contacts.size === 0) this.#joining.begin()
    else this.meet(peer)
  }

  /**
   * Looks for a place of ours through a peer: if it ends with another, that one is of another torus, or of a part of ours
   * that was cut off. Both learn whose claim stands, and pass it on.
   */
  meet(peer: Peer): void {
    const ours = this.#membership.anyClaim()
    if (ours === undefined) return
    this.#requests.look(ours.claim.low, ours.reality, peer, (owner) => {
      if (owner === undefined || owner === this.#node.host.self) return
      this.#membership.tell(owner, true)
    })
  }
}
