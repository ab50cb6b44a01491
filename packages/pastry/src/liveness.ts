import type { Host, Peer } from '@servent/machine'
import type { PastryConfig } from './config.ts'
import type { Message } from './messages.ts'
import { TIMER_PROBE } from './timers.ts'

/** A question that a peer has to answer to be there. */
interface Probe {
  readonly nonce: number
  readonly sentAt: number
  readonly attempt: number
  /** Whether a link was open: only then is the time to the answer a round trip, and no dial. */
  readonly wasLinked: boolean
  readonly why: Why
}

/** Why a peer is asked. */
export type Why =
  /** It missed a deadline, or its leaf set is wanted: if there is no answer, those next to us hear of it. */
  | 'overdue'
  /** Somebody said that it is gone. */
  | 'said-gone'
  /** Those next to us say that it is next to us too. */
  | 'said-near'
  /** We may learn something by it. */
  | 'stranger'

/** A peer that did not answer. */
export interface Departed {
  readonly peer: Peer
  /** Whether those next to us are to hear of it. */
  readonly isFirstHand: boolean
}

type LivenessHost = Pick<Host<Message, never>, 'now' | 'send' | 'setTimer' | 'self'>

/**
 * Who is there, and how far away.
 *
 * 1. Whoever misses a deadline is *suspected*: not routed to, but not forgotten before a probe has found no answer either.
 * 2. Whoever was probed in vain is *gone*: for a while nobody's word brings it back, only its own.
 * 3. Whatever a peer sends shows that it is there.
 */
export class Liveness {
  readonly #host: LivenessHost
  readonly #config: Readonly<PastryConfig>
  /** When each last sent something. */
  #linked: Map<Peer, number> | undefined
  /** The number of the next probe. */
  #nonce = 0
  #probes: Map<Peer, Probe> | undefined
  #suspects: Set<Peer> | undefined
  /** Until when nobody's word brings them back. */
  #gone: Map<Peer, number> | undefined
  #distances: Map<Peer, number> | undefined

  constructor(host: LivenessHost, config: Readonly<PastryConfig>) {
    this.#host = host
    this.#config = config
  }

