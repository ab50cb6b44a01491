import type { Random } from '@servent/machine'
import { constantLatency, type Latency, type LatencyModel } from './latency.ts'
import { randomFor } from './rng.ts'

/** What the network between the nodes is like. */
export interface NetworkOptions {
  /** How long messages take; 50 ms each if not given. */
  readonly latency?: LatencyModel
  /** Which part of the messages is lost, 0 to 1; 0 if not given. */
  readonly loss?: number
  /** What each node can send, in bytes a second; without limit if not given. */
  readonly uplinkBytesPerSecond?: number
  /** How long a message waits for the uplink at most, in milliseconds, before it is dropped; 10,000 if not given. */
  readonly uplinkQueueMsMax?: number
}

/** Why a message was not delivered. */
export const DROP_REASONS = [
  /** Lost on the way. */
  'loss',
  /** The sender's uplink had more waiting than it may. */
  'congestion',
  /** A partition lies between the two. */
  'partition',
  /** The connection it was sent on is over. */
  'closed',
  /** There is no such node, or it is not running. */
  'unreachable',
] as const

export type DropReason = (typeof DROP_REASONS)[number]

/** Decides when a message arrives, or that it does not. */
export class Network {
  readonly #latency: Latency
  readonly #loss: number
  readonly #random: Random
  /** When each node's uplink is free again; only if there is a limit. */
  readonly #uplinkFreeAt: Float64Array | undefined
  readonly #bytesPerMs: number
  readonly #queueMsMax: number
  /** Which part each node is in; only while the network is parted. */
  #partOf: Int32Array | undefined

  constructor(nodes: number, seed: number, options: NetworkOptions) {
    this.#latency = (options.latency ?? constantLatency(50))(nodes, seed)
    this.#loss = options.loss ?? 0
    this.#random = randomFor(seed, 'loss')
    this.#bytesPerMs = (options.uplinkBytesPerSecond ?? Number.POSITIVE_INFINITY) / 1000
    this.#queueMsMax = options.uplinkQueueMsMax ?? 10_000
    this.#uplinkFreeAt = options.uplinkBytesPerSecond === undefined ? undefined : new Float64Array(nodes)
  }

  /** Whether it matters how long messages are. */
  get chargesBytes(): boolean {
    return this.#uplinkFreeAt !== undefined
  }

  get bytes(): number {
    return (this.#uplinkFreeAt?.byteLength ?? 0) + (this.#partOf?.byteLength ?? 0)
  }

  /** Whole milliseconds that something small takes, as an opening does. */
  delayMs(from: number, to: number): number {
    return Math.round(this.#latency.delayMs(from, to))
  }

  /** Why a message is dropped before it leaves, or undefined. Draws from the stream of losses, once a message. */
  dropReason(from: number, to: number, now: number): DropReason | undefined {
    if (this.isParted(from, to)) return 'partition'
    if (this.#loss > 0 && this.#random() < this.#loss) return 'loss'
    const freeAt = this.#uplinkFreeAt
    if (freeAt !== undefined && (freeAt[from] as number) - now > this.#queueMsMax) return 'congestion'
    return undefined
  }

  /** When a message sent now arrives, its length charged to the sender's uplink. */
  arrivalTime(from: number, to: number, now: number, byteCount: number): number {
    const freeAt = this.#uplinkFreeAt
    if (freeAt === undefined) return now + Math.round(this.#latency.delayMs(from, to))
    const sent = Math.max(now, freeAt[from] as number) + byteCount / this.#bytesPerMs
    freeAt[from] = sent
    return Math.round(sent + this.#latency.delayMs(from, to))
  }

  isParted(a: number, b: number): boolean {
    return this.#partOf !== undefined && this.#partOf[a] !== this.#partOf[b]
  }

  /** Parts the network, or makes it whole again when given undefined. */
  part(partOf: Int32Array | undefined): void {
    this.#partOf = partOf
  }
}
