import { type Peer, pick, randomInt } from '@servent/machine'
import { type Acquaintance, type Claim, type Claims, claimOf, hasClaim } from './claim.ts'
import { Contact } from './contacts.ts'
import { Introductions } from './introductions.ts'
import type { Grant, Update } from './messages.ts'
import { type CanNode, nextSerial, TIMER_ANNOUNCE, TIMER_GRANT } from './node.ts'
import { overlapsItself } from './place.ts'
import { successorOf } from './succession.ts'
import { APART, contains, depthMax, halves, homeOf, isZone, NESTED, type Point, relationOf, type Zone } from './zone.ts'

/** A zone that we have given away and that nobody has said to have received. */
interface PendingGrant {
  readonly to: Peer
  readonly message: Grant
}

/** Ours: a node volunteers rarely. */
const EXPECTED_MAX = 8

/** What membership tells the node. */
export interface MembershipUser {
  /** What we own has changed. */
  onClaimsChanged(): void
  onContact(contact: Contact): void
  /** A contact is no neighbor any more, or owns something else than before. */
  onContactChanged(): void
  /** A contact says that it owns nothing any more. */
  onAbandoned(contact: Contact): void
  /** What we owned is a peer's. */
  onYielded(peer: Peer): void
}

/**
 * Who owns what: zones given, received, told and disputed.
 *
 * 1. A zone that is given away has an owner at every moment: the giver until it is sent, the receiver from then on; if it
 *    does not say so, the giver has it back.
 * 2. What a contact claims is what it said itself. What others say of it is only a reason to ask it.
 * 3. Of two that claim one place, both come to know which one stands: {@link Place.outranks}.
 */
export class Membership {
  readonly #node: CanNode
  readonly #user: MembershipUser
  readonly #grants = new Map<number, PendingGrant>()
  readonly #introductions: Introductions
  /** Zones that we said we would take, by holder. */
  readonly #expected = new Map<Peer, Zone>()
  #serial = 0
  #isAnnouncing = false

  constructor(node: CanNode, user: MembershipUser) {
    this.#node = node
    this.#user = user
    this.#introductions = new Introductions(node)
  }

  get size(): number {
    return this.#grants.size + this.#expected.size + this.#introductions.size
  }

