import { ProgressMeter, REPORT_EVERY_MS } from '../progress.ts'
import type { TransferProgress } from '../types.ts'
import type { DownloadProgress } from './options.ts'

/** What a download tells beside how far and how fast. */
type Details = Omit<DownloadProgress, keyof TransferProgress>

/** Tells how far a download has come. */
export class ProgressReport {
  readonly meter: ProgressMeter
  readonly #details: () => Details
  readonly #tell: ((progress: DownloadProgress) => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOver = false
  #last: DownloadProgress | undefined

  constructor(size: number, details: () => Details, tell: ((progress: DownloadProgress) => void) | undefined) {
    this.#details = details
    this.#tell = tell
    this.meter = new ProgressMeter(size, (transfer) => {
      this.#last = { ...transfer, ...this.#details() }
      this.#tell?.(this.#last)
    })
  }

  /** Something other than bytes has changed. */
  now(): void {
    if (!this.#isOver) this.meter.report()
  }

  /** A chunk is done. Bytes tell of themselves, but nothing may come after the last of a chunk. */
  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.now()
    }, REPORT_EVERY_MS)
  }

  /** Nothing more is told, unless it is that all is done. */
  end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  /** All is done: tells so, and gives what it told. */
  finish(): DownloadProgress {
    this.meter.finish()
    if (this.#last === undefined) throw new Error('A download that is done has told so')
    return this.#last
  }
}
