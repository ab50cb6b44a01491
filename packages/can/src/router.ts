import type { Host, Peer } from '@servent/machine'
import type { CanConfig } from './config.ts'
import { type Contact, distanceOf } from './contacts.ts'
import type { DropReason } from './drops.ts'
import { ANY_REALITY, type Message, type Route, type RouteAck } from './messages.ts'
import { nextSerial } from './node.ts'
import type { Place } from './place.ts'
import { homeOf, type Point, pointOf } from './zone.ts'

/** What a router needs of the node it is in. */
export interface RouterUser {
  /** We own the point of a route, or it was passed on to us. */
  onArrived(route: Route, from: Peer): void
  /** The way ends here: nobody is left to try. */
  onNoWay(route: Route): void
  /** Whether a peer that hands us a put is to keep a copy of it. */
  isKeeper(peer: Peer, route: Route): boolean
  /** A route that went through us has arrived, and we are to keep a copy of what it brought. */
  onKeeper(route: Route, from: Peer): void
  /** Somebody did not answer. */
  onSilent(peer: Peer): void
  /** We are to stand in for the silent owner of a route's point. */
  onHeirless(route: Route, from: Peer, tries: number): void
  drop(reason: DropReason): void
}

/** A route that its receiver has not taken yet. */
interface Hop {
  readonly route: Route
  readonly to: Peer
  readonly from: Peer
  readonly sentAt: number
  readonly tries: number
}

/**
 * Hands routes from neighbor to neighbor (§2.1), each hop acknowledged, with another neighbor when one does not answer.
 *
 * 1. A neighbor is nearer to the point than we are, or the route has not met it: no route goes around in circles.
 * 2. Each hop tries a bounded number of neighbors, and a route has a bounded number of hops.
 */
export class Router {
  readonly #host: Host<Message, unknown>
  readonly #config: Readonly<CanConfig>
  readonly #place: Place
  readonly #user: RouterUser
  readonly #timer: number
  #hops: Map<number, Hop> | undefined
  #serial = 0

  /** @param timer - the host's timer that calls `onTimer` */
  constructor(
    host: Host<Message, unknown>,
    config: Readonly<CanConfig>,
    place: Place,
    user: RouterUser,
    timer: number
  ) {
    this.#host = host
    this.#config = config
    this.#place = place
    this.#user = user
    this.#timer = timer
  }

  /** Routes that wait to be taken. */
  get size(): number {
    return this.#hops?.size ?? 0
  }

  clear(): void {
    this.#hops = undefined
  }

