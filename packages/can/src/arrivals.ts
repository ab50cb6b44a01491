import { keysEqual } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { Answering } from './answering.ts'
import type { Joining } from './joining.ts'
import type { Membership } from './membership.ts'
import type { Route } from './messages.ts'
import type { CanNode } from './node.ts'
import type { Requests } from './requests.ts'
import { type Router, realityOf } from './router.ts'
import type { Watch } from './watch.ts'
import { homeOf } from './zone.ts'

/** Parts of the node that something comes to when it has arrived. */
interface Parts {
  readonly router: Router
  readonly membership: Membership
  readonly watch: Watch
  readonly joining: Joining
  readonly requests: Requests
  readonly answering: Answering
}

/** What becomes of a route: at the owner of its point, at one who stands in for a silent owner, and where there is no way on. */
export class Arrivals {
  readonly #node: CanNode
  readonly #parts: Parts

  constructor(node: CanNode, parts: Parts) {
    this.#node = node
    this.#parts = parts
  }

  onRoute(from: Peer, route: Route): void {
    const { host, place, drop } = this.#node
    const { router, answering } = this.#parts
    if (route.request === 'join' && !keysEqual(route.key, host.keyOf(route.origin))) return drop('false-place')
    if (route.request === 'join' && place.isEmpty) return this.#handOn(from, route)
    if (!answering.answerWithCopy(route)) router.onRoute(from, route)
    else if (from !== route.origin) router.take(from, route)
  }

  onArrived(route: Route, from: Peer): void {
    if (route.request === 'join') this.#admit(route, from)
    else this.#parts.answering.onArrived(route, from)
  }

  onNoWay(route: Route): void {
    const { joining, requests, answering } = this.#parts
    const isOurs = route.origin === this.#node.host.self
    if (route.request === 'join') {
      if (isOurs) joining.onNoWay()
      return
    }
    if (isOurs) requests.onNoWay(route.id)
    else answering.answer(route, { isOwner: false })
  }

  /** The owner of a route's point is silent, and we are to stand in for it; or a joiner was passed on to us for its size. */
  onHeirless(route: Route, from: Peer, tries: number): void {
    if (route.request === 'join') return this.#admit(route, from)
    const { router, watch } = this.#parts
    const point = router.pointOf(route)
    const reality = realityOf(route)
    const owner = this.#node.place.contactAt(point, reality)
    // Others found it silent. We ask it ourselves before we take its zone.
    if (owner !== undefined && !owner.isSilent) {
      return router.send(owner.peer, { ...route, isPassedOn: false }, from, tries)
    }
    if (watch.standIn(point, reality)) return this.onArrived({ ...route, isPassedOn: false }, from)
    router.forward({ ...route, isPassedOn: false }, from, tries + 1)
  }

  /** We are no member ourselves: whom we ask is asked for the joiner too. */
  #handOn(from: Peer, route: Route): void {
    const { host, config, drop } = this.#node
    const { router, joining } = this.#parts
    const to = route.hops < config.pathMax ? joining.handOn(route) : undefined
    if (config.ackTimeoutMs > 0)
      host.send(from, { type: 'RouteAck', hop: route.hop, isTaken: to !== undefined, isKeeper: false })
    if (to === undefined) drop('no-member')
    else router.send(to, route, from, 0)
  }

  #admit(route: Route, from: Peer): void {
    const { host, config } = this.#node
    const { router, membership } = this.#parts
    const { origin, reality } = route
    // It asks once more while it has got its zone, or has restarted and forgotten: what it says itself will show.
    if (!this.#isNeighborly(origin, reality)) return membership.tell(origin, true)
    const home = homeOf(host.keyOf(origin), config.dimensions, reality)
    const roomier = config.uniform ? membership.roomierThan(reality, home) : undefined
    if (roomier !== undefined) {
      // Whoever passed it on took our zone for the larger one.
      if (route.isPassedOn) membership.tell(from, false)
      return router.send(roomier, { ...route, isPassedOn: true }, from, 0)
    }
    membership.onJoin(origin, reality)
  }

  /** Whether a joiner is no contact yet, or one that has nothing in this reality, or has just been given something. */
  #isNeighborly(peer: Peer, reality: number): boolean {
    const claims = this.#node.place.contacts.get(peer)?.claims[reality] ?? []
    return claims.length === 0 || this.#parts.membership.grantsTo(peer).length > 0
  }
}
