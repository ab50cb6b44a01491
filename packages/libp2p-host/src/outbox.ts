/** A framed message that waits. */
interface Waiting {
  /** Undefined once it was dropped. */
  frame: Uint8Array | undefined
  readonly priority: number
  readonly type: string
}

/**
 * What waits for one peer: sent in order, dropped by priority. When it is full the oldest message of the lowest priority
 * goes first, which may be the newcomer itself.
 */
export class Outbox {
  #bytes = 0
  #count = 0
  #queue = new Fifo<Waiting>()
  /** The same messages once more, by priority: the oldest of each is found without a search. */
  readonly #byPriority = new Map<number, Fifo<Waiting>>()

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
   * @param priority - what has a higher one is kept longer
   * @returns the types of the messages that were dropped for it, itself among them if it had to go
   */
  push(frame: Uint8Array, priority: number, type: string, bytesMax: number): string[] {
    const dropped: string[] = []
    while (this.#bytes + frame.length > bytesMax) {
      const victim = this.#lowest(priority)
      if (victim === undefined) return [...dropped, type]
      this.#drop(victim)
      dropped.push(victim.type)
    }
    const waiting: Waiting = { frame, priority, type }
    this.#queue.push(waiting)
    const equals = this.#byPriority.get(priority) ?? new Fifo<Waiting>()
    equals.push(waiting)
    this.#byPriority.set(priority, equals)
    this.#bytes += frame.length
    this.#count++
    return dropped
  }

  /** Takes messages in order, of about `bytesMax` bytes: the last one may go beyond. */
  take(bytesMax: number): Uint8Array[] {
    const frames: Uint8Array[] = []
    let bytes = 0
    while (bytes < bytesMax) {
      const waiting = this.#queue.shift()
      if (waiting === undefined) break
      if (waiting.frame === undefined) continue
      // The oldest of all is the oldest of its priority.
      this.#byPriority.get(waiting.priority)?.shift()
      frames.push(waiting.frame)
      bytes += waiting.frame.length
      this.#count--
    }
    this.#bytes -= bytes
    return frames
  }

  /** Drops everything. Returns how many messages that were. */
  clear(): number {
    const count = this.#count
    this.#queue = new Fifo()
    this.#byPriority.clear()
    this.#bytes = 0
    this.#count = 0
    return count
  }

  /** The oldest message of the lowest priority that is not above `priorityMax`. */
  #lowest(priorityMax: number): Waiting | undefined {
    let lowest: Waiting | undefined
    for (const waiting of this.#byPriority.values()) {
      const oldest = waiting.peek()
      if (oldest === undefined || oldest.priority > priorityMax) continue
      if (lowest === undefined || oldest.priority < lowest.priority) lowest = oldest
    }
    return lowest
  }

  #drop(victim: Waiting): void {
    this.#byPriority.get(victim.priority)?.shift()
    this.#bytes -= (victim.frame as Uint8Array).length
    this.#count--
    victim.frame = undefined
    // Dropped messages stay in the queue as holes: swept when they are the greater part of it.
    if (this.#queue.length > 2 * this.#count + 64) this.#queue = this.#queue.filter(({ frame }) => frame !== undefined)
  }
}

/** A queue over an array: a moving head, swept when half of it is empty. */
class Fifo<Item> {
  #items: (Item | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  peek(): Item | undefined {
    return this.#items[this.#head]
  }

  shift(): Item | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  filter(isKept: (item: Item) => boolean): Fifo<Item> {
    const kept = new Fifo<Item>()
    for (let i = this.#head; i < this.#items.length; i++) {
      const item = this.#items[i] as Item
      if (isKept(item)) kept.push(item)
    }
    return kept
  }
}
