import type { Commons } from '@servent/libp2p-host'
import { CID } from 'multiformats/cid'
import type { ServentNode } from '../node.ts'
import type { LookupOverlayName } from '../types.ts'
import { LookupError, type LookupOverlay } from './lookup-overlay.ts'
import type { RunningLookup } from './lookup-services.ts'

/** All there are, in the order of the lecture; the ecosystem's last. */
export const LOOKUP_OVERLAYS: readonly LookupOverlayName[] = ['pastry', 'chord', 'can', 'kademlia']

/** Ours: how long one overlay may take to tell of one file, in milliseconds. */
const PROVIDE_MS = 20_000
/** Ours: how long until it is tried again where it failed: a peer that has just started knows nobody yet. */
const RETRY_MS = 10_000
/** Ours: files told of at once, so that a large library does not fill every outbox. */
const AT_ONCE = 4

/**
 * The structured overlays that are on, and what is provided on them. They are loaded after everything else, for a page has to
 * be small before it is everything; but as soon as the peer runs, while the server that the page came from is there.
 */
export class Lookups {
  readonly #node: ServentNode
  readonly #names: readonly LookupOverlayName[]
  readonly #onChange: () => void
  /** Contents that are shared, and the overlays that do not know of them yet. */
  readonly #untold = new Map<string, Set<LookupOverlay>>()
  readonly #provided = new Set<string>()
  readonly #stopped = new AbortController()
  readonly #commons: Commons
  #running: readonly RunningLookup[] = []
  #loading: Promise<void> | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #isTelling = false
  #isTellDue = false

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
    this.#timer = setInterval(() => void this.#tell(), RETRY_MS)
    this.#loading = this.#load()
  }

  /** Resolves when all overlays that can be had are on. */
  ready(): Promise<void> {
    return this.#loading ?? Promise.resolve()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped.abort(new LookupError('This peer has been stopped.'))
    this.#untold.clear()
    await this.#loading
    await Promise.all(this.#running.map((running) => running.stop()))
  }

  /** Tells all overlays that we have a content, and goes on until each knows. */
  provide(cid: string): void {
    this.#untold.set(cid, new Set(this.overlays))
    this.#provided.add(cid)
    void this.#tell()
  }

  /** Tells nobody any more; what was told expires. */
  stopProviding(cid: string): void {
    this.#untold.delete(cid)
    this.#provided.delete(cid)
    for (const overlay of this.overlays) {
      overlay.stopProviding(CID.parse(cid)).catch((error: unknown) => this.#log(overlay, error))
    }
  }

  /** @throws RangeError for an overlay that is not on: a bug of the application */
  async named(name: LookupOverlayName): Promise<LookupOverlay> {
    await this.ready()
    const overlay = this.overlays.find((one) => one.name === name)
    if (overlay === undefined) throw new RangeError(`The overlay ${name} is not on.`)
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
      this.#node.logger.forComponent('servent:lookups').error('not loaded: %s', error)
      return
    }
    for (const cid of this.#provided) this.#untold.set(cid, new Set(this.overlays))
    this.#onChange()
    void this.#tell()
  }

  /** Never rejects: what fails stays untold and is tried again. */
  async #tell(): Promise<void> {
    this.#isTellDue = true
    if (this.#isTelling) return
    this.#isTelling = true
    while (this.#isTellDue) {
      this.#isTellDue = false
      const contents = [...this.#untold.keys()]
      const workers = Array.from({ length: AT_ONCE }, async () => {
        for (let cid = contents.shift(); cid !== undefined; cid = contents.shift()) await this.#tellOf(cid)
      })
      await Promise.all(workers)
    }
    this.#isTelling = false
  }

  async #tellOf(cid: string): Promise<void> {
    const untold = this.#untold.get(cid)
    if (untold === undefined) return
    await Promise.all(
      [...untold].map(async (overlay) => {
        try {
          const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(PROVIDE_MS)])
          await overlay.provide(CID.parse(cid), signal)
          untold.delete(overlay)
        } catch (error) {
          this.#log(overlay, error)
        }
      })
    )
    if (untold.size === 0) this.#untold.delete(cid)
  }

  #log({ name }: LookupOverlay, error: unknown): void {
    this.#node.logger.forComponent('servent:lookups')('%s: %s', name, error)
  }
}
