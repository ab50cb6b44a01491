/**
 * Gnutella as an ordinary libp2p service: the machine of 0.6, which speaks 0.4 to servents of 0.4, over the streams of a js-libp2p node, with calls
 * that iterate and can be aborted.
 *
 * ```ts
 * const node = await createLibp2p({ …, services: { identify: identify(), gnutella: gnutella({ library }) } })
 * for await (const hit of node.services.gnutella.search('jazz piano')) console.log(hit.name, hit.size, hit.peer)
 * ```
 *
 * @packageDocumentation
 */
import type { AbortOptions } from '@libp2p/interface'
import { type OverlayComponents, type OverlayOptions, OverlayService } from '@servent/libp2p-host'
import type { Peer } from '@servent/machine'
import { dropPriority } from './drop-priority.ts'
import type { GnutellaEvent, QueryHitEvent } from './events.ts'
import type { Message } from './messages.ts'
import type { QueryOptions } from './own-query.ts'
import { gnutella06 as protocol } from './protocol.ts'
import type { HybridConfig } from './v06/config.ts'
import type { HybridServent } from './v06/hybrid-servent.ts'

export { dropPriority } from './drop-priority.ts'

/** What differs from the defaults of the protocol and of the host that runs it. */
export type GnutellaInit = Partial<HybridConfig> &
  Pick<OverlayOptions<Message, GnutellaEvent, HybridServent>, 'commons' | 'limits' | 'runOnLimitedConnection'>

export interface SearchProgress {
  /** Neighbors that the query went to. */
  readonly neighborCount: number
  readonly hitCount: number
}

export interface SearchOptions extends AbortOptions, QueryOptions {
  /** Told of each hit as it comes, before it is yielded, and once at the start. */
  onProgress?: (progress: SearchProgress) => void
  /** How long to wait for hits, in milliseconds. Default 5 000: a flood of seven hops and its answers take under a second. */
  waitMs?: number
}

/** Ours: hits that wait for a slow consumer. The servent takes no more for one query either. */
const HITS_WAITING_MAX = 1000

/** A factory for libp2p's `services`. Connected peers that speak Gnutella are put into the host cache. */
export function gnutella(init: GnutellaInit = {}): (components: OverlayComponents) => GnutellaService {
  return (components) => new GnutellaService(components, init)
}

/** A servent within a libp2p node. Its events are those of {@link GnutellaEvent}, named by their `type`. */
export class GnutellaService extends OverlayService<Message, GnutellaEvent, HybridConfig, HybridServent> {
  readonly #searches = new Set<HitQueue>()

  constructor(components: OverlayComponents, init: GnutellaInit) {
    const { commons, limits, runOnLimitedConnection, ...config } = init
    super(components, protocol, config, {
      ...(commons === undefined ? {} : { commons }),
      ...(limits === undefined ? {} : { limits }),
      ...(runOnLimitedConnection === undefined ? {} : { runOnLimitedConnection }),
      dropPriority,
      onPeerFound: (peer, machine) => machine.addHost(peer),
    })
  }

  /** Peers that have shaken hands. */
  override get neighbors(): readonly Peer[] {
    return this.machine.neighbors
  }

  /** Makes a peer a neighbor. `neighbor-up` tells when it is one. */
  connect(peer: Peer): void {
    this.machine.connect(peer)
  }

  /**
   * Asks a servent that answered a search to connect to us and offer a file; there it is a `push-requested` event. False if
   * no way to it is known any more.
   */
  push({ serventId, index }: Pick<QueryHitEvent, 'serventId' | 'index'>): boolean {
    return this.machine.push(serventId, index)
  }

  /**
   * Sends a query out and yields hits as they come, until `waitMs` has passed, the node stops or the loop is left. The query
   * is sent when the iteration begins. No words ask the neighbors for all they share.
   *
   * @throws the signal's reason when it fires
   */
  async *search(words: string, options: SearchOptions = {}): AsyncGenerator<QueryHitEvent> {
    const { signal, onProgress, waitMs = 5000, ...queryOptions } = options
    signal?.throwIfAborted()
    const { machine } = this
    const guid = machine.query(words, queryOptions)
    const hits = new HitQueue()
    let hitCount = 0
    const onHit = ({ detail }: CustomEvent<QueryHitEvent>): void => {
      if (detail.guid !== guid || !hits.push(detail)) return
      hitCount++
      onProgress?.({ neighborCount: machine.neighbors.length, hitCount })
    }
    const end = (): void => hits.end()
    const timer = setTimeout(end, waitMs)
    this.addEventListener('query-hit', onHit)
    signal?.addEventListener('abort', end)
    this.#searches.add(hits)
    try {
      onProgress?.({ neighborCount: machine.neighbors.length, hitCount })
      for (let hit = await hits.next(); hit !== undefined; hit = await hits.next()) {
        signal?.throwIfAborted()
        yield hit
      }
      signal?.throwIfAborted()
    } finally {
      clearTimeout(timer)
      this.removeEventListener('query-hit', onHit)
      signal?.removeEventListener('abort', end)
      this.#searches.delete(hits)
      machine.forget(guid)
    }
  }

  /** Ends the searches that are under way. */
  override async beforeStop(): Promise<void> {
    for (const hits of this.#searches) hits.end()
    await super.beforeStop()
  }
}

/** Hits between the servent, which tells them, and a loop, which takes them. */
class HitQueue {
  readonly #hits: QueryHitEvent[] = []
  #isEnded = false
  #wake: (() => void) | undefined

  /** False if the hit is dropped: there are too many. */
  push(hit: QueryHitEvent): boolean {
    if (this.#isEnded || this.#hits.length >= HITS_WAITING_MAX) return false
    this.#hits.push(hit)
    this.#wake?.()
    return true
  }

  end(): void {
    this.#isEnded = true
    this.#wake?.()
  }

  /** The next hit; undefined when there will be none. */
  async next(): Promise<QueryHitEvent | undefined> {
    if (this.#hits.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#hits.shift()
  }
}