  /** The place that a route goes to. That of a join follows from who joins. */
  pointOf(route: Route): Point {
    const { dimensions } = this.#config
    if (route.request !== 'join') return pointOf(route.key, dimensions)
    return homeOf(this.#host.keyOf(route.origin), dimensions, route.reality)
  }

  onRoute(from: Peer, route: Route): void {
    const { hopsMax, pathMax, realities } = this.#config
    const isReality = route.reality < realities || (route.reality === ANY_REALITY && route.request !== 'join')
    if (!isReality || route.path.length > pathMax) return this.#refuse(from, route, 'malformed-route')
    if (route.hops >= hopsMax) return this.#refuse(from, route, 'too-many-hops')
    // It may come home: whoever looks for its own place through another has sent it.
    const isHere = route.isPassedOn || this.#place.owns(this.pointOf(route), realityOf(route))
    if (!isHere && route.path.includes(this.#host.self)) return this.#refuse(from, route, 'routing-loop')
    if (this.#place.isEmpty) return this.#refuse(from, route, 'no-member')
    if (this.size >= this.#config.pendingMax) return this.#refuse(from, route, 'too-busy')
    this.forward(route, from, 0)
  }

  /** Takes a route to its next hop, or it has arrived. `from` is ourselves for our own. */
  forward(route: Route, from: Peer, tries: number): void {
    const point = this.pointOf(route)
    const reality = realityOf(route)
    if (this.#place.owns(point, reality)) return this.#arrive(route, from)
    if (route.isPassedOn) {
      if (from !== this.#host.self) this.take(from, route)
      return this.#user.onHeirless(route, from, tries)
    }
    if (from !== this.#host.self && tries === 0) this.take(from, route)
    if (tries > this.#config.detoursMax) return this.#user.onNoWay(route)
    const next = this.#next(route, point, reality)
    if (next !== undefined) return this.send(next, route, from, tries)
    this.#aroundHole(route, from, point, reality, tries)
  }

  /** Sends a route to a peer, whoever that is, and waits until it is taken. */
  send(to: Peer, route: Route, from: Peer, tries: number): void {
    const { ackTimeoutMs, pathMax } = this.#config
    const { self } = this.#host
    const path = route.path.length < pathMax ? [...route.path, self] : route.path
    this.#serial = nextSerial(this.#serial)
    const hop = this.#serial
    this.#host.send(to, { ...route, hop, hops: route.hops + 1, path })
    if (ackTimeoutMs === 0) return
    this.#hops ??= new Map()
    this.#hops.set(hop, { route, to, from, sentAt: this.#host.now(), tries })
    this.#host.setTimer(this.#timer, ackTimeoutMs, hop)
  }

  /** A route was taken, or not. Returns how long that took if so, in milliseconds. */
  onAck(from: Peer, { hop: serial, isTaken, isKeeper }: RouteAck): number | undefined {
    const hop = this.#hops?.get(serial)
    if (hop === undefined || hop.to !== from) return undefined
    this.#hops?.delete(serial)
    if (isTaken && isKeeper) this.#user.onKeeper(hop.route, hop.from)
    if (isTaken) return this.#host.now() - hop.sentAt
    this.#another(hop, 0)
    return undefined
  }

  /** An answer has come to one of our own routes: it was taken. */
  onAnswered(id: number, from: Peer): number | undefined {
    for (const [serial, { route, to, sentAt }] of this.#hops ?? []) {
      if (route.id !== id || route.origin !== this.#host.self || to !== from) continue
      this.#hops?.delete(serial)
      return this.#host.now() - sentAt
    }
    return undefined
  }

  onTimer(serial: number): void {
    const hop = this.#hops?.get(serial)
    if (hop === undefined) return
    this.#hops?.delete(serial)
    this.#user.onSilent(hop.to)
    this.#another(hop, 1)
  }

  /** What a peer had not taken yet goes to others. */
  onGone(peer: Peer): void {
    for (const [serial, hop] of this.#hops ?? []) {
      if (hop.to !== peer || !this.#hops?.delete(serial)) continue
      this.#another(hop, 1)
    }
  }

  /** Says that a route is in our hands. */
  take(from: Peer, { hop }: Route, isKeeper = false): void {
    if (this.#config.ackTimeoutMs > 0) this.#host.send(from, { type: 'RouteAck', hop, isTaken: true, isKeeper })
  }

  #another(hop: Hop, timeouts: number): void {
    const { route, to, from, tries } = hop
    const { avoidMax } = this.#config
    const avoid = route.avoid.includes(to) ? route.avoid : [...route.avoid, to].slice(-avoidMax)
    this.forward(
      { ...route, avoid, isPassedOn: false, timeouts: Math.min(route.timeouts + timeouts, 255) },
      from,
      tries + 1
    )
  }

  #arrive(route: Route, from: Peer): void {
    // The answer itself is the acknowledgement if it goes the same way.
    const isAnswered = from === route.origin && route.request !== 'join'
    if (from !== this.#host.self && !isAnswered) this.take(from, route, this.#user.isKeeper(from, route))
    this.#user.onArrived(route, from)
  }

  #refuse(from: Peer, route: Route, reason: DropReason): void {
    this.#user.drop(reason)
    if (this.#config.ackTimeoutMs > 0)
      this.#host.send(from, { type: 'RouteAck', hop: route.hop, isTaken: false, isKeeper: false })
  }

  /** The neighbor to forward to: nearer than we are. */
  #next(route: Route, point: Point, reality: number | undefined): Peer | undefined {
    const own = this.#place.distance(point, reality)
    const { lookahead, rttWeighted } = this.#config
    let best: Peer | undefined
    let bestDistance = own
    let bestWeight = 0
    for (const contact of this.#place.contacts) {
      const distance = distanceOf(contact.claims, point, reality)
      if (distance >= own || isUnfit(contact, route)) continue
      if (rttWeighted && distance > 0) {
        // "the maximum ratio of progress to RTT" (§3.3)
        const weight = (Math.sqrt(own) - Math.sqrt(distance)) / Math.max(contact.rttMs, 1)
        if (bestDistance === 0 || weight <= bestWeight) continue
        bestWeight = weight
      } else if (distance >= bestDistance) {
        continue
      }
      best = contact.peer
      bestDistance = distance
    }
    if (bestDistance === 0 || !lookahead) return best
    const further = this.#beyond(route, point, reality, best === undefined ? own : 1)
    return further ?? best
  }

  /** Of those that neighbors told of, the nearest that is nearer than `below`. */
  #beyond(route: Route, point: Point, reality: number | undefined, below: number): Peer | undefined {
    let best: Peer | undefined
    let bestDistance = below
    for (const contact of this.#place.contacts) {
      for (const { peer, claims } of contact.neighbors) {
        const distance = distanceOf(claims, point, reality)
        if (distance >= bestDistance || isMet(peer, route) || peer === this.#host.self) continue
        // Of a neighbor we know better.
        if (this.#place.isFallen(peer) || this.#place.contacts.get(peer) !== undefined) continue
        best = peer
        bestDistance = distance
      }
    }
    return best
  }

  /**
   * Nobody is nearer: whoever was has gone. If we know the silent owner of the point, its heir is asked to stand in for it
   * at once; otherwise the route goes to the nearest neighbor it has not met, even if that is farther away.
   *
   * Departure: §2.1 has an expanding-ring search; a route that remembers its way needs none.
   */
  #aroundHole(route: Route, from: Peer, point: Point, reality: number | undefined, tries: number): void {
    const heir = this.#heirAt(route, point, reality)
    if (heir === this.#host.self) return this.#user.onHeirless(route, from, tries)
    if (heir !== undefined) return this.send(heir, { ...route, isPassedOn: true }, from, tries)
    let nearest: Contact | undefined
    let least = Number.POSITIVE_INFINITY
    for (const contact of this.#place.contacts) {
      const distance = distanceOf(contact.claims, point, reality)
      if (distance >= least || isUnfit(contact, route)) continue
      nearest = contact
      least = distance
    }
    if (nearest !== undefined) return this.send(nearest.peer, route, from, tries)
    this.#user.onNoWay(route)
  }

  #heirAt(route: Route, point: Point, reality: number | undefined): Peer | undefined {
    const fallen = this.#place.fallenAt(point, reality) ?? this.#place.contactAt(point, reality)
    if (fallen === undefined) return undefined
    const realities = reality === undefined ? fallen.claims.keys() : [reality]
    for (const each of realities) {
      if (distanceOf(fallen.claims, point, each) > 0) continue
      const heir = this.#place.heirs(fallen, each).find((peer) => peer === this.#host.self || !isMet(peer, route))
      if (heir !== undefined) return heir
    }
    return undefined
  }
}

/** The reality that a route keeps to, if it does. */
export function realityOf({ reality }: Route): number | undefined {
  return reality === ANY_REALITY ? undefined : reality
}

function isMet(peer: Peer, { avoid, path, origin }: Route): boolean {
  return peer === origin || avoid.includes(peer) || path.includes(peer)
}

/** Whether a neighbor is not to be tried: it is silent, or was tried. */
function isUnfit(contact: Contact, route: Route): boolean {
  return contact.isSilent || isMet(contact.peer, route)
}
