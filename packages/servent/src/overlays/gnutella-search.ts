import {
  type Servent as GnutellaServent,
  type Guid,
  HybridServent,
  type QueryHitEvent,
  type QueryOptions,
} from '@servent/gnutella'
import { toPeer } from '@servent/machine'
import type { AnswerListener, Asked, Question, SearchOverlay } from './search-overlay.ts'

/** The verbs of a Gnutella servent that a search needs. */
type QueryVerbs = Pick<GnutellaServent, 'query' | 'forget' | 'queryTraffic'>

/** Asks one peer for all it shares. A servent of 0.4 can ask only all of its neighbors. */
function browse(servent: QueryVerbs, of: string): Guid | undefined {
  return servent instanceof HybridServent ? servent.browse(toPeer(of)) : undefined
}

/** Gnutella as a search sees it: a query that floods, and hits that come back the way it went. */
export class GnutellaSearch implements SearchOverlay {
  readonly name = 'gnutella' as const
  readonly #servent: () => QueryVerbs
  readonly #listeners = new Map<Guid, AnswerListener>()

  /** @param servent - the one that runs now: there is a new one after each start */
  constructor(servent: () => QueryVerbs) {
    this.#servent = servent
  }

  ask({ words, of, cid, ttl }: Question, listener: AnswerListener): Asked {
    const servent = this.#servent()
    const options: QueryOptions = { ...(cid === undefined ? {} : { cid }), ...(ttl === undefined ? {} : { ttl }) }
    const guid = of === undefined ? servent.query(words, options) : browse(servent, of)
    if (guid === undefined) {
      queueMicrotask(() => listener.onDone('This peer cannot be asked for all it shares.'))
      return { sentCount: 0, receivedCount: 0, forget: () => undefined }
    }
    this.#listeners.set(guid, listener)
    return {
      get sentCount() {
        return servent.queryTraffic(guid)?.sentCount ?? 0
      },
      get receivedCount() {
        return servent.queryTraffic(guid)?.receivedCount ?? 0
      },
      forget: () => {
        this.#listeners.delete(guid)
        servent.forget(guid)
      },
    }
  }

  /** To be called with each hit that the servent tells of. */
  onQueryHit({ guid, name, size, cid, sha1, peer, hops, serventId, index }: QueryHitEvent): void {
    this.#listeners.get(guid)?.onAnswer({
      name,
      size,
      cid,
      sha1,
      peer: typeof peer === 'string' ? peer : undefined,
      hops,
      push: { overlay: this.name, serventId, fileIndex: index },
    })
  }
}
