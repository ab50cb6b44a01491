import { Bans, download, type PartialServer, type Sink } from '@servent/transfer'
import { CID } from 'multiformats/cid'
import { identityOf } from '../identity.ts'
import type { Reach } from '../reach.ts'
import type {
  DownloadOptions,
  DownloadResult,
  Hit,
  LinkTarget,
  SearchOptions,
  SourceStatus,
  Wanted,
  WantedSource,
} from '../types.ts'
import { SourceDialer } from './source-dialer.ts'
import { SourceFinder } from './source-finder.ts'

/** What is asked of the servent to fetch. */
export interface FetcherParts {
  readonly reach: Reach
  /** Serves to others what is verified of a file, while the rest is fetched. */
  readonly server: PartialServer
  /** Asks a source to dial us; false when there is no way to ask it. */
  push(source: WantedSource): boolean
  find(target: LinkTarget, options: SearchOptions): AsyncGenerator<Hit>
}

/** Fetches files: from all who are known to have one at once, and from whoever else turns out to have it meanwhile. */
export class Fetcher {
  readonly #parts: FetcherParts
  /** Who has sent wrong bytes is asked for nothing more until this peer is stopped. */
  readonly #bans = new Bans()

  constructor(parts: FetcherParts) {
    this.#parts = parts
  }

  /** @throws DownloadError, nothing else; the sink has been suspended then */
  async fetch(hit: Wanted, sink: Sink, signal: AbortSignal, options: DownloadOptions): Promise<DownloadResult> {
    const { reach, push, find, server } = this.#parts
    const { from, onStep = () => undefined } = options
    const ended = new AbortController()
    const finder = new SourceFinder(hit, {
      find,
      onStep,
      first: from,
      signal: AbortSignal.any([signal, ended.signal]),
    })
    const dialer = new SourceDialer({
      reach,
      onStep,
      size: hit.size,
      push: (peer) => {
        const source = finder.get(peer)
        return source !== undefined && push(source)
      },
    })
    let sources: readonly SourceStatus[] = []
    try {
      const { durationMs } = await download(
        dialer,
        { cid: CID.parse(hit.cid), size: hit.size, sources: finder.sources(), sink },
        {
          signal,
          bans: this.#bans,
          server,
          name: hit.name,
          onProgress: (progress) => {
            finder.look(progress.sources)
            sources = progress.sources.map((source) => ({
              ...source,
              peer: identityOf(source.peer.toString()),
              ...dialer.pathTo(source.peer),
            }))
            options.onProgress?.({ ...progress, sources })
          },
        }
      )
      return { cid: hit.cid, size: hit.size, durationMs, sources }
    } finally {
      ended.abort()
    }
  }
}
