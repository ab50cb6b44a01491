import { DownloadError, type DownloadFailure } from '../errors.ts'
import type { Bans } from './bans.ts'
import { failure } from './failures.ts'
import type { Dialer, DownloadConfig, SourcePeer, SourceProgress } from './options.ts'
import { Source, type WantedFile } from './source.ts'
import { Wakeup } from './wakeup.ts'

/** How long a source is tried before a waiting one may have its place, in milliseconds. Ours: its speed is known by then. */
const TRIAL_MS = 10_000

/** Reasons for which a source that was left may be of use later. */
const PASSING: ReadonlySet<DownloadFailure> = new Set(['stalled', 'busy', 'unreachable'])

/** What the pool needs of the download. */
export interface PoolUser {
  readonly file: WantedFile
  readonly dialer: Dialer
  readonly config: DownloadConfig
  readonly bans: Bans | undefined
  /** Fetches from a source until there is nothing more to fetch or the source is left. Never rejects. */
  work(source: Source): Promise<void>
  /** A source has come, or has another state. */
  onChange(): void
  /** A source has joined; told before anything else of it. */
  onSource(source: Source): void
  /** There is nobody left to ask, and nobody will come. */
  onExhausted(why: DownloadError): void
}

/** The peers that are said to have the file: lets new ones join, keeps the fastest at work, and goes back to those that were left. */
export class SourcePool {
  readonly #user: PoolUser
  readonly #sources = new Map<string, Source>()
  /** Those that are fetched from, and those of which something is still under way. */
  readonly #running = new Set<Source>()
  readonly #changed = new Wakeup()
  #iterator: Iterator<SourcePeer> | AsyncIterator<SourcePeer> | undefined
  /** Whether no more will come. */
  #isListed = false
  #isStopped = false
  #retries = 0
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #swappedAtMs = performance.now()
  #lastFailure = failure('unreachable')

  constructor(user: PoolUser) {
    this.#user = user
  }

  get progress(): SourceProgress[] {
    return [...this.#sources.values()].map(({ progress }) => progress)
  }

  /** Verified bytes by PeerId text. */
  get verifiedBytes(): Map<string, number> {
    return new Map([...this.#sources].map(([peer, { verifiedBytes }]) => [peer, verifiedBytes]))
  }

  start(peers: Iterable<SourcePeer> | AsyncIterable<SourcePeer>): void {
    this.#iterator = Symbol.asyncIterator in peers ? peers[Symbol.asyncIterator]() : peers[Symbol.iterator]()
    void this.#listen(this.#iterator)
  }

  /** A chunk came and was right: whoever was left for now may be tried again from the beginning. */
  onChunk(): void {
    this.#retries = 0
    this.#swapSlowest()
  }

  /** Asks nobody for anything more. With a reason, what is under way is cut; without, it ends in order. */
  stop(why?: Error): void {
    this.#isStopped = true
    clearTimeout(this.#retryTimer)
    this.#changed.wake()
    if (why !== undefined) for (const source of this.#sources.values()) source.cut(why)
    // Not awaited: one that waits for its next peer ends when it has it.
    if (!this.#isListed) void this.#endList()
  }

  async #listen(iterator: Iterator<SourcePeer> | AsyncIterator<SourcePeer>): Promise<void> {
    try {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        while (!this.#isStopped && !this.#hasRoom()) await this.#changed.next
        if (this.#isStopped) return
        this.#add(next.value)
      }
    } catch (error) {
      this.#onListFailed(error)
    }
    this.#isListed = true
    this.#settle()
  }

  async #endList(): Promise<void> {
    try {
      await this.#iterator?.return?.()
    } catch (error) {
      this.#onListFailed(error)
    }
  }

  /** Whoever looks for sources has failed: those that were found are all there are. */
  #onListFailed(error: unknown): void {
    if (this.#sources.size === 0) this.#lastFailure = failure('unreachable', error)
  }

  /** Whether another source can be known; forgets one that was of no use. */
  #hasRoom(): boolean {
    if (this.#sources.size < this.#user.config.sourcesMax) return true
    for (const [peer, { state, verifiedBytes }] of this.#sources) {
      if (state === 'left' && verifiedBytes === 0) return this.#sources.delete(peer)
    }
    return false
  }

  #add(peer: SourcePeer): void {
    const { file, dialer, config, bans } = this.#user
    const known = this.#sources.get(peer.toString())
    if (known !== undefined) {
      // Found anew, it may be back.
      if (known.state === 'left' && isPassing(known)) known.state = 'waiting'
    } else {
      const source = new Source(peer, file, dialer, config)
      this.#sources.set(peer.toString(), source)
      this.#user.onSource(source)
      const why = bans?.why(peer)
      if (why !== undefined) {
        this.#lastFailure = new DownloadError(why, { reason: 'corrupt' })
        source.retire('banned', this.#lastFailure)
      }
    }
    this.#settle()
  }

  #swapSlowest(): void {
    const nowMs = performance.now()
    if (nowMs - this.#swappedAtMs < TRIAL_MS || this.#in('waiting').length === 0) return
    this.#swappedAtMs = nowMs
    const tried = this.#in('active').filter(({ sinceMs }) => nowMs - sinceMs >= TRIAL_MS)
    const [slowest] = tried.toSorted((a, b) => a.bytesPerSecond - b.bytesPerSecond)
    if (slowest !== undefined && tried.length > 1)
      slowest.retire('left', new DownloadError('Others may be faster.', { reason: 'busy' }))
  }

  #in(state: Source['state']): Source[] {
    return [...this.#sources.values()].filter((source) => source.state === state)
  }

  /** Puts waiting sources to work, and sees whether anybody is left. */
  #settle(): void {
    if (this.#isStopped) return
    const waiting = this.#in('waiting').filter((source) => !this.#running.has(source))
    const begun = waiting.slice(0, Math.max(0, this.#user.config.sourcesActiveMax - this.#running.size))
    for (const source of begun) void this.#work(source)
    this.#user.onChange()
    if (this.#running.size === 0) this.#onNobody()
  }

  async #work(source: Source): Promise<void> {
    this.#running.add(source)
    source.state = 'connecting'
    source.sinceMs = performance.now()
    source.failures = 0
    source.polls = 0
    await this.#user.work(source)
    this.#running.delete(source)
    if (source.why !== undefined) this.#lastFailure = source.why
    this.#changed.wake()
    this.#settle()
  }

  #onNobody(): void {
    if (this.#retryTimer !== undefined) return
    const { retriesMax, retryMs } = this.#user.config
    const passing = this.#in('left').filter(isPassing)
    if (passing.length > 0 && this.#retries < retriesMax) {
      this.#retries++
      this.#retryTimer = setTimeout(() => {
        this.#retryTimer = undefined
        // Somebody may have come meanwhile.
        if (this.#running.size > 0) return
        for (const source of passing) if (source.state === 'left') source.state = 'waiting'
        this.#settle()
      }, retryMs * this.#retries)
    } else if (this.#isListed) {
      this.#user.onExhausted(this.#lastFailure)
    }
  }
}

/** Whether it is worth going back to a source: one that could not be reached at all has been tried well enough. */
function isPassing({ why, verifiedBytes }: Source): boolean {
  return why !== undefined && PASSING.has(why.reason) && (why.reason !== 'unreachable' || verifiedBytes > 0)
}
