import type { Commons } from '@servent/libp2p-host'
import type { Peer } from '@servent/machine'
import { isDirect } from './introducer.ts'
import type { ServentNode } from './node.ts'

/** Ours: direct connections to others than bootstrap nodes. A random graph of this degree stays in one piece. */
const ACQUAINTANCES_TARGET = 3

/** Ours: how often to look, in milliseconds. One dial at a time, so it is also how fast acquaintances are made. */
const LOOK_MS = 2000

/** What is asked of the servent. */
export interface AcquaintanceSources {
  readonly node: ServentNode
  readonly commons: Commons
  /** How many to keep; undefined: {@link ACQUAINTANCES_TARGET}. */
  readonly target: number | undefined
  /** Peers that overlays have heard of. */
  hosts(): readonly Peer[]
  isBootstrap(peerId: string): boolean
}

/**
 * Keeps a few direct connections to other peers, whatever the overlays need. A leaf of Gnutella hangs on ultrapeers alone, and
 * where the one ultrapeer is the bootstrap node nobody would be left to introduce the leaves to each other when it dies.
 */
export class Acquaintances {
  readonly #sources: AcquaintanceSources
  readonly #held = new Set<Peer>()
  #timer: ReturnType<typeof setInterval> | undefined
  #isDialing = false

  constructor(sources: AcquaintanceSources) {
    this.#sources = sources
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const peer of this.#held) this.#sources.commons.budget.release(peer)
    this.#held.clear()
  }

  /** Never rejects: who cannot be reached is left alone for a while by the budget, and another is tried next time. */
  async #look(): Promise<void> {
    const { node, commons, hosts, isBootstrap, target = ACQUAINTANCES_TARGET } = this.#sources
    const direct = new Set<unknown>()
    for (const connection of node.getConnections()) {
      if (connection.status === 'open' && isDirect(connection)) direct.add(connection.remotePeer.toString())
    }
    for (const peer of this.#held) {
      if (direct.has(peer)) continue
      commons.budget.release(peer)
      this.#held.delete(peer)
    }
    const count = [...direct].filter((peer) => !isBootstrap(String(peer))).length
    if (this.#isDialing || count >= target) return
    const candidates = hosts().filter((peer) => !direct.has(peer) && !isBootstrap(String(peer)))
    const peer = candidates[Math.floor(Math.random() * candidates.length)]
    if (peer === undefined) return
    this.#isDialing = true
    try {
      await commons.budget.connect(peer, false)
      if (this.#timer === undefined || this.#held.has(peer)) return
      this.#held.add(peer)
      commons.budget.hold(peer)
    } catch (error) {
      node.logger.forComponent('servent:acquaintances')('%s not reached: %s', peer, error)
    } finally {
      this.#isDialing = false
    }
  }
}
