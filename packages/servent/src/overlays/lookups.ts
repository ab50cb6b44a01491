import type { Commons } from '@servent/libp2p-host'
import type { ServentNode } from '../node.ts'
import type { LookupOverlayName } from '../types.ts'
import { Announcer } from './announcer.ts'
import { LookupError, type LookupOverlay } from './lookup-overlay.ts'
import type { RunningLookup } from './lookup-services.ts'

/** All there are, in the order of the lecture; the ecosystem's last. */
export const LOOKUP_OVERLAYS: readonly LookupOverlayName[] = ['pastry', 'chord', 'can', 'kademlia']

/** Ours: how long until an overlay is told again, in milliseconds: a peer that has just started knows nobody yet. */
const RETRY_MS = 10_000

/**
 * The structured overlays that are on, and what is provided on them. They are loaded after everything else, for a page has to
 * be small before it is everything; but as soon as the peer runs, while the server that the page came from is there.
 */
export class Lookups {
  readonly #node: ServentNode
  readonly #names: readonly LookupOverlayName[]
  readonly #onChange: () => void
  readonly #shared = new Set<string>()
  readonly #stopped = new AbortController()
  readonly #commons: Commons
  #running: readonly RunningLookup[] = []
  #announcers: readonly Announcer[] = []
  #loading: Promise<void> | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  /** @param onChange - told when an overlay is on that was not before */
  constructor(node: ServentNode, commons: Commons, names: readonly LookupOverlayName[], onChange: () => void) {
    this.#node = node
    this.#names = names
    this.#onChange = onChange
    this.#commons = commons
  }

  /** Those that are on by now. */
  get overlays(): readonly LookupOverlay[] {
    return this.#running.map(({ overlay }) => overlay)
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const announcer of this.#announcers) announcer.retry()
    }, RETRY_MS)
    this.#loading = this.#load()
  }

  /** Resolves when all overlays that can be had are on, or the signal fires. */
  ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#loading === undefined) return resolve()
      const done = (): void => {
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
      void this.#loading.then(done)
    })
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped.abort(new LookupError('This peer has been stopped.'))
    await this.#loading
    for (const ended of await Promise.allSettled(this.#running.map((running) => running.stop()))) {
      if (ended.status === 'rejected') this.#log('not stopped: %s', ended.reason)
    }
  }

  /** Tells all overlays that we have a content, and goes on until each knows. */
  provide(cid: string): void {
    this.#shared.add(cid)
    for (const announcer of this.#announcers) announcer.provide(cid)
  }

  /** Tells nobody any more; what was told expires. */
  stopProviding(cid: string): void {
    this.#shared.delete(cid)
    for (const announcer of this.#announcers) announcer.stopProviding(cid)
  }

  /**
   * An overlay that is on.
   *
   * @throws RangeError for one that is off: a bug of the application
   * @throws LookupError for one that could not be started, or the signal's reason
   */
  async named(name: LookupOverlayName, signal: AbortSignal): Promise<LookupOverlay> {
    if (!this.#names.includes(name)) throw new RangeError(`The overlay ${name} is not on.`)
    await this.ready(signal)
    signal.throwIfAborted()
    const overlay = this.overlays.find((one) => one.name === name)
    if (overlay === undefined) throw new LookupError(`The overlay ${name} could not be started.`)
    return overlay
  }

  /** Never rejects: without them there is one way less to find things. */
  async #load(): Promise<void> {
    if (this.#names.length === 0) return
    try {
      const { startLookups } = await import('./lookup-services.ts')
      if (this.#stopped.signal.aborted) return
      this.#running = await startLookups(this.#node, this.#commons, this.#names)
    } catch (error) {
      this.#log('not loaded: %s', error)
      return
    }
    if (this.#stopped.signal.aborted) return
    this.#announcers = this.overlays.map((overlay) => {
      return new Announcer(overlay, this.#stopped.signal, (error) => this.#log(`${overlay.name}: %s`, error))
    })
    for (const cid of this.#shared) for (const announcer of this.#announcers) announcer.provide(cid)
    this.#onChange()
  }

  #log(format: string, error: unknown): void {
    this.#node.logger.forComponent('servent:lookups')(format, error)
  }
}