  /** Zones on their way to a peer. */
  grantsTo(peer: Peer): readonly Claim[] {
    return [...this.#grants.values()].filter(({ to }) => to === peer).map(({ message }) => message.claim)
  }

  clear(): void {
    this.#grants.clear()
    this.#expected.clear()
  }

  /** A join has come to its place (§2.2: "splits its allocated zone in half, retaining half and handing the other half"). */
  onJoin(joiner: Peer, reality: number): void {
    const { host, config, drop } = this.#node
    if (joiner === host.self) return
    const pending = [...this.#grants.values()].find(({ to, message }) => to === joiner && message.reality === reality)
    // Asked again: the grant, or what it said to it, was lost.
    if (pending !== undefined) return host.send(joiner, pending.message)
    const home = homeOf(host.keyOf(joiner), config.dimensions, reality)
    const claim = this.#offerFor(reality, home)
    if (claim === undefined) return drop('no-member')
    if (claim.depth >= depthMax(config.dimensions)) return drop('zone-too-small')
    const [lower, upper] = halves(claim)
    const given = contains(lower, home) ? lower : upper
    this.grant(joiner, reality, claimOf(given, claim.takeovers))
  }

  /** A neighbor with a larger zone than the one that a joiner would get half of (§3.7). */
  roomierThan(reality: number, home: Point): Peer | undefined {
    const { place } = this.#node
    let depth = this.#offerFor(reality, home)?.depth ?? 0
    let roomiest: Peer | undefined
    for (const contact of place.contacts) {
      if (contact.isSilent) continue
      for (const claim of contact.claims[reality] ?? []) {
        if (claim.depth >= depth) continue
        depth = claim.depth
        roomiest = contact.peer
      }
    }
    return roomiest
  }

  /** The zone to split for a joiner: the one with its home, or the largest. */
  #offerFor(reality: number, home: Point): Claim | undefined {
    const { place } = this.#node
    return place.claimAt(reality, home) ?? place.claims[reality]?.toSorted((a, b) => a.depth - b.depth)[0]
  }

  /** Gives a zone of ours, or a half of one, to a peer. */
  grant(to: Peer, reality: number, claim: Claim): void {
    const { place, host, config } = this.#node
    const grant = this.#nextGrant()
    place.yieldTo(reality, claim)
    const neighbors = place.acquaintancesOf(reality, claim).filter(({ peer }) => peer !== to)
    const message: Grant = { type: 'Grant', grant, reality, claim, neighbors }
    this.#grants.set(grant, { to, message })
    host.send(to, message)
    host.setTimer(TIMER_GRANT, config.grantTimeoutMs, grant)
    this.#believe(to, reality, claim)
    this.#changed()
  }

  /** Leaves: each zone goes to who can merge it or is smallest beside it (§2.3). Nobody is left here to wait for a word. */
  bequeath(onHeir: (heir: Peer, zone: Claim) => void): void {
    const { place, host } = this.#node
    for (const [reality, claims] of place.claims.entries()) {
      for (const claim of claims) {
        const heir = successorOf(place.contacts, reality, claim)
        if (heir === undefined) continue
        const neighbors = place
          .acquaintancesOf(reality, claim)
          .filter(({ peer }) => peer !== heir.peer && peer !== host.self)
        host.send(heir.peer, { type: 'Grant', grant: this.#nextGrant(), reality, claim, neighbors })
        this.#believe(heir.peer, reality, claim)
        onHeir(heir.peer, claim)
      }
    }
    const { contacts } = place
    place.set(place.claims.map(() => []))
    const update: Update = {
      type: 'Update',
      version: place.version,
      claims: place.claims,
      neighbors: [],
      wantsReply: false,
    }
    for (const { peer } of contacts) host.send(peer, update)
  }

  onGrant(from: Peer, message: Grant, isJoining: boolean): void {
    const { host, place, drop } = this.#node
    const { grant, reality, claim, neighbors } = message
    const owned = place.claims[reality]
    const isNew = owned !== undefined && !hasClaim(owned, claim)
    if (isNew && !this.#mayTake(from, message, isJoining)) {
      drop('unexpected-grant')
      return host.send(from, { type: 'GrantAck', grant, isTaken: false })
    }
    host.send(from, { type: 'GrantAck', grant, isTaken: true })
    if (!isNew) return
    this.#expected.delete(from)
    place.add(reality, claim)
    for (const neighbor of neighbors) this.#meet(from, neighbor)
    this.#changed()
  }

  onGrantAck(from: Peer, grant: number, isTaken: boolean): void {
    const pending = this.#grants.get(grant)
    if (pending === undefined || pending.to !== from) return this.#node.drop('unexpected-ack')
    this.#grants.delete(grant)
    if (!isTaken) this.#takeBack(pending)
  }

  onGrantTimer(grant: number): void {
    const pending = this.#grants.get(grant)
    if (pending === undefined) return
    this.#grants.delete(grant)
    const { to, message } = pending
    const contact = this.#node.place.contacts.get(to)
    // It has told of the zone, so it has it.
    const hasTold = contact !== undefined && contact.version >= 0
    if (!hasTold) this.#takeBack(pending)
    else if (!contact.claims[message.reality]?.some((claim) => relationOf(claim, message.claim) === NESTED))
      this.#takeBack(pending)
  }

  onUpdate(from: Peer, update: Update): void {
    const { place, drop, config } = this.#node
    if (!this.#areClaims(update.claims)) return drop('bad-claim')
    if (update.neighbors.length > config.contactsMax) return drop('too-many-neighbors')
    place.rise(from)
    const isDisputed = this.#settle(from, update.claims)
    const before = place.contacts.get(from)
    const isBeside = place.relationTo(update.claims) !== APART
    if (isBeside) this.#keep(from, update, before)
    else if (before !== undefined && !this.#isGranting(from)) this.#lose(before, update)
    // Strangers need to know us, and those who claim what is ours.
    if (update.wantsReply || isDisputed || (isBeside && before === undefined)) this.tell(from, false)
    for (const peer of this.#introductions.take(from, update.neighbors, (claims) => this.#areClaims(claims))) {
      this.tell(peer, true)
    }
  }

  /** Tells a peer what we own. */
  tell(to: Peer, wantsReply: boolean): void {
    if (to !== this.#node.host.self) this.#node.host.send(to, this.#update(wantsReply))
  }

  /** We may take a zone from a holder. */
  expect(holder: Peer, zone: Zone): void {
    if (this.#expected.size >= EXPECTED_MAX) this.#expected.clear()
    this.#expected.set(holder, zone)
  }

  /** Tells all neighbors soon, once for all changes until then. */
  announceSoon(): void {
    if (this.#isAnnouncing) return
    this.#isAnnouncing = true
    this.#node.host.setTimer(TIMER_ANNOUNCE, this.#node.config.announceDelayMs)
  }

  onAnnounceTimer(): void {
    this.#isAnnouncing = false
    const { place, host } = this.#node
    if (place.isEmpty) return
    const update = this.#update(false)
    // Of whom we know by hearsay only, we want to know.
    const question = { ...update, wantsReply: true }
    for (const { peer, version } of place.contacts) host.send(peer, version < 0 ? question : update)
  }

  /** Tells those beside a zone that it is ours now. */
  announceTo(peers: readonly Acquaintance[]): void {
    for (const { peer } of peers) if (this.#node.place.contacts.get(peer) === undefined) this.tell(peer, true)
    this.announceSoon()
  }

  #changed(): void {
    this.#dropStrangers()
    this.announceSoon()
    this.#user.onClaimsChanged()
  }

  #nextGrant(): number {
    this.#serial = nextSerial(this.#serial)
    return this.#serial
  }

  /** A zone is taken from its owner, and by a joiner from whoever has its home. */
  #mayTake(from: Peer, { reality, claim, neighbors }: Grant, isJoining: boolean): boolean {
    const { place, config } = this.#node
    if (!isZone(claim, config.dimensions) || neighbors.length > config.contactsMax) return false
    const owned = place.claims[reality] ?? []
    if (owned.length >= config.claimsMax || owned.some((other) => relationOf(other, claim) === NESTED)) return false
    if (isJoining) return owned.length === 0
    const expected = this.#expected.get(from)
    if (expected !== undefined && relationOf(expected, claim) === NESTED) return true
    const said = place.contacts.get(from)?.claims[reality] ?? []
    return said.some((other) => other.depth <= claim.depth && relationOf(other, claim) === NESTED)
  }

  #takeBack({ to, message }: PendingGrant): void {
    const { place } = this.#node
    const contact = place.contacts.get(to)
    if (contact !== undefined && contact.version < 0) place.contacts.delete(to)
    for (const claim of place.unclaimed(message.reality, message.claim)) place.add(message.reality, claim)
    this.#changed()
  }

  /** What we have just given to a peer is its, until it says something itself. */
  #believe(peer: Peer, reality: number, claim: Claim): void {
    const { place, host, config } = this.#node
    const known = place.contacts.get(peer)
    if (known !== undefined) {
      known.claims = known.claims.with(reality, [...(known.claims[reality] ?? []), claim])
      return
    }
    if (place.contacts.size >= config.contactsMax) return
    const claims = place.claims.map((_ours, each) => (each === reality ? [claim] : []))
    place.contacts.add(new Contact(peer, claims, host.now()))
  }

  #isGranting(peer: Peer): boolean {
    for (const { to } of this.#grants.values()) if (to === peer) return true
    return false
  }

  /** Makes a contact of one that a giver told of, and tells it of us. */
  #meet(giver: Peer, { peer, claims }: Acquaintance): void {
    const { place, host, config } = this.#node
    if (peer === host.self || !this.#areClaims(claims) || place.contacts.get(peer) !== undefined) return
    if (place.relationTo(claims) === APART || place.contacts.size >= config.contactsMax) return
    // The giver speaks for itself; of others it is hearsay, good enough to begin with.
    place.contacts.add(new Contact(peer, claims, host.now()))
    if (peer !== giver) this.#introductions.add(peer)
  }

  #areClaims(claims: Claims): boolean {
    const { realities, dimensions, claimsMax } = this.#node.config
    if (claims.length !== realities) return false
    return claims.every((each) => {
      return each.length <= claimsMax && each.every((claim) => isZone(claim, dimensions)) && !overlapsItself(each)
    })
  }

  /** Gives up what another has the better claim to. Returns whether it claims what stays ours. */
  #settle(from: Peer, theirs: Claims): boolean {
    const { place } = this.#node
    let isDisputed = false
    let hasYielded = false
    for (const [reality, claims] of theirs.entries()) {
      for (const claim of claims) {
        const ours = place.claims[reality]?.filter((other) => relationOf(other, claim) === NESTED) ?? []
        for (const each of ours) {
          // What we are about to give it is its.
          if (place.outranks(reality, each, from, claim)) isDisputed = true
          else hasYielded = place.yieldTo(reality, claim) || hasYielded
        }
      }
    }
    if (hasYielded) {
      this.#user.onYielded(from)
      this.#changed()
    }
    return isDisputed
  }

  #keep(from: Peer, update: Update, before: Contact | undefined): void {
    const { place, host, config, drop } = this.#node
    if (before === undefined && place.contacts.size >= config.contactsMax) return drop('too-many-neighbors')
    const contact = before ?? new Contact(from, update.claims, host.now())
    if (before === undefined) place.contacts.add(contact)
    const isNews = before === undefined || before.version !== update.version
    contact.claims = update.claims
    contact.neighbors = update.neighbors
    contact.version = update.version
    if (before === undefined) this.#user.onContact(contact)
    if (isNews) this.#user.onContactChanged()
  }

  #lose(contact: Contact, { claims }: Update): void {
    if (claims.every((each) => each.length === 0)) this.#user.onAbandoned(contact)
    this.#node.place.contacts.delete(contact.peer)
    this.#user.onContactChanged()
  }

  /** Neighbors that are beside nothing of ours any more are told so by the next update, and forgotten. */
  #dropStrangers(): void {
    const { place, host } = this.#node
    const strangers = place.contacts.list.filter(({ claims, peer }) => {
      return place.relationTo(claims) === APART && !this.#isGranting(peer)
    })
    if (strangers.length === 0) return
    const update = this.#update(false)
    for (const { peer } of strangers) {
      if (!place.isEmpty) host.send(peer, update)
      place.contacts.delete(peer)
    }
  }

  #update(wantsReply: boolean): Update {
    const { place } = this.#node
    return {
      type: 'Update',
      version: place.version,
      claims: place.claims,
      neighbors: place.acquaintances(),
      wantsReply,
    }
  }

  /** Any of the contacts. */
  anyContact(): Contact | undefined {
    const { place, host } = this.#node
    return pick(() => host.random(), place.contacts.list)
  }

  /** A random place of ours in a reality. */
  anyClaim(): { readonly reality: number; readonly claim: Claim } | undefined {
    const { place, host } = this.#node
    const reality = randomInt(() => host.random(), place.claims.length)
    const claim = pick(() => host.random(), place.claims[reality] ?? [])
    return claim === undefined ? undefined : { reality, claim }
  }
}
