import { keywords } from '@servent/library'
import { CID } from 'multiformats/cid'
import type { GnutellaSearch } from '../overlays/gnutella-search.ts'
import { LookupSearch } from '../overlays/lookup-search.ts'
import type { Lookups } from '../overlays/lookups.ts'
import type { NapsterSearch } from '../overlays/napster-search.ts'
import type { Question, SearchOverlay } from '../overlays/search-overlay.ts'
import type { Hit, LinkTarget, OverlayName, SearchOptions } from '../types.ts'
import { SearchRun } from './search-run.ts'

/** Ours: how long a search waits for structured overlays that are not loaded yet, in milliseconds. */
const LOOKUPS_WAIT_MS = 5000

/** The searches that run, over whatever overlays are on. */
export class Searches {
  readonly #gnutella: GnutellaSearch | undefined
  readonly #napster: NapsterSearch | undefined
  readonly #lookups: Lookups
  readonly #running = new Set<SearchRun>()
  readonly #stopped = new AbortController()

  constructor(gnutella: GnutellaSearch | undefined, napster: NapsterSearch | undefined, lookups: Lookups) {
    this.#gnutella = gnutella
    this.#napster = napster
    this.#lookups = lookups
  }

  /** The overlays that answer words. */
  get searchable(): (GnutellaSearch | NapsterSearch)[] {
    return [this.#gnutella, this.#napster].filter((overlay) => overlay !== undefined)
  }

  /** Ends them all in order. */
  stop(): void {
    this.#stopped.abort()
    for (const run of this.#running) run.end()
  }

  search(words: string, options: SearchOptions): AsyncGenerator<Hit> {
    const isIndexQuery = keywords(words).length === 0
    const question = { words: isIndexQuery ? '' : words, cid: undefined, size: undefined, ttl: options.ttl }
    return this.#ask(question, options, this.searchable)
  }

  browse(peerId: string, options: SearchOptions): AsyncGenerator<Hit> {
    const question = { words: '', of: peerId, cid: undefined, size: undefined, ttl: undefined }
    return this.#ask(question, options, this.#gnutella === undefined ? [] : [this.#gnutella])
  }

  find(target: LinkTarget, options: SearchOptions): AsyncGenerator<Hit> {
    return this.#find(target, options, this.searchable)
  }

  /** The same by look-up alone: for what has no words that it is found by. */
  providers(target: LinkTarget, options: SearchOptions): AsyncGenerator<Hit> {
    return this.#find(target, options, [])
  }

  async *#find(
    { cid, name: words, size }: LinkTarget,
    options: SearchOptions,
    others: readonly SearchOverlay[]
  ): AsyncGenerator<Hit> {
    const question: Question = { words, cid: CID.parse(cid).bytes, size, ttl: options.ttl }
    // A page whose server is gone may wait long for them, and the others can be asked.
    const { signal, waitMs = LOOKUPS_WAIT_MS } = options
    const enough = AbortSignal.timeout(Math.min(waitMs, LOOKUPS_WAIT_MS))
    await this.#lookups.ready(AbortSignal.any([this.#stopped.signal, enough, ...(signal ? [signal] : [])]))
    const lookups = this.#lookups.overlays.map((overlay) => new LookupSearch(overlay))
    yield* this.#ask(question, options, [...others, ...lookups])
  }

  async *#ask(question: Question, options: SearchOptions, able: readonly SearchOverlay[]): AsyncGenerator<Hit> {
    const run = new SearchRun(overlaysNamed(able, options.overlays), question, options)
    this.#running.add(run)
    try {
      yield* run.run()
    } finally {
      this.#running.delete(run)
    }
  }
}

/** @throws RangeError for one that is not on, or cannot answer: a bug of the application */
function overlaysNamed(
  able: readonly SearchOverlay[],
  names: readonly OverlayName[] | undefined
): readonly SearchOverlay[] {
  if (names === undefined) return able
  return names.map((name) => {
    const overlay = able.find((one) => one.name === name)
    if (overlay === undefined) throw new RangeError(`The overlay ${name} is not on, or finds nothing of this kind.`)
    return overlay
  })
}
