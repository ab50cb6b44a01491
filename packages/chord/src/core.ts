import { type Host, type Peer, SeenCache } from '@servent/machine'
import { Calls } from './calls.ts'
import type { ChordConfig } from './config.ts'
import type { DropReason, Drops } from './drops.ts'
import type { ChordEvent } from './events.ts'
import type { Message } from './messages.ts'
import { RingTable } from './ring-table.ts'

/** Suspected peers, at the most: more than any table has. */
const SUSPECTS_MAX = 512

/** What the parts of a node have in common. */
export class Core {
  readonly host: Host<Message, ChordEvent>
  readonly config: Readonly<ChordConfig>
  readonly ring: RingTable
  readonly calls: Calls
  #drops: Drops | undefined
  #suspects: SeenCache<Peer, boolean> | undefined

  constructor(host: Host<Message, ChordEvent>, config: Readonly<ChordConfig>) {
    this.host = host
    this.config = config
    this.ring = new RingTable(host, config.successorsMax)
    this.calls = new Calls(host, config)
  }

  get drops(): Readonly<Drops> {
    return this.#drops ?? {}
  }

  drop(reason: DropReason): void {
    this.#drops ??= {}
    this.#drops[reason] = (this.#drops[reason] ?? 0) + 1
  }

  /** A peer did not answer: requests go round it for a while. */
  suspect(peer: Peer): void {
    const { suspicionMs } = this.config
    if (suspicionMs === 0) return
    this.#suspects ??= new SeenCache(suspicionMs, SUSPECTS_MAX)
    this.#suspects.set(peer, true, this.host.now())
  }

  /** A peer was heard of from itself. */
  trust(peer: Peer): void {
    if (this.isSuspect(peer)) this.#suspects?.set(peer, false, this.host.now())
  }

  isSuspect(peer: Peer): boolean {
    return this.#suspects?.get(peer, this.host.now()) ?? false
  }

  get suspectCount(): number {
    return this.#suspects?.size ?? 0
  }

  /** Sets a timer for some time around an interval: from half of it to one and a half. None if the interval is 0. */
  setJitteredTimer(timer: number, intervalMs: number): void {
    if (intervalMs > 0) this.host.setTimer(timer, intervalMs * (0.5 + this.host.random()))
  }
}
