import type { Host, Peer } from '@servent/machine'
import {
  type Acquaintance,
  type Claim,
  type Claimant,
  type Claims,
  claimsWithout,
  compareKeys,
  mergedClaims,
  outranks,
} from './claim.ts'
import type { CanConfig } from './config.ts'
import { type Contact, Contacts, distanceOf, relationOfClaims } from './contacts.ts'
import {
  type ABUTTING,
  APART,
  closestRelation,
  contains,
  NESTED,
  type Point,
  relationOf,
  volumeOfAll,
  type Zone,
} from './zone.ts'

/** Somebody whose zones are to be taken: what it claimed, and whom it had beside it. */
export interface Estate extends Acquaintance {
  readonly neighbors: readonly Acquaintance[]
}

/** Somebody who fell silent and whose zones nobody has taken yet. */
export interface Fallen extends Estate {
  /** By the host's clock. */
  readonly fellAt: number
  /** Whether it is there, but said that it owns nothing any more. */
  readonly hasAbandoned: boolean
}

/** The fallen that are remembered. */
const FALLEN_MAX = 64

/**
 * Where a node is: what it owns in each reality, and who is beside it. Knows nothing of messages.
 *
 * 1. Claims of one reality never overlap, and siblings among them are merged.
 * 2. Every contact abuts or overlaps in some reality, as far as it has said.
 */
export class Place {
  readonly contacts = new Contacts()
  /** Grows when claims change. */
  version = 0
  readonly #host: Pick<Host<unknown, unknown>, 'self' | 'keyOf'>
  readonly #config: Readonly<CanConfig>
  #claims: Claims
  #fallen: Fallen[] = EMPTY

  constructor(host: Pick<Host<unknown, unknown>, 'self' | 'keyOf'>, config: Readonly<CanConfig>) {
    this.#host = host
    this.#config = config
    this.#claims = noClaims(config.realities)
  }

  get claims(): Claims {
    return this.#claims
  }

  get fallen(): readonly Fallen[] {
    return this.#fallen
  }

  /** Whether there is a zone in every reality. */
  get isComplete(): boolean {
    return this.#claims.every((claims) => claims.length > 0)
  }

  get isEmpty(): boolean {
    return this.#claims.every((claims) => claims.length === 0)
  }

  set(claims: Claims): void {
    this.#claims = claims
    this.version++
  }