  /** Peers that a link is open to. */
  get linked(): readonly Peer[] {
    return [...(this.#linked?.keys() ?? [])]
  }

  isLinked(peer: Peer): boolean {
    return this.#linked?.has(peer) === true
  }

  /** Peers that a link is open to and that have sent nothing for so many milliseconds. */
  idleFor(ms: number): Peer[] {
    const before = this.#host.now() - ms
    const idle: Peer[] = []
    for (const [peer, heardAt] of this.#linked ?? []) if (heardAt <= before && !this.#probes?.has(peer)) idle.push(peer)
    return idle
  }

  /** How much is remembered. */
  get size(): number {
    const { size = 0 } = this.#probes ?? {}
    return size + (this.#suspects?.size ?? 0) + (this.#gone?.size ?? 0) + (this.#distances?.size ?? 0)
  }

  onLinked(peer: Peer): void {
    this.#linked ??= new Map()
    this.#linked.set(peer, this.#host.now())
  }

  onUnlinked(peer: Peer): void {
    this.#linked?.delete(peer)
  }

  /** Forgets everything. */
  clear(): void {
    this.#linked = undefined
    this.#probes = undefined
    this.#suspects = undefined
    this.#gone = undefined
  }

  /** Whether a message may be routed to a peer. */
  mayUse(peer: Peer): boolean {
    return this.#suspects?.has(peer) !== true
  }

  /** Whether a peer is gone, whatever others say. */
  isGone(peer: Peer): boolean {
    const until = this.#gone?.get(peer)
    if (until === undefined) return false
    if (until > this.#host.now()) return true
    this.#gone?.delete(peer)
    return false
  }

  /** The distance by the proximity metric: what the world knows, or a round-trip time, in milliseconds; else infinite. */
  distanceOf(peer: Peer): number {
    const { proximity } = this.#config
    if (proximity !== undefined) return proximity(this.#host.self, peer)
    return this.#distances?.get(peer) ?? Number.POSITIVE_INFINITY
  }

  /** Milliseconds that a peer has to say that it got something. */
  hopTimeoutMs(peer: Peer): number {
    const { hopTimeoutMs, hopTimeoutMinMs } = this.#config
    const distance = this.#distances?.get(peer)
    if (distance === undefined || !this.isLinked(peer)) return hopTimeoutMs
    // Twice the time that it took last, and a reserve: TCP's rule with a variance of a quarter.
    return Math.min(hopTimeoutMs, Math.max(hopTimeoutMinMs, 2 * distance))
  }

  /** Notes a round-trip time: the mean of the last ones, the latest weighing a quarter. */
  measured(peer: Peer, rttMs: number): void {
    this.#distances ??= new Map()
    const before = this.#distances.get(peer)
    this.#distances.delete(peer)
    this.#distances.set(peer, before === undefined ? rttMs : 0.75 * before + 0.25 * rttMs)
    if (this.#distances.size <= this.#config.distancesMax) return
    const [oldest] = this.#distances.keys()
    if (oldest !== undefined) this.#distances.delete(oldest)
  }

  /**
   * A peer sent something. Whatever it was, the peer is there.
   *
   * @param isReply - whether it is what a probe waits for: then the time it took is a round trip
   * @returns why it was waited for, if it was
   */
  heard(peer: Peer, isReply: boolean): Why | undefined {
    this.#suspects?.delete(peer)
    this.#gone?.delete(peer)
    if (this.#linked?.has(peer)) this.#linked.set(peer, this.#host.now())
    const probe = this.#probes?.get(peer)
    if (probe === undefined) return undefined
    this.#probes?.delete(peer)
    if (isReply && probe.wasLinked) this.measured(peer, this.#host.now() - probe.sentAt)
    return probe.why
  }

  /** A peer missed a deadline. */
  suspect(peer: Peer): void {
    this.#suspects ??= new Set()
    this.#suspects.add(peer)
    if (!this.probe(peer, 'overdue')) this.#suspects.delete(peer)
  }

  /** Asks a peer whether it is there; false if too many are being asked. */
  probe(peer: Peer, why: Why): boolean {
    const isAsked = this.expect(peer, why)
    if (isAsked === 'asked') this.#host.send(peer, { type: 'Ping', nonce: this.#nonce })
    return isAsked !== 'full'
  }

  /**
   * Waits for a peer to answer what is sent to it now. If it does not, it is asked once more, and then is gone.
   *
   * @returns whether it was not waited for already, and whether there was room
   */
  expect(peer: Peer, why: Why): 'asked' | 'already' | 'full' {
    this.#probes ??= new Map()
    if (this.#probes.has(peer)) return 'already'
    if (this.#probes.size >= this.#config.probesMax) return 'full'
    this.#set(peer, 1, why)
    return 'asked'
  }

  /** A probe's time is over. Tells who is gone, if that is what it means. */
  onTimer(nonce: number): Departed | undefined {
    for (const [peer, probe] of this.#probes ?? []) {
      if (probe.nonce !== nonce) continue
      if (probe.attempt < this.#config.probeAttemptsMax) {
        this.#set(peer, probe.attempt + 1, probe.why)
        this.#suspects ??= new Set()
        this.#suspects.add(peer)
        this.#host.send(peer, { type: 'Ping', nonce: this.#nonce })
        return undefined
      }
      this.leave(peer)
      return { peer, isFirstHand: probe.why === 'overdue' }
    }
    return undefined
  }

  /** A peer is gone: found out, or said by itself. */
  leave(peer: Peer): void {
    this.#probes?.delete(peer)
    this.#suspects?.delete(peer)
    this.#distances?.delete(peer)
    this.#gone ??= new Map()
    this.#gone.delete(peer)
    this.#gone.set(peer, this.#host.now() + this.#config.goneMs)
    if (this.#gone.size <= this.#config.goneMax) return
    const [oldest] = this.#gone.keys()
    if (oldest !== undefined) this.#gone.delete(oldest)
  }

  #set(peer: Peer, attempt: number, why: Why): void {
    this.#nonce = (this.#nonce + 1) >>> 0
    const wasLinked = this.isLinked(peer)
    this.#probes?.set(peer, { nonce: this.#nonce, sentAt: this.#host.now(), attempt, wasLinked, why })
    this.#host.setTimer(TIMER_PROBE, this.#config.probeTimeoutMs, this.#nonce)
  }
}
