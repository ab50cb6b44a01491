import type { Joins } from './options.ts'

/** How a number of lookups went. */
export interface LookupFindings {
  readonly lookups: number
  /** Which part was answered with the node that was responsible at that moment. */
  readonly success: number
  /** Which part was answered with another node. */
  readonly wrong: number
  readonly meanHops: number
  readonly meanTimeouts: number
  /** Milliseconds of virtual time until half and 95 of 100 of the lookups were answered. */
  readonly latencyMs: { readonly p50: number; readonly p95: number }
}

/** What became of the values that were put before. */
export interface ValueFindings {
  readonly keys: number
  /** Nodes that said they keep a value, on average. */
  readonly replicas: number
  /** Which part was found while lookups went on. */
  readonly found: number
  /** Which part was found half a minute after nodes crashed; undefined if none did. */
  readonly foundLater: number | undefined
}

/** What an experiment with a structured overlay measured. The same for the same options, in Node and in a page. */
export interface LookupResult extends LookupFindings {
  readonly overlay: string
  readonly nodes: number
  readonly seed: number
  readonly latency: string
  readonly loss: number
  readonly fail: number
  readonly churn: number
  readonly joins: Joins
  /** Right answers by the number of nodes asked, the responsible one included. */
  readonly hopHistogram: readonly number[]
  /** Lookups right after nodes crashed and half a minute later; undefined if none did. */
  readonly atOnce: LookupFindings | undefined
  readonly later: LookupFindings | undefined
  readonly values: ValueFindings | undefined
  /** Messages that a running node sends in a second to keep up its tables, measured for a minute before the lookups. */
  readonly maintenanceMessagesPerNodePerSecond: number
  /** Messages of the lookups alone, by lookup; undefined unless nobody kept up tables meanwhile. */
  readonly messagesPerLookup: number | undefined
  /** Messages sent until the last node had joined, by node; undefined if nodes began with their tables. */
  readonly messagesPerJoin: number | undefined
  readonly drops: Readonly<Record<string, number>>
  readonly events: number
  readonly virtualSeconds: number
  readonly fingerprint: string
}

/** Takes down how lookups went. */
export class LookupTally {
  #count = 0
  #rightCount = 0
  #wrongCount = 0
  #hopSum = 0
  #timeoutSum = 0
  readonly #hops: number[] = []
  readonly #latencies: number[] = []

  asked(): void {
    this.#count++
  }

  /** Whoever asked has gone. */
  withdrawn(): void {
    this.#count--
  }

  /** @param hops - nodes asked, the responsible one included */
  answered(isRight: boolean, hops: number, timeouts: number, latencyMs: number): void {
    this.#latencies.push(latencyMs)
    this.#hopSum += hops
    this.#timeoutSum += timeouts
    if (!isRight) {
      this.#wrongCount++
      return
    }
    this.#rightCount++
    while (this.#hops.length <= hops) this.#hops.push(0)
    this.#hops[hops] = (this.#hops[hops] as number) + 1
  }

  get hopHistogram(): readonly number[] {
    return this.#hops
  }

  findings(): LookupFindings {
    const answered = Math.max(1, this.#latencies.length)
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    const at = (part: number): number => sorted[Math.floor(part * sorted.length)] ?? 0
    return {
      lookups: this.#count,
      success: this.#rightCount / Math.max(1, this.#count),
      wrong: this.#wrongCount / Math.max(1, this.#count),
      meanHops: this.#hopSum / answered,
      meanTimeouts: this.#timeoutSum / answered,
      latencyMs: { p50: at(0.5), p95: at(0.95) },
    }
  }
}