  clear(): void {
    this.set(noClaims(this.#config.realities))
    this.contacts.clear()
    this.#fallen = EMPTY
  }

  add(reality: number, claim: Claim): void {
    const before = this.#claims[reality] ?? []
    this.#replace(reality, mergedClaims([...before, claim]))
  }

  /** Gives up what another zone takes. Returns whether it takes anything. */
  yieldTo(reality: number, zone: Zone): boolean {
    const before = this.#claims[reality] ?? []
    const after = claimsWithout(before, zone)
    if (after === before) return false
    this.#replace(reality, after)
    return true
  }

  /** Whether we own a point, in one reality or in any. */
  owns(point: Point, reality: number | undefined): boolean {
    return this.distance(point, reality) === 0
  }

  distance(point: Point, reality: number | undefined): number {
    return distanceOf(this.#claims, point, reality)
  }

  /** Our claim with a point. */
  claimAt(reality: number, point: Point): Claim | undefined {
    return this.#claims[reality]?.find((claim) => contains(claim, point))
  }

  relationTo(claims: Claims): typeof APART | typeof ABUTTING | typeof NESTED {
    return relationOfClaims(this.#claims, claims)
  }

  /** What we tell of our neighbors, those without zones left out. */
  acquaintances(): Acquaintance[] {
    const list: Acquaintance[] = []
    for (const { peer, claims } of this.contacts)
      if (claims.some((each) => each.length > 0)) list.push({ peer, claims })
    return list
  }

  /** Ourselves and our neighbors as far as they are beside a zone. */
  acquaintancesOf(reality: number, zone: Zone): Acquaintance[] {
    const beside = this.acquaintances().filter(({ claims }) => closestRelation([zone], claims[reality] ?? []) !== APART)
    return [{ peer: this.#host.self, claims: this.#claims }, ...beside]
  }

  /** Whether our claim stands against another's. */
  outranks(reality: number, ours: Claim, peer: Peer, theirs: Claim): boolean {
    const us: Claimant = { key: this.#host.keyOf(this.#host.self), claim: ours }
    const them: Claimant = { key: this.#host.keyOf(peer), claim: theirs }
    return outranks(us, them, this.#config.dimensions, reality)
  }

  /** What nobody we know of claims of a zone. */
  unclaimed(reality: number, zone: Claim): readonly Claim[] {
    let left: readonly Claim[] = [zone]
    for (const claim of this.#claims[reality] ?? []) left = claimsWithout(left, claim)
    for (const { claims } of this.contacts) for (const claim of claims[reality] ?? []) left = claimsWithout(left, claim)
    return left
  }

  /** Whoever is known to claim a point: a neighbor. */
  contactAt(point: Point, reality: number | undefined): Contact | undefined {
    for (const contact of this.contacts) if (distanceOf(contact.claims, point, reality) === 0) return contact
    return undefined
  }

  fallenAt(point: Point, reality: number | undefined): Fallen | undefined {
    return this.#fallen.find(({ claims }) => distanceOf(claims, point, reality) === 0)
  }

  isFallen(peer: Peer): boolean {
    return this.#fallen.some((fallen) => fallen.peer === peer && !fallen.hasAbandoned)
  }

  /** Moves a contact to the fallen. */
  fell(contact: Contact, now: number, hasAbandoned: boolean): Fallen {
    this.contacts.delete(contact.peer)
    const { peer, claims, neighbors } = contact
    const fallen = { peer, claims, neighbors, fellAt: now, hasAbandoned }
    this.#fallen = [...this.#fallen.filter((other) => other.peer !== peer), fallen].slice(-FALLEN_MAX)
    return fallen
  }

  /** Forgets one who fell: it is back. What it abandoned is still to be taken. */
  rise(peer: Peer): void {
    if (this.isFallen(peer)) this.#fallen = this.#fallen.filter((fallen) => fallen.peer !== peer)
  }

  /** Forgets those who fell before a moment. */
  bury(before: number): void {
    const first = this.#fallen[0]
    if (first !== undefined && first.fellAt < before)
      this.#fallen = this.#fallen.filter(({ fellAt }) => fellAt >= before)
  }

  /**
   * Those who could take a fallen node's zone in a reality, the one who should first: "the neighbor with the smallest
   * zone" (§2.3), and of equals the one with the smallest key.
   */
  heirs(fallen: Estate, reality: number): Peer[] {
    const zones = fallen.claims[reality] ?? []
    const candidates = new Map<Peer, Claims>()
    for (const { peer, claims } of fallen.neighbors) candidates.set(peer, claims)
    for (const { peer, claims } of this.contacts)
      if (this.#isBeside(zones, claims, reality)) candidates.set(peer, claims)
    if (this.#isBeside(zones, this.#claims, reality)) candidates.set(this.#host.self, this.#claims)
    const ranked = [...candidates].filter(([peer, claims]) => this.#mayInherit(peer, claims, fallen, reality))
    const volumeIn = (claims: Claims) => volumeOfAll(claims[reality] ?? [])
    ranked.sort(([a, claimsOfA], [b, claimsOfB]) => {
      return volumeIn(claimsOfA) - volumeIn(claimsOfB) || compareKeys(this.#host.keyOf(a), this.#host.keyOf(b))
    })
    return ranked.map(([peer]) => peer)
  }

  #mayInherit(peer: Peer, claims: Claims, fallen: Estate, reality: number): boolean {
    if (peer === fallen.peer || this.isFallen(peer)) return false
    return this.#isBeside(fallen.claims[reality] ?? [], claims, reality)
  }

  #isBeside(zones: readonly Zone[], claims: Claims, reality: number): boolean {
    return closestRelation(zones, claims[reality] ?? []) !== APART
  }

  #replace(reality: number, claims: readonly Claim[]): void {
    this.set(this.#claims.with(reality, claims))
  }
}

const EMPTY: Fallen[] = []

/** No zones in any reality. One array for each number of realities. */
function noClaims(realities: number): Claims {
  return new Array<readonly Claim[]>(realities).fill(NO_CLAIMS)
}

const NO_CLAIMS: readonly Claim[] = Object.freeze([])

/** Whether zones of one list overlap. */
export function overlapsItself(zones: readonly Zone[]): boolean {
  return zones.some((zone, i) => zones.some((other, j) => j > i && relationOf(zone, other) === NESTED))
}
