import type { Peer } from '@servent/machine'
import { type Claim, hasClaim } from './claim.ts'
import type { Contact } from './contacts.ts'
import type { Membership } from './membership.ts'
import type { Reassign } from './messages.ts'
import type { CanNode } from './node.ts'
import { depthIn } from './succession.ts'
import { isZone, NESTED, relationOf, siblingOf, type Zone, zonesEqual } from './zone.ts'

/** Ours: a pair of siblings is at the most as far away as zones are deep; the paper's table 6 has three hops at the most. */
const REASSIGN_HOPS_MAX = 32
/** Ours: how long a search for somebody to take a zone may take. */
const SEARCH_MS = 10_000

/**
 * Gives zones that a node has too many to others, so that each has one again (§2.3: "a background zone-reassignment
 * algorithm", appendix A): down the tree of splits to two siblings with one zone each. One of them takes the zone, its own
 * goes to the other.
 */
export class Reassignment {
  readonly #node: CanNode
  readonly #membership: Membership
  #searchedAt = Number.NEGATIVE_INFINITY

  constructor(node: CanNode, membership: Membership) {
    this.#node = node
    this.#membership = membership
  }

  /** Looks whether we have too many, and does something about the smallest. */
  maintain(): void {
    const { place, host } = this.#node
    if (host.now() - this.#searchedAt < SEARCH_MS) return
    for (const [reality, claims] of place.claims.entries()) {
      if (claims.length < 2) continue
      const smallest = claims.reduce((a, b) => (b.depth > a.depth ? b : a))
      this.#searchedAt = host.now()
      return this.#giveAway(reality, smallest)
    }
  }

  /** Somebody has a zone too many. */
  onReassign(message: Reassign): void {
    const { place, host, config, drop } = this.#node
    const { reality, zone, holder, hops } = message
    if (reality >= config.realities || !isZone(zone, config.dimensions)) return drop('bad-claim')
    if (hops >= REASSIGN_HOPS_MAX) return drop('too-many-reassigns')
    const own = place.claims[reality] ?? []
    const [only] = own
    if (only === undefined || own.length > 1 || holder === host.self) return
    const sibling = siblingOf(only)
    if (sibling === undefined) return
    const [partner, deeper] = this.#within(reality, sibling)
    if (partner !== undefined) {
      this.#membership.expect(holder, zone)
      return host.send(holder, { type: 'Volunteer', reality, zone })
    }
    if (deeper !== undefined) host.send(deeper.peer, { ...message, hops: hops + 1 })
  }

  /** Somebody would take a zone of ours. */
  onVolunteer(from: Peer, reality: number, zone: Zone): void {
    const { place, drop } = this.#node
    const claims = place.claims[reality] ?? []
    const claim = claims.find((own) => zonesEqual(own, zone))
    if (claim === undefined || claims.length < 2) return drop('unexpected-volunteer')
    this.#membership.grant(from, reality, claim)
  }

  #giveAway(reality: number, claim: Claim): void {
    const { host } = this.#node
    const sibling = siblingOf(claim)
    if (sibling === undefined) return
    const [partner, deeper] = this.#within(reality, sibling)
    if (partner !== undefined) return this.#membership.grant(partner.peer, reality, claim)
    if (deeper === undefined) return
    host.send(deeper.peer, { type: 'Reassign', reality, zone: claim, holder: host.self, hops: 0 })
  }

  /** The neighbor that has a zone and nothing else of a reality, and one that has a part of it. */
  #within(reality: number, zone: Zone): [partner: Contact | undefined, deeper: Contact | undefined] {
    let partner: Contact | undefined
    let deeper: Contact | undefined
    for (const contact of this.#node.place.contacts) {
      const claims = contact.claims[reality] ?? []
      if (contact.isSilent || contact.version < 0) continue
      if (hasClaim(claims, zone)) {
        partner = contact
        continue
      }
      const isInside = claims.some((claim) => claim.depth > zone.depth && relationOf(claim, zone) === NESTED)
      if (isInside && (deeper === undefined || depthIn(contact, reality) > depthIn(deeper, reality))) deeper = contact
    }
    return [partner, deeper]
  }
}
