import type { DropReason } from './network.ts'

/**
 * Watches a simulation without touching it. Each method is optional and costs nothing when it is not there. None of them
 * may call a machine: what has to happen is scheduled with `Simulator.schedule`.
 */
export interface Observer<Message> {
  /** A node sent a message. `byteCount` is what the codec says of it. */
  onSend?(node: number, to: number, message: Message, byteCount: number): void
  /** A message arrived; the receiver is called after this returns. */
  onDeliver?(node: number, from: number, message: Message): void
  /** A message was dropped. */
  onDrop?(reason: DropReason, message: Message): void
}

interface Count {
  messages: number
  bytes: number
}

/** Counts messages and bytes by type. */
export class TrafficCounter<Message extends { readonly type: string }> implements Observer<Message> {
  readonly #byType = new Map<string, Count>()
  /** A flood sends one type a million times in a row. */
  #lastType: string | undefined
  #lastCount: Count = { messages: 0, bytes: 0 }

  onSend(_node: number, _to: number, message: Message, byteCount: number): void {
    if (message.type !== this.#lastType) this.#turnTo(message.type)
    this.#lastCount.messages++
    this.#lastCount.bytes += byteCount
  }

  /** Messages and bytes sent of one type, or of all. */
  of(type?: string): Readonly<Count> {
    if (type !== undefined) return this.#byType.get(type) ?? { messages: 0, bytes: 0 }
    const sum = { messages: 0, bytes: 0 }
    for (const { messages, bytes } of this.#byType.values()) {
      sum.messages += messages
      sum.bytes += bytes
    }
    return sum
  }

  /** The types seen so far. */
  types(): string[] {
    return [...this.#byType.keys()]
  }

  #turnTo(type: string): void {
    const count = this.#byType.get(type) ?? { messages: 0, bytes: 0 }
    this.#byType.set(type, count)
    this.#lastType = type
    this.#lastCount = count
  }
}

/** Counts of small whole numbers: hops, mostly. */
export class Histogram {
  readonly #counts: number[] = []

  add(value: number, times = 1): void {
    while (this.#counts.length <= value) this.#counts.push(0)
    this.#counts[value] = (this.#counts[value] as number) + times
  }

  get total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** 0 if there is nothing to take the mean of. */
  get mean(): number {
    const total = this.total
    return total === 0 ? 0 : this.#counts.reduce((sum, count, value) => sum + count * value, 0) / total
  }

  /** How often each value from 0 on was added. */
  toArray(): number[] {
    return this.#counts.slice()
  }
}
