import { CID } from 'multiformats/cid'
import { identityOf } from '../identity.ts'
import type { AnswerListener, Asked, Question, SearchOverlay } from '../overlays/search-overlay.ts'
import { PushQueue } from '../queue.ts'
import type { Hit, OverlayProgress, SearchOptions, SearchProgress } from '../types.ts'
import { HitMerger } from './hit-merger.ts'

/** Ours: hits that wait for a slow consumer; each is replaced by the next with the same content. */
const HITS_WAITING_MAX = 1000

/** Ours: a flood of seven hops and its answers over WebRTC take under a second; slow neighbors get the rest. */
const SEARCH_WAIT_MS = 5000

/** One overlay within a search. */
interface Part {
  readonly overlay: SearchOverlay
  asked: Asked | undefined
  state: OverlayProgress['state']
  problem: string | undefined
  foundCount: number
  hopsMin: number
  hopsMax: number
  firstAfterMs: number | undefined
}

/** One search: asks several overlays at once and puts what they say together. */
export class SearchRun {
  readonly #question: Question
  readonly #options: SearchOptions
  readonly #parts: readonly Part[]
  readonly #merger: HitMerger
  readonly #queue = new PushQueue<Hit>(HITS_WAITING_MAX)
  #startedAtMs = 0

  /** @param overlays - whom to ask */
  constructor(overlays: readonly SearchOverlay[], question: Question, options: SearchOptions) {
    this.#question = question
    this.#options = options
    this.#merger = new HitMerger(question.cid && CID.decode(question.cid).toString())
    this.#parts = overlays.map((overlay) => ({
      overlay,
      asked: undefined,
      state: 'asking',
      problem: undefined,
      foundCount: 0,
      hopsMin: 0,
      hopsMax: 0,
      firstAfterMs: undefined,
    }))
  }

  /** Ends it: the iteration ends after the hits that have come. */
  end(): void {
    this.#queue.end()
  }

  /**
   * Yields hits as they come, until the time is over or all overlays are done.
   *
   * @throws the signal's reason when it fires
   */
  async *run(): AsyncGenerator<Hit> {
    const { signal, waitMs = SEARCH_WAIT_MS } = this.#options
    signal?.throwIfAborted()
    this.#startedAtMs = performance.now()
    const end = (): void => this.end()
    const timer = setTimeout(end, waitMs)
    signal?.addEventListener('abort', end)
    try {
      for (const part of this.#parts) part.asked = part.overlay.ask(this.#question, this.#listener(part))
      this.#tell()
      for await (const hit of this.#queue) {
        signal?.throwIfAborted()
        yield hit
      }
      signal?.throwIfAborted()
      for (const part of this.#parts) if (part.state === 'asking') part.state = 'done'
      this.#tell()
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      for (const { asked } of this.#parts) asked?.forget()
    }
  }

  #listener(part: Part): AnswerListener {
    return {
      onAnswer: (answer) => {
        const afterMs = performance.now() - this.#startedAtMs
        const hit = this.#merger.take(answer, part.overlay.name, afterMs)
        if (hit === undefined) return
        part.foundCount++
        part.hopsMin = Math.min(part.hopsMin || answer.hops, answer.hops)
        part.hopsMax = Math.max(part.hopsMax, answer.hops)
        part.firstAfterMs ??= afterMs
        this.#tell()
        this.#queue.push(hit)
      },
      onDone: (problem) => {
        part.state = problem === undefined ? 'done' : 'failed'
        part.problem = problem
        this.#tell()
        if (this.#parts.every(({ state }) => state !== 'asking')) this.end()
      },
    }
  }

  #tell(): void {
    this.#options.onProgress?.(this.#progress())
  }

  #progress(): SearchProgress {
    const { hitCount, sourceCount } = this.#merger
    return { overlays: this.#parts.map((part) => this.#overlayProgress(part)), hitCount, sourceCount }
  }

  #overlayProgress({ overlay, asked, state, problem, ...figures }: Part): OverlayProgress {
    return {
      overlay: overlay.name,
      state,
      problem,
      sentCount: asked?.sentCount ?? 0,
      receivedCount: asked?.receivedCount ?? 0,
      foundAloneCount: this.#merger.foundAloneCount(overlay.name),
      path: asked?.path?.map(identityOf) ?? [],
      ...figures,
    }
  }
}
