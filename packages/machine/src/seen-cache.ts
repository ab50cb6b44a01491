/**
 * Remembers ids for at least `ageMs` and at most twice that, and never more than `idsMax` of them: two generations, the
 * older dropped whole when the newer is old or full (as LimeWire's route tables did). No timer and no list to sweep, so
 * an insertion costs one `Map.set`.
 *
 * A value: it reads no clock, `now` is an argument.
 */
export class SeenCache<Id, Value> {
  readonly #ageMs: number
  readonly #idsMax: number
  #young: Map<Id, Value> | undefined
  #old: Map<Id, Value> | undefined
  #bornAt = 0

  /**
   * @param ageMs - how long an id is remembered at the least, unless there are too many; positive
   * @param idsMax - how many ids are held at the most, both generations together; at least 2
   */
  constructor(ageMs: number, idsMax: number) {
    this.#ageMs = ageMs
    this.#idsMax = idsMax
  }

  get size(): number {
    return (this.#young?.size ?? 0) + (this.#old?.size ?? 0)
  }

  /** What was kept with an id, or undefined. */
  get(id: Id, now: number): Value | undefined {
    this.#turn(now)
    return this.#young?.get(id) ?? this.#old?.get(id)
  }

  has(id: Id, now: number): boolean {
    return this.get(id, now) !== undefined
  }

  /** Remembers an id, as young again if it was there. */
  set(id: Id, value: Value, now: number): void {
    this.#turn(now)
    // Most nodes of a large simulation never see an id: an empty Map each would be a third of their memory.
    this.#young ??= new Map()
    if (this.#young.size >= this.#idsMax >> 1) {
      this.#old = this.#young
      this.#young = new Map()
      this.#bornAt = now
    }
    this.#old?.delete(id)
    this.#young.set(id, value)
  }

  /** Forgets every id whose value is `value`: what a peer left behind when it went. */
  deleteValue(value: Value): void {
    for (const generation of [this.#young, this.#old]) {
      if (generation === undefined) continue
      for (const [id, kept] of generation) if (kept === value) generation.delete(id)
    }
  }

  #turn(now: number): void {
    if (now - this.#bornAt < this.#ageMs) return
    this.#old = now - this.#bornAt < 2 * this.#ageMs ? this.#young : undefined
    this.#young = undefined
    this.#bornAt = now - ((now - this.#bornAt) % this.#ageMs)
  }
}
