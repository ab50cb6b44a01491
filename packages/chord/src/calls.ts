import type { Host, Peer } from '@servent/machine'
import type { RequestId } from '@servent/records'
import type { ChordConfig } from './config.ts'
import type { ChordEvent } from './events.ts'
import type { CallId, FindSuccessor, Message } from './messages.ts'

/** A question to one peer, and what is to be done with the answer. */
export type Call =
  /** Stabilize with the successor, or look at a node that may be a better one. */
  | { readonly kind: 'stabilize'; readonly peer: Peer; readonly isCandidate: boolean; readonly probes: number }
  /** Is the predecessor alive? If not, `instead` is the new one. */
  | { readonly kind: 'ping'; readonly peer: Peer; readonly instead: Peer; readonly probes: number }
  /** A request that was sent on, and the peers that it is not to be sent to again. */
  | {
      readonly kind: 'forward'
      readonly peer: Peer
      readonly request: FindSuccessor
      readonly tried: readonly Peer[]
      /** Whether it went to a node that keeps copies, for we have none. */
      readonly isPassedOn: boolean
    }
  | { readonly kind: 'next-hop'; readonly peer: Peer; readonly id: RequestId }
  /** A record that a peer shall keep. */
  | { readonly kind: 'store'; readonly peer: Peer; readonly id: RequestId }

interface Pending {
  readonly call: Call
  readonly sentAt: number
}

/** The timer of a call; its argument is the call's id. */
export const TIMER_CALL = 1

/**
 * Questions under way, each with a timer. How long an answer is waited for follows from how long others took: their mean
 * and four times their deviation (Rhea et al. 2004, §4.2).
 */
export class Calls {
  readonly #host: Host<Message, ChordEvent>
  readonly #config: Readonly<ChordConfig>
  #pending: Map<CallId, Pending> | undefined
  #last = 0
  /** Milliseconds; 0 before the first answer. */
  #mean = 0
  #deviation = 0

  constructor(host: Host<Message, ChordEvent>, config: Readonly<ChordConfig>) {
    this.#host = host
    this.#config = config
  }

  get size(): number {
    return this.#pending?.size ?? 0
  }

  get isFull(): boolean {
    return this.size >= this.#config.callsMax
  }

  /** Milliseconds that an answer is waited for. */
  get timeoutMs(): number {
    const { timeoutMsMin, timeoutMsMax } = this.#config
    if (this.#mean === 0) return timeoutMsMax
    return Math.min(Math.max(this.#mean + 4 * this.#deviation, timeoutMsMin), timeoutMsMax)
  }

  /**
   * Takes note of a question that is about to be sent.
   *
   * @param patience - how many times as long as usual its answer is waited for
   */
  start(call: Call, patience = 1): CallId {
    this.#last = (this.#last % 0xffff_ffff) + 1
    this.#pending ??= new Map()
    this.#pending.set(this.#last, { call, sentAt: this.#host.now() })
    this.#host.setTimer(TIMER_CALL, patience * this.timeoutMs, this.#last)
    return this.#last
  }

  /** The question that a peer answers; undefined if it was not asked. */
  answered(id: CallId, from: Peer): Call | undefined {
    const pending = this.#pending?.get(id)
    if (pending === undefined || pending.call.peer !== from) return undefined
    this.#pending?.delete(id)
    this.#learn(this.#host.now() - pending.sentAt)
    return pending.call
  }

  /** A request that was sent on to a peer has been answered by that peer: it need not say that it has it. */
  forwardAnswered(request: RequestId, from: Peer): void {
    for (const [id, { call }] of this.#pending ?? []) {
      if (call.kind === 'forward' && call.peer === from && call.request.id === request) {
        this.answered(id, from)
        return
      }
    }
  }

  /** The question whose time is over; undefined if it was answered. */
  expired(id: CallId): Call | undefined {
    const pending = this.#pending?.get(id)
    this.#pending?.delete(id)
    return pending?.call
  }

  /** Whether a question of a kind is under way to a peer. */
  has(kind: Call['kind'], peer: Peer): boolean {
    for (const { call } of this.#pending?.values() ?? []) if (call.kind === kind && call.peer === peer) return true
    return false
  }

  clear(): void {
    this.#pending = undefined
  }

  /** As RFC 6298 §2, with its weights of an eighth and a quarter. */
  #learn(tookMs: number): void {
    if (this.#mean === 0) {
      this.#mean = Math.max(tookMs, 1)
      this.#deviation = tookMs / 2
      return
    }
    this.#deviation += (Math.abs(tookMs - this.#mean) - this.#deviation) / 4
    this.#mean += (tookMs - this.#mean) / 8
  }
}
