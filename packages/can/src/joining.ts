import { type Peer, pick } from '@servent/machine'
import { type Claims, compareKeys } from './claim.ts'
import type { Route } from './messages.ts'
import { type CanNode, TIMER_JOIN } from './node.ts'
import { wholeTorus } from './zone.ts'

export interface JoiningUser {
  /** Takes a join to a peer. */
  launch(route: Route, via: Peer): void
}

/** Ours: a join that failed is tried again after so long at the most, in milliseconds. */
const REST_MS = 2_000
/** Ours: failures in a row after which there is nobody to join. */
const FAILURES_MAX = 12

/**
 * Finds the way in: a node that knows nobody is a torus of its own; one that knows somebody asks it to carry a join to its
 * home, in each reality where it owns nothing, again and again until it does.
 */
export class Joining {
  readonly #node: CanNode
  readonly #user: JoiningUser
  /** To join through, and who was lost: may be in another part of a torus that broke. */
  readonly #known: Peer[] = []
  #attempt = 0
  #failures = 0
  #isTrying = false
  #wasMember = false
  #preferred: Peer | undefined

  constructor(node: CanNode, user: JoiningUser) {
    this.#node = node
    this.#user = user
  }

  get known(): readonly Peer[] {
    return this.#known
  }

  /** Whether a join is under way. */
  get isTrying(): boolean {
    return this.#isTrying
  }

  remember(peer: Peer): void {
    const { host, config } = this.#node
    if (peer === host.self || this.#known.includes(peer)) return
    this.#known.push(peer)
    if (this.#known.length > config.knownMax) this.#known.shift()
  }

  /** Becomes a torus of our own. */
  found(): void {
    const { place, config } = this.#node
    const whole = { ...wholeTorus(config.dimensions), takeovers: 0 }
    const claims: Claims = new Array<readonly [typeof whole]>(config.realities).fill([whole])
    place.set(claims)
  }

  /** Asks for a zone where we have none. Alone we give up our own torus first. */
  begin(): void {
    if (this.#isTrying) return
    const { place } = this.#node
    if (place.contacts.size === 0) place.clear()
    this.#isTrying = true
    this.#try()
  }

  /** We have got a zone in a reality. */
  onGranted(): void {
    if (!this.#node.place.isComplete) return
    this.#isTrying = false
    this.#wasMember = true
    this.#preferred = undefined
    this.#failures = 0
  }

  /** A peer that owns what we owned: it is certainly a member. */
  prefer(peer: Peer): void {
    this.#preferred = peer
  }

  /**
   * A join came while we own nothing: whom to hand it to, which is whom we ask ourselves. Undefined if there is nobody, or
   * if it has been around a circle of nodes that all wait for one another. Then the one with the smallest key is a torus.
   */
  handOn({ origin, path }: Route): Peer | undefined {
    const { host, place } = this.#node
    // If we know nobody else, back: whoever has had it sees that it goes around.
    if (origin !== host.self && !path.includes(host.self)) return this.#throughWhom(path) ?? this.#throughWhom()
    const ours = host.keyOf(host.self)
    const isFirst = path.every((peer) => compareKeys(ours, host.keyOf(peer)) <= 0)
    if (!isFirst || !place.isEmpty || this.#wasMember) return undefined
    this.#isTrying = false
    this.found()
    this.#again(host.random() * REST_MS)
    return undefined
  }

  /** Whoever we asked cannot help: it has not joined itself, or is gone. */
  onNoWay(): void {
    if (!this.#isTrying) return
    this.#failures++
    this.#rest()
  }

  onTimer(attempt: number): void {
    if (attempt !== this.#attempt) return
    // It was taken, and is on its way or lost: no reason to think that nobody is there.
    if (this.#isTrying) return this.#rest()
    const { place } = this.#node
    if (!place.isComplete || place.contacts.size === 0) this.begin()
  }

  stop(): void {
    this.#isTrying = false
    this.#attempt++
  }

  /** Alone for a moment, and open for others: of two that ask each other at once, one will be. */
  #rest(): void {
    this.#isTrying = false
    const { place, host } = this.#node
    if (place.isEmpty && place.contacts.size === 0 && this.#failures >= FAILURES_MAX) this.found()
    this.#again(host.random() * REST_MS)
  }

  #try(): void {
    const { place, host, config } = this.#node
    const through = this.#throughWhom()
    this.#again(config.joinTimeoutMs * (0.5 + host.random()))
    if (through === undefined) return
    const key = host.keyOf(host.self)
    for (const [reality, claims] of place.claims.entries()) {
      if (claims.length > 0) continue
      const fresh = { hop: 0, isPassedOn: false, hops: 0, timeouts: 0, path: [], avoid: [], record: undefined }
      this.#user.launch({ type: 'Route', request: 'join', id: 0, origin: host.self, key, reality, ...fresh }, through)
    }
  }

  /** A peer that may be a member. */
  anyone(): Peer | undefined {
    return this.#throughWhom()
  }

  #throughWhom(not: readonly Peer[] = []): Peer | undefined {
    const { place, host } = this.#node
    if (this.#preferred !== undefined && this.#failures === 0 && !not.includes(this.#preferred)) return this.#preferred
    const random = () => host.random()
    const isOther = (peer: Peer) => !not.includes(peer)
    return (
      pick(random, this.#known.filter(isOther)) ??
      pick(random, place.contacts.list.map(({ peer }) => peer).filter(isOther))
    )
  }

  #again(delayMs: number): void {
    this.#attempt++
    this.#node.host.setTimer(TIMER_JOIN, delayMs, this.#attempt)
  }
}
