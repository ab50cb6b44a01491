import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CHUNK_BYTES, type SourceProgress } from '@servent/transfer'
import type { Hit, LinkTarget, SearchOptions, Wanted, WantedSource } from '../types.ts'

interface SourceFinderParts {
  /** PeerId of the source to try first. */
  readonly first: string | undefined
  /** Fires when no more sources are wanted. */
  readonly signal: AbortSignal
  /** Told what is being tried, in words. */
  onStep(step: string): void
  find(target: LinkTarget, options: SearchOptions): AsyncGenerator<Hit>
}

/** Who has a file: first those that are told, then those that are found while it is fetched. */
export class SourceFinder {
  readonly #hit: Wanted
  readonly #parts: SourceFinderParts
  readonly #known = new Map<string, WantedSource>()
  #haveAllLeft = false
  /** Ends the wait until all have left. */
  #wake: () => void = () => undefined

  constructor(hit: Wanted, parts: SourceFinderParts) {
    this.#hit = hit
    this.#parts = parts
  }

  /** What is known of a source. */
  get(peer: PeerId): WantedSource | undefined {
    return this.#known.get(peer.toString())
  }

  /** The sources as they become known, some of them again: they may be back. Ends when searches bring no more. */
  async *sources(): AsyncGenerator<PeerId> {
    for (const source of inOrder(this.#hit.sources, this.#parts.first)) yield this.#add(source)
    // A file of one chunk comes from one peer: others are looked for only if none of these has it.
    if (this.#hit.size > CHUNK_BYTES) yield* this.#found()
    await this.#untilAllLeft()
    if (this.#parts.signal.aborted) return
    this.#parts.onStep('Looking for others who have it…')
    yield* this.#found()
  }

  /** Told how the sources are doing: others are looked for when all that are known have left. */
  look(sources: readonly SourceProgress[]): void {
    const isOver = ({ state }: SourceProgress): boolean => state === 'left' || state === 'banned'
    this.#haveAllLeft = sources.length >= this.#known.size && sources.every(isOver)
    if (this.#haveAllLeft) this.#wake()
  }

  async *#found(): AsyncGenerator<PeerId> {
    const { find, signal } = this.#parts
    if (signal.aborted) return
    try {
      for await (const { sources } of find(this.#hit, { signal })) {
        for (const source of sources) yield this.#add(source)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  #untilAllLeft(): Promise<void> {
    const { signal } = this.#parts
    if (this.#haveAllLeft || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #add(source: WantedSource): PeerId {
    this.#known.set(source.peer.id, source)
    return peerIdFromString(source.peer.id)
  }
}

/** The wanted source first, then by how near they were found. */
function inOrder(sources: readonly WantedSource[], wanted: string | undefined): WantedSource[] {
  const distance = ({ peer, findings }: WantedSource): number =>
    peer.id === wanted ? 0 : Math.min(...findings.map(({ hops }) => hops))
  return sources.toSorted((a, b) => distance(a) - distance(b))
}
