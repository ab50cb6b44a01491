/** A message ready to be sent: one value, whichever peers it goes to. */
export interface Parcel {
  /** The framed message. Nobody writes to it any more. */
  readonly frame: Uint8Array
  /** What has a higher one is kept longer. */
  readonly priority: number
  readonly type: string
}

/** Where messages of one priority lie in the queue, the oldest first. Those before `at` are gone. */
interface Places {
  readonly all: number[]
  at: number
}

const NONE: readonly string[] = []

/** Empty places that are not worth sweeping. */
const SWEEP_MIN = 64

/**
 * What waits for one peer: sent in order, dropped by priority. When it is full the oldest message of the lowest priority
 * goes first, which may be the newcomer itself.
 *
 * 1. Messages lie in the queue from `#head` on; a dropped one leaves a hole.
 * 2. They are listed by priority from the first drop until all is sent or the queue is swept. Most outboxes are emptied
 *    every turn and never need the lists.
 */
export class Outbox {
  #bytes = 0
  #count = 0
  #queue: (Parcel | undefined)[] = []
  #head = 0
  #byPriority: Map<number, Places> | undefined

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Messages that wait. */
  get count(): number {
    return this.#count
  }

  /**
   * Adds a message and drops as many as needed to stay within `bytesMax`.
   *
   * @returns the types of the messages that were dropped for it, itself among them if it had to go
   */
  push(parcel: Parcel, bytesMax: number): readonly string[] {
    const size = parcel.frame.length
    const dropped = this.#bytes + size > bytesMax ? this.#makeRoom(size, parcel.priority, bytesMax) : NONE
    if (this.#bytes + size > bytesMax) return [...dropped, parcel.type]
    if (this.#byPriority !== undefined) list(this.#byPriority, parcel, this.#queue.length)
    this.#queue.push(parcel)
    this.#bytes += size
    this.#count++
    return dropped
  }

  /** Takes messages in order, of about `bytesMax` bytes: the last one may go beyond. */
  take(bytesMax: number): Uint8Array[] {
    const frames: Uint8Array[] = []
    let bytes = 0
    while (bytes < bytesMax && this.#head < this.#queue.length) {
      const parcel = this.#queue[this.#head]
      this.#queue[this.#head++] = undefined
      if (parcel === undefined) continue
      frames.push(parcel.frame)
      bytes += parcel.frame.length
    }
    this.#count -= frames.length
    this.#bytes -= bytes
    if (this.#count === 0) this.#reset()
    else this.#sweep()
    return frames
  }

  /** Drops everything. Returns how many messages that were. */
  clear(): number {
    const count = this.#count
    this.#reset()
    return count
  }

  #reset(): void {
    this.#queue = []
    this.#head = 0
    this.#byPriority = undefined
    this.#bytes = 0
    this.#count = 0
  }

  /** Drops what matters no more than the priority given until there is room, or nothing more to drop. */
  #makeRoom(size: number, priorityMax: number, bytesMax: number): string[] {
    const dropped: string[] = []
    while (this.#bytes + size > bytesMax) {
      const victim = this.#dropLowest(priorityMax)
      if (victim === undefined) break
      dropped.push(victim.type)
    }
    this.#sweep()
    return dropped
  }

  /** Drops the oldest message of the lowest priority that is not above `priorityMax`. */
  #dropLowest(priorityMax: number): Parcel | undefined {
    const lists = this.#lists()
    let lowest = Number.POSITIVE_INFINITY
    for (const [priority, places] of lists) {
      if (priority < lowest && priority <= priorityMax && this.#skipSent(places)) lowest = priority
    }
    const places = lists.get(lowest)
    if (places === undefined) return undefined
    const place = places.all[places.at++] as number
    const victim = this.#queue[place] as Parcel
    this.#queue[place] = undefined
    this.#bytes -= victim.frame.length
    this.#count--
    return victim
  }

  #lists(): Map<number, Places> {
    if (this.#byPriority !== undefined) return this.#byPriority
    const lists = new Map<number, Places>()
    for (let i = this.#head; i < this.#queue.length; i++) {
      const parcel = this.#queue[i]
      if (parcel !== undefined) list(lists, parcel, i)
    }
    this.#byPriority = lists
    return lists
  }

  /** Leaves out the places of messages that were sent. False if no other is left. */
  #skipSent(places: Places): boolean {
    while (places.at < places.all.length && (places.all[places.at] as number) < this.#head) places.at++
    return places.at < places.all.length
  }

  /** Closes the empty places when they are the greater part. */
  #sweep(): void {
    if (this.#queue.length <= 2 * this.#count + SWEEP_MIN) return
    this.#queue = this.#queue.filter((parcel) => parcel !== undefined)
    this.#head = 0
    this.#byPriority = undefined
  }
}

function list(lists: Map<number, Places>, { priority }: Parcel, place: number): void {
  const places = lists.get(priority)
  if (places === undefined) lists.set(priority, { all: [place], at: 0 })
  else places.all.push(place)
}
