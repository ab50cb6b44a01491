import type { Peer } from '@servent/machine'

/** Stands for the neighbor that a way back led to, once it is gone: the id stays known, so that duplicates stay so. */
export const ROUTE_LOST: null = null

/** A neighbor, ourselves, or nobody any more. */
export type Route = Peer | null

/**
 * Ways back by id: which neighbor a descriptor came from. Ids are kept for at least `ageMs` and at most twice that, and
 * never more than `idsMax`: two generations, the older dropped whole when the newer is old or full (LimeWire's RouteTable).
 *
 * The newest id stands outside the maps. Duplicates of a flood come soon after one another, so most are found by one
 * comparison, and a node that saw one flood has no map.
 */
export class RouteTable {
  readonly #ageMs: number
  readonly #idsMax: number
  #newestId: string | undefined = undefined
  #newestRoute: Route = ROUTE_LOST
  #young: Map<string, Route> | undefined = undefined
  #old: Map<string, Route> | undefined = undefined
  #bornAt = 0

  /**
   * @param ageMs - how long an id is kept at the least, unless there are too many; positive
   * @param idsMax - how many ids are kept at the most; 2 or more
   */
  constructor(ageMs: number, idsMax: number) {
    this.#ageMs = ageMs
    this.#idsMax = idsMax
  }

  get size(): number {
    return (this.#newestId === undefined ? 0 : 1) + (this.#young?.size ?? 0) + (this.#old?.size ?? 0)
  }

  /** The way back for an id; undefined if it is not known. */
  get(id: string, now: number): Route | undefined {
    if (now - this.#bornAt >= this.#ageMs) this.#turn(now)
    if (id === this.#newestId) return this.#newestRoute
    if (this.#young === undefined && this.#old === undefined) return undefined
    const young = this.#young?.get(id)
    return young === undefined ? this.#old?.get(id) : young
  }

  /** Remembers a way back, as young again if it was known. */
  set(id: string, route: Route, now: number): void {
    if (id !== this.#newestId) {
      this.#young?.delete(id)
      this.#old?.delete(id)
    }
    this.add(id, route, now)
  }

  /** As `set`, for an id that `get` did not know just now: nothing has to be forgotten. */
  add(id: string, route: Route, now: number): void {
    if (now - this.#bornAt >= this.#ageMs) this.#turn(now)
    if (id !== this.#newestId) this.#moveNewest(now)
    this.#newestId = id
    this.#newestRoute = route
  }

  /** A neighbor is gone: the ids that came from it stay, the ways do not. */
  lose(peer: Peer): void {
    if (this.#newestRoute === peer) this.#newestRoute = ROUTE_LOST
    for (const generation of [this.#young, this.#old]) {
      if (generation === undefined) continue
      for (const [id, route] of generation) if (route === peer) generation.set(id, ROUTE_LOST)
    }
  }

  #moveNewest(now: number): void {
    this.#putNewest()
    // An old and a young generation and the newest make no more than idsMax.
    if (this.#young === undefined || this.#young.size <= (this.#idsMax - 2) >> 1) return
    this.#old = this.#young
    this.#young = undefined
    this.#bornAt = now
  }

  #putNewest(): void {
    if (this.#newestId === undefined) return
    this.#young ??= new Map()
    this.#young.set(this.#newestId, this.#newestRoute)
  }

  #turn(now: number): void {
    this.#putNewest()
    this.#newestId = undefined
    this.#newestRoute = ROUTE_LOST
    this.#old = now - this.#bornAt < 2 * this.#ageMs ? this.#young : undefined
    this.#young = undefined
    this.#bornAt = now - ((now - this.#bornAt) % this.#ageMs)
  }
}
