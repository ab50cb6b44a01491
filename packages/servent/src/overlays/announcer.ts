import { CID } from 'multiformats/cid'
import type { LookupOverlay } from './lookup-overlay.ts'

/** Ours: how long an overlay may take to tell of one file, in milliseconds. */
const PROVIDE_MS = 20_000
/** Ours: files told of at once, so that a large library does not fill every outbox. */
const AT_ONCE = 4

/** Tells one overlay of the contents that are shared, until it knows of each: a slow overlay keeps only itself waiting. */
export class Announcer {
  readonly #overlay: LookupOverlay
  readonly #stopped: AbortSignal
  readonly #onError: (error: unknown) => void
  readonly #shared = new Set<string>()
  /** To tell of now. */
  readonly #untold = new Set<string>()
  /** To tell of again. */
  readonly #failed = new Set<string>()
  #underWayCount = 0

  /**
   * @param stopped - ends what is under way, for good
   * @param onError - told of what failed; it is tried again
   */
  constructor(overlay: LookupOverlay, stopped: AbortSignal, onError: (error: unknown) => void) {
    this.#overlay = overlay
    this.#stopped = stopped
    this.#onError = onError
  }

  provide(cid: string): void {
    this.#shared.add(cid)
    this.#untold.add(cid)
    this.#tell()
  }

  /** What was told expires. */
  stopProviding(cid: string): void {
    this.#shared.delete(cid)
    this.#untold.delete(cid)
    this.#failed.delete(cid)
    this.#overlay.stopProviding(CID.parse(cid)).catch(this.#onError)
  }

  /** Tells again of what failed. */
  retry(): void {
    for (const cid of this.#failed) this.#untold.add(cid)
    this.#failed.clear()
    this.#tell()
  }

  #tell(): void {
    for (const cid of this.#untold) {
      if (this.#underWayCount >= AT_ONCE || this.#stopped.aborted) return
      this.#untold.delete(cid)
      this.#underWayCount++
      void this.#tellOf(cid)
    }
  }

  /** Never rejects. */
  async #tellOf(cid: string): Promise<void> {
    try {
      await this.#overlay.provide(CID.parse(cid), AbortSignal.any([this.#stopped, AbortSignal.timeout(PROVIDE_MS)]))
    } catch (error) {
      if (this.#shared.has(cid)) this.#failed.add(cid)
      this.#onError(error)
    }
    this.#underWayCount--
    this.#tell()
  }
}
