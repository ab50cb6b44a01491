import { KEY_WORDS, type Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { contains, homeOf, NESTED, parentOf, relationOf, siblingOf, without, type Zone, zonesEqual } from './zone.ts'

/** A zone that a node says it owns. Immutable, and shared by reference. */
export interface Claim extends Zone {
  /** How often it was taken from a silent owner since the torus was founded: of two claims, the one with fewer is older. */
  readonly takeovers: number
}

/** What one node claims, by reality. */
export type Claims = readonly (readonly Claim[])[]

/** A peer, and what it is said to claim. */
export interface Acquaintance {
  readonly peer: Peer
  readonly claims: Claims
}

/** No more is said of takeovers than this, in one byte. */
const TAKEOVERS_MAX = 255

export function claimOf(zone: Zone, takeovers: number): Claim {
  return { depth: zone.depth, low: zone.low, takeovers: Math.min(takeovers, TAKEOVERS_MAX) }
}

/** Who claims, as far as it matters when two claim one place. */
export interface Claimant {
  readonly key: Key
  readonly claim: Claim
}

/**
 * Whether the first of two nested claims stands against the second, as far as they overlap: in the smaller of the two
 * zones. Both claimants and whoever looks on come to the same answer, so that two owners become one, be it after a false
 * suspicion or after a partition:
 *
 * 1. whose home (which follows from its key, §2.2) lies in the disputed zone, for nobody chooses that;
 * 2. whose claim has been taken over less often: the owner that was only silent gets its zone back;
 * 3. whose key is the smaller.
 */
export function outranks(first: Claimant, second: Claimant, dimensions: number, reality: number): boolean {
  const disputed = first.claim.depth > second.claim.depth ? first.claim : second.claim
  const isHome = ({ key }: Claimant) => contains(disputed, homeOf(key, dimensions, reality))
  const [firstIsHome, secondIsHome] = [isHome(first), isHome(second)]
  if (firstIsHome !== secondIsHome) return firstIsHome
  if (first.claim.takeovers !== second.claim.takeovers) return first.claim.takeovers < second.claim.takeovers
  return compareKeys(first.key, second.key) < 0
}

/** Which of two keys is smaller: negative if the first is, 0 if they are the same. */
export function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < KEY_WORDS; i++) {
    const difference = ((a[i] as number) >>> 0) - ((b[i] as number) >>> 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Claims without what another zone takes of them. The same array if it takes nothing. */
export function claimsWithout(claims: readonly Claim[], taken: Zone): readonly Claim[] {
  if (!claims.some((claim) => relationOf(claim, taken) === NESTED)) return claims
  return claims.flatMap((claim) => {
    if (relationOf(claim, taken) !== NESTED) return [claim]
    if (taken.depth <= claim.depth) return []
    return without(claim, taken).map((zone) => claimOf(zone, claim.takeovers))
  })
}

/** Claims with siblings merged as far as they go (§2.3: "merged to produce a valid single zone"). */
export function mergedClaims(claims: readonly Claim[]): readonly Claim[] {
  let left = claims
  for (;;) {
    const pair = findSiblings(left)
    if (pair === undefined) return left
    const [a, b] = pair
    left = [
      ...left.filter((claim) => claim !== a && claim !== b),
      claimOf(parentOf(a), Math.max(a.takeovers, b.takeovers)),
    ]
  }
}

function findSiblings(claims: readonly Claim[]): [Claim, Claim] | undefined {
  for (const claim of claims) {
    const sibling = siblingOf(claim)
    const found = sibling && claims.find((other) => zonesEqual(other, sibling))
    if (found !== undefined) return [claim, found]
  }
  return undefined
}

/** Whether there is such a claim among the claims. */
export function hasClaim(claims: readonly Claim[], zone: Zone): boolean {
  return claims.some((claim) => zonesEqual(claim, zone))
}
