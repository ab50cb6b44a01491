import type { Peer } from '@servent/machine'
import type { Acquaintance, Claims } from './claim.ts'
import { APART, closestRelation, type Point, type Relation, squaredDistanceToAny } from './zone.ts'

/** A neighbor: what it said last of itself, and how it answers. */
export class Contact {
  readonly peer: Peer
  claims: Claims
  /** Who is beside it, as it says. */
  neighbors: readonly Acquaintance[] = NOBODY
  /** Of what it said; -1 if it has not said anything itself yet. */
  version = -1
  /** By the host's clock. */
  heardAt: number
  /** Smoothed; 0 before the first answer. */
  rttMs = 0
  /** Pings since it was heard last. */
  pings = 0
  /** Of the last ping, and when that was. */
  nonce = 0
  pingedAt = 0
  /** Whether something it should have answered was not answered. */
  isSilent = false

  constructor(peer: Peer, claims: Claims, now: number) {
    this.peer = peer
    this.claims = claims
    this.heardAt = now
  }

  /** Takes an answer into account (From RFC 6298 §2: an eighth of each sample). */
  sampleRtt(ms: number): void {
    this.rttMs = this.rttMs === 0 ? Math.max(ms, 0.1) : this.rttMs + (ms - this.rttMs) / 8
  }
}

const NOBODY: readonly Acquaintance[] = Object.freeze([])

/** Square of the distance from a point to what is claimed, in one reality or over all of them (§3.2). */
export function distanceOf(claims: Claims, point: Point, reality: number | undefined): number {
  if (reality !== undefined) return squaredDistanceToAny(claims[reality] ?? [], point)
  let least = Number.POSITIVE_INFINITY
  for (const zones of claims) least = Math.min(least, squaredDistanceToAny(zones, point))
  return least
}

/** How close two nodes come to each other in any reality. */
export function relationOfClaims(ours: Claims, theirs: Claims): Relation {
  let closest: Relation = APART
  for (let reality = 0; reality < ours.length; reality++) {
    const relation = closestRelation(ours[reality] ?? [], theirs[reality] ?? [])
    if (relation > closest) closest = relation
  }
  return closest
}

/** The neighbors of a node. A list: there are few, and of each simulated node one. */
export class Contacts implements Iterable<Contact> {
  #list: Contact[] = []

  get size(): number {
    return this.#list.length
  }

  [Symbol.iterator](): IterableIterator<Contact> {
    return this.#list.values()
  }

  get list(): readonly Contact[] {
    return this.#list
  }

  get(peer: Peer): Contact | undefined {
    for (const contact of this.#list) if (contact.peer === peer) return contact
    return undefined
  }

  add(contact: Contact): void {
    this.#list.push(contact)
  }

  delete(peer: Peer): boolean {
    const at = this.#list.findIndex((contact) => contact.peer === peer)
    if (at === -1) return false
    this.#list.splice(at, 1)
    return true
  }

  clear(): void {
    this.#list = []
  }
}
