import { hasClaim } from './claim.ts'
import type { Contact } from './contacts.ts'
import { ABUTTING, relationOf, siblingOf, type Zone } from './zone.ts'

/** How deep the smallest zone of a contact is. */
export function depthIn(contact: Contact, reality: number): number {
  let deepest = 0
  for (const { depth } of contact.claims[reality] ?? []) deepest = Math.max(deepest, depth)
  return deepest
}

/** Whom a zone goes to when its owner leaves (§2.3): who can merge it, or else the smallest beside it. */
export function successorOf(contacts: Iterable<Contact>, reality: number, zone: Zone): Contact | undefined {
  const sibling = siblingOf(zone)
  let smallest: Contact | undefined
  let depth = -1
  for (const contact of contacts) {
    const claims = contact.claims[reality] ?? []
    if (contact.isSilent) continue
    if (sibling !== undefined && hasClaim(claims, sibling)) return contact
    if (!claims.some((claim) => relationOf(claim, zone) === ABUTTING)) continue
    const theirs = depthIn(contact, reality)
    if (theirs <= depth) continue
    smallest = contact
    depth = theirs
  }
  return smallest
}
