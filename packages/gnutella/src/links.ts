import type { Host, Peer } from '@servent/machine'
import { checkConfig, type GnutellaConfig } from './config.ts'
import type { DropReason, Drops } from './drops.ts'
import type { GnutellaEvent, NeighborDownReason } from './events.ts'
import type { Guid } from './guid.ts'
import type { Message } from './messages.ts'
import { CLOSING, Neighbor, type NeighborState, UP } from './neighbor.ts'

export const NO_LINKS: readonly Neighbor[] = []

/**
 * The connections of a servent, each in a state of its handshake: what all that flows over them rests on.
 *
 * 1. A connection is in `links` from the moment it is asked for until the host says that it is gone; at most one a peer.
 * 2. `links` is never changed in place, so a loop over it outlives what it causes.
 */
export abstract class Links {
  // What each duplicate of a flood reads comes first, and fits into one line of cache.
  /** The query that came last and was new, and whom it came from. */
  protected lastQueryId: Guid | undefined = undefined
  protected lastQueryFrom: Peer | undefined = undefined
  protected links: readonly Neighbor[] = NO_LINKS
  /** Whether every connection is up: then whoever sends something is a neighbor, for a host hands on nobody else's. */
  protected isSettled = true
  /** By far the most frequent drop, so it has a field; the map is for the others. */
  #duplicateCount = 0
  protected readonly host: Host<Message, GnutellaEvent>
  protected readonly config: Readonly<GnutellaConfig>
  #drops: Map<DropReason, number> | undefined = undefined

  constructor(host: Host<Message, GnutellaEvent>, config: Readonly<GnutellaConfig>) {
    checkConfig(config)
    this.host = host
    this.config = config
  }

  /** Peers that have shaken hands. */
  get neighbors(): readonly Peer[] {
    return this.links.filter(({ state }) => state === UP).map(({ peer }) => peer)
  }

  /** How often something was dropped, by reason. */
  get drops(): Drops {
    const drops: Partial<Record<DropReason, number>> = {}
    if (this.#duplicateCount > 0) drops.duplicate = this.#duplicateCount
    for (const [reason, count] of this.#drops ?? []) drops[reason] = count
    return drops
  }

  /**
   * Takes a peer as a neighbor as if it had shaken hands, also one whose connection has just come up: for a world that
   * builds its topology in one go. Both ends must. Tells nothing and sends nothing.
   */
  adopt(peer: Peer): void {
    if (peer === this.host.self) return
    const link = this.find(peer) ?? this.newLink(peer, UP, this.now())
    if (link.state === CLOSING) return
    link.wasUp = true
    link.state = UP
    this.setLinks(this.links.includes(link) ? this.links : this.links.concat([link]))
  }

  /** Whole milliseconds, which the engine keeps without a box. */
  protected now(): number {
    return Math.floor(this.host.now())
  }

  protected get upCount(): number {
    let count = 0
    for (const { state } of this.links) if (state === UP) count++
    return count
  }

  protected find(peer: Peer): Neighbor | undefined {
    for (const link of this.links) if (link.peer === peer) return link
    return undefined
  }

  protected newLink(peer: Peer, state: NeighborState, now: number): Neighbor {
    return new Neighbor(peer, state, now)
  }

  /** Moves a connection on. */
  protected setState(link: Neighbor, state: NeighborState): void {
    link.state = state
    link.since = this.now()
    this.setLinks(this.links)
  }

  protected setLinks(links: readonly Neighbor[]): void {
    this.links = links
    this.isSettled = links.every(({ state }) => state === UP)
  }

  /** Hangs up. */
  protected close(link: Neighbor, reason: NeighborDownReason): void {
    if (link.state === CLOSING) return
    this.setState(link, CLOSING)
    link.reason = reason
    this.host.disconnect(link.peer)
  }

  protected tellDown(link: Neighbor): void {
    this.host.emit({ type: 'neighbor-down', peer: link.peer, reason: link.reason ?? 'gone' })
  }

  protected drop(reason: DropReason): void {
    if (reason === 'duplicate') {
      this.#duplicateCount++
      return
    }
    this.#drops ??= new Map()
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1)
  }
}
