import { type Peer, randomInt } from '@servent/machine'
import { claimOf } from './claim.ts'
import type { Contact } from './contacts.ts'
import type { Membership } from './membership.ts'
import { type CanNode, nextSerial, TIMER_PING, TIMER_TAKEOVER } from './node.ts'
import type { Fallen } from './place.ts'
import { contains, extentOf, NESTED, type Point, relationOf, SIDE, type Zone, zoneAt } from './zone.ts'

/** Ours: how long one who fell is remembered after its zones are taken, so that hearsay does not bring it back. */
const FALLEN_MS = 120_000
/** Ours: places outside that are looked at each time. */
const EDGE_PLACES = 4
/** Ours: turns of heirs that are waited for before a silent node's zone counts as a hole. */
const TURNS_AWAITED = 4
/** Ours: a hole is filled when nobody was found in it so often. */
const HOLE_LOOKS_MAX = 2
/** Ours: what is claimed because nobody was found there ranks behind every other claim. */
const HOLE_TAKEOVERS = 64

/** A place that nobody seems to own. */
interface Hole {
  readonly point: Point
  readonly reality: number
  /** Of our zone beside it: what fills it is no larger. */
  readonly depth: number
  /** How often nobody was found there, and when to look again. */
  looks: number
  againAt: number
}

export interface WatchUser {
  /** Looks for the owner of a place on our own behalf. The answer is for `onHoleLooked`. */
  lookInto(point: Point, reality: number): void
  onLost(peer: Peer): void
  onClaimsChanged(): void
}

/**
 * Watches the neighbors: who falls silent is pinged, who stays silent has fallen, and its zone is taken over by the
 * smallest of those beside it (§2.3).
 *
 * Departure: §2.3 has each neighbor wait in proportion to its volume. All know who is beside whom, so each knows its turn:
 * the first goes at once, and whoever is asked for the silent owner's key does it then.
 */
export class Watch {
  readonly #node: CanNode
  readonly #membership: Membership
  readonly #user: WatchUser
  #nonce = 0
  #turns: Map<number, { readonly peer: Peer; readonly reality: number }> | undefined
  #hole: Hole | undefined

  constructor(node: CanNode, membership: Membership, user: WatchUser) {
    this.#node = node
    this.#membership = membership
    this.#user = user
  }

  get size(): number {
    return (this.#turns?.size ?? 0) + this.#node.place.fallen.length
  }

  clear(): void {
    this.#turns = undefined
    this.#hole = undefined
  }

  /** Something came from a peer. */
  onHeard(peer: Peer, now: number): Contact | undefined {
    const contact = this.#node.place.contacts.get(peer)
    if (contact === undefined) return undefined
    contact.heardAt = now
    contact.pings = 0
    contact.isSilent = false
    return contact
  }

  /** Something was not answered, or a connection broke. */
  onSilent(peer: Peer): void {
    const contact = this.#node.place.contacts.get(peer)
    if (contact === undefined) return
    contact.isSilent = true
    if (contact.pings === 0) this.#ping(contact)
  }

  /** A ping was not answered in time. `nonce` grows: an older one says nothing of later ones. */
  onPingTimer(nonce: number): void {
    const { place, config } = this.#node
    const contact = place.contacts.list.find((each) => each.nonce === nonce)
    if (contact === undefined || contact.pings === 0) return
    contact.isSilent = true
    if (contact.pings < config.pingsMax) this.#ping(contact)
    else this.fall(contact)
  }

  /** A pong came: how long it took, in milliseconds. */
  onPong(peer: Peer, nonce: number): void {
    const { place, host } = this.#node
    const contact = place.contacts.get(peer)
    if (contact?.nonce === nonce) contact.sampleRtt(host.now() - contact.pingedAt)
  }

  /** The regular look: whom we have not heard for long is pinged. */
  maintain(): void {
    const { place, host, config } = this.#node
    const now = host.now()
    for (const contact of place.contacts) {
      if (contact.pings === 0 && now - contact.heardAt >= config.pingIntervalMs) this.#ping(contact)
    }
    place.bury(now - FALLEN_MS)
    this.#lookAtEdge()
  }

  /** A neighbor is dead. */
  fall(contact: Contact): void {
    const fallen = this.#node.place.fell(contact, this.#node.host.now(), false)
    this.#user.onLost(contact.peer)
    this.#awaitTurns(fallen, 0)
  }

  /** A neighbor owns nothing any more: somebody has got its zones, or will tell so soon, or it has forgotten them. */
  abandon(contact: Contact): void {
    this.#awaitTurns(this.#node.place.fell(contact, this.#node.host.now(), true), 1)
  }

  #awaitTurns(fallen: Fallen, turnsBefore: number): void {
    const { place, host, config } = this.#node
    for (const reality of fallen.claims.keys()) {
      const rank = place.heirs(fallen, reality).indexOf(host.self)
      if (rank === -1) continue
      const turn = rank + turnsBefore
      if (turn === 0) {
        this.takeOver(fallen, reality)
        continue
      }
      this.#nonce = nextSerial(this.#nonce)
      this.#turns ??= new Map()
      this.#turns.set(this.#nonce, { peer: fallen.peer, reality })
      host.setTimer(TIMER_TAKEOVER, turn * config.takeoverStepMs, this.#nonce)
    }
  }

  /** Those before us had their time. */
  onTakeoverTimer(serial: number): void {
    const turn = this.#turns?.get(serial)
    if (turn === undefined) return
    this.#turns?.delete(serial)
    const fallen = this.#node.place.fallen.find(({ peer }) => peer === turn.peer)
    if (fallen !== undefined) this.takeOver(fallen, turn.reality)
  }

  /** Takes what nobody has taken yet. */
  takeOver(fallen: Fallen, reality: number): void {
    const { place, config } = this.#node
    let hasTaken = false
    for (const claim of fallen.claims[reality] ?? []) {
      for (const left of place.unclaimed(reality, claim)) {
        if ((place.claims[reality]?.length ?? 0) >= config.claimsMax) continue
        place.add(reality, claimOf(left, claim.takeovers + 1))
        hasTaken = true
      }
    }
    if (!hasTaken) return
    this.#user.onClaimsChanged()
    this.#membership.announceTo([fallen, ...fallen.neighbors])
  }

  /** We are asked to stand in for the silent owner of a point. Returns whether we own it now. */
  standIn(point: Point, reality: number | undefined): boolean {
    const { place } = this.#node
    const silent = place.contactAt(point, reality)
    if (silent?.isSilent === true) this.fall(silent)
    const fallen = place.fallenAt(point, reality)
    if (fallen === undefined) return false
    for (const each of reality === undefined ? fallen.claims.keys() : [reality]) {
      if (fallen.claims[each]?.some((claim) => contains(claim, point))) this.takeOver(fallen, each)
    }
    return place.owns(point, reality)
  }

  #ping(contact: Contact): void {
    const { host, config, place } = this.#node
    this.#nonce = nextSerial(this.#nonce)
    const nonce = this.#nonce
    contact.pings++
    contact.nonce = nonce
    contact.pingedAt = host.now()
    host.send(contact.peer, { type: 'Ping', nonce, version: place.version })
    host.setTimer(TIMER_PING, config.pingTimeoutMs, nonce)
  }

