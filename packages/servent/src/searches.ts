import type { Guid, QueryHitEvent } from '@servent/gnutella'
import { sha1Text } from '@servent/transfer'
import { CID } from 'multiformats/cid'
import { identityOf } from './identity.ts'
import { PushQueue } from './queue.ts'
import type { Hit, SearchOptions } from './types.ts'

/** Ours: hits that wait for a slow consumer. Gnutella itself takes no more for one query. */
const HITS_MAX = 1000

/** Ours: a flood of seven hops and its answers over WebRTC take under a second; slow neighbors get the rest. */
const SEARCH_WAIT_MS = 5000

/** What is asked of the overlay to search. */
export interface QueryVerbs {
  query(): Guid
  forget(guid: Guid): void
  neighborCount(): number
}

interface Search {
  readonly queue: PushQueue<Hit>
  readonly startedAtMs: number
}

/** Searches under way: takes hits as the overlay tells them and hands them to whoever asked. */
export class Searches {
  readonly #searches = new Map<Guid, Search>()

  /** Ends all searches: their iterations end after the hits that have come. */
  stop(): void {
    for (const { queue } of this.#searches.values()) queue.end()
  }

  /** Takes a hit. False if nobody asked (any more), or it does not say how to get the file. */
  onQueryHit(event: QueryHitEvent): boolean {
    const search = this.#searches.get(event.guid)
    const hit = search && toHit(event, performance.now() - search.startedAtMs)
    if (hit === undefined) return false
    search?.queue.push(hit)
    return true
  }

  /**
   * Yields hits as they come, until the time is over.
   *
   * @throws the signal's reason when it fires
   */
  async *run(verbs: QueryVerbs, isWanted: (hit: Hit) => boolean, options: SearchOptions): AsyncGenerator<Hit> {
    const { signal, onProgress, waitMs = SEARCH_WAIT_MS } = options
    signal?.throwIfAborted()
    const queue = new PushQueue<Hit>(HITS_MAX)
    const guid = verbs.query()
    this.#searches.set(guid, { queue, startedAtMs: performance.now() })
    const end = (): void => queue.end()
    const timer = setTimeout(end, waitMs)
    signal?.addEventListener('abort', end)
    let hitCount = 0
    onProgress?.({ neighborCount: verbs.neighborCount(), hitCount })
    try {
      for await (const hit of queue) {
        signal?.throwIfAborted()
        if (!isWanted(hit)) continue
        hitCount++
        onProgress?.({ neighborCount: verbs.neighborCount(), hitCount })
        yield hit
      }
      signal?.throwIfAborted()
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      this.#searches.delete(guid)
      verbs.forget(guid)
    }
  }
}

/** A hit that can be fetched: one that names its content and its peer. What genuine 0.4 servents send does neither. */
function toHit(event: QueryHitEvent, afterMs: number): Hit | undefined {
  const { cid, peer } = event
  const cidText = cid && readCid(cid)
  if (cidText === undefined || typeof peer !== 'string') return undefined
  return {
    cid: cidText,
    name: event.name,
    size: event.size,
    sha1: event.sha1 && sha1Text(event.sha1),
    peer: identityOf(peer),
    hops: event.hops,
    afterMs,
    serventId: event.serventId,
    fileIndex: event.index,
  }
}

function readCid(bytes: Uint8Array): string | undefined {
  try {
    return CID.decode(bytes).toString()
  } catch {
    // From the network, and the CID library throws a different error for each thing that can be wrong.
    return undefined
  }
}