  /**
   * Looks at some random places just outside our zones: if no neighbor has one, its owner is looked for, and if there is
   * none the hole is filled. Holes are left when a node dies together with all who knew it.
   */
  #lookAtEdge(): void {
    if (this.#hole !== undefined) return this.#lookAgain(this.#hole)
    if (this.#node.place.contacts.size === 0) return
    for (let i = 0; i < EDGE_PLACES; i++) {
      const drawn = this.#membership.anyClaim()
      if (drawn === undefined) continue
      const { reality } = drawn
      const point = this.#outside(drawn.claim)
      if (!this.#isHole(point, reality)) continue
      this.#hole = { point, reality, depth: drawn.claim.depth, looks: 0, againAt: Number.POSITIVE_INFINITY }
      return this.#user.lookInto(point, reality)
    }
  }

  #lookAgain(hole: Hole): void {
    if (this.#node.host.now() < hole.againAt) return
    hole.againAt = Number.POSITIVE_INFINITY
    this.#user.lookInto(hole.point, hole.reality)
  }

  /** Whether nobody is known to own a place, or to be about to. */
  #isHole(point: Point, reality: number): boolean {
    const { place, host, config } = this.#node
    if (place.owns(point, reality) || place.contactAt(point, reality) !== undefined) return false
    const soonest = host.now() - TURNS_AWAITED * config.takeoverStepMs
    const isAboutToBeTaken = ({ claims, fellAt }: Fallen) =>
      fellAt > soonest && claims[reality]?.some((claim) => contains(claim, point)) === true
    return !place.fallen.some(isAboutToBeTaken)
  }

  /** Whether somebody owns the place that was looked into. */
  onHoleLooked(owner: Peer | undefined): void {
    const hole = this.#hole
    if (hole === undefined) return
    this.#hole = undefined
    if (owner === this.#node.host.self) return
    if (owner !== undefined) return this.#membership.tell(owner, true)
    hole.looks++
    if (hole.looks >= HOLE_LOOKS_MAX) return this.#fill(hole)
    hole.againAt = this.#node.host.now() + this.#node.config.takeoverStepMs
    this.#hole = hole
  }

  #fill({ point, reality, depth }: Hole): void {
    const { place, config } = this.#node
    if (place.isEmpty || place.owns(point, reality) || place.contactAt(point, reality) !== undefined) return
    if ((place.claims[reality]?.length ?? 0) >= config.claimsMax) return
    const known = [
      ...(place.claims[reality] ?? []),
      ...place.contacts.list.flatMap(({ claims }) => claims[reality] ?? []),
    ]
    place.add(reality, claimOf(largestFree(point, known, depth), HOLE_TAKEOVERS))
    this.#user.onClaimsChanged()
    this.#membership.announceSoon()
  }

  /** A random point one step across a random side of a zone. */
  #outside(zone: Zone): Point {
    const { host } = this.#node
    const random = () => host.random()
    const across = randomInt(random, zone.low.length)
    return zone.low.map((low, dimension) => {
      const extent = extentOf(zone, dimension)
      if (dimension !== across) return low + randomInt(random, extent)
      return (random() < 0.5 ? low - 1 + SIDE : low + extent) % SIDE
    })
  }
}

/** The largest zone around a point, of a depth at least, that overlaps none of the others. */
function largestFree(point: Point, others: readonly Zone[], depthMin: number): Zone {
  let depth = depthMin
  let zone = zoneAt(point, depth)
  while (others.some((other) => relationOf(other, zone) === NESTED)) zone = zoneAt(point, ++depth)
  return zone
}
