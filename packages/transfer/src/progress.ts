import type { TransferProgress } from './types.ts'

/** Over how long the speed is taken, in milliseconds. Ours: long enough to be calm, short enough to notice a change. */
const WINDOW_MS = 4_000

/** Reports are at least so far apart, in milliseconds. Ours: ten a second are as many as an eye follows. */
const REPORT_EVERY_MS = 100

interface Sample {
  readonly atMs: number
  readonly bytes: number
}

/** Counts bytes and tells how far and how fast, when bytes come: it has no timer of its own. */
export class ProgressMeter {
  readonly #totalBytes: number
  readonly #report: ((progress: TransferProgress) => void) | undefined
  readonly #now: () => number
  readonly #samples: Sample[]
  #movedBytes = 0
  #wastedBytes = 0
  #doneBytes = 0

  constructor(
    totalBytes: number,
    report?: (progress: TransferProgress) => void,
    now: () => number = () => performance.now()
  ) {
    this.#totalBytes = totalBytes
    this.#report = report
    this.#now = now
    this.#samples = [{ atMs: now(), bytes: 0 }]
  }

  /** Bytes came. */
  add(bytes: number): void {
    this.#movedBytes += bytes
    this.#maybeReport(this.#now())
  }

  /** Bytes that came were of no use and will come again. What was reported as done is not taken back. */
  waste(bytes: number): void {
    this.#wastedBytes += bytes
  }

  /** All is done: reports once more. */
  finish(): void {
    this.#doneBytes = this.#totalBytes
    this.#sample(this.#now())
    this.#report?.(this.#progress())
  }

  #maybeReport(nowMs: number): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && this.#samples.length > 1 && nowMs - last.atMs < REPORT_EVERY_MS) return
    this.#sample(nowMs)
    const done = Math.min(this.#movedBytes - this.#wastedBytes, this.#totalBytes)
    this.#doneBytes = Math.max(this.#doneBytes, done)
    this.#report?.(this.#progress())
  }

  #sample(atMs: number): void {
    this.#samples.push({ atMs, bytes: this.#movedBytes })
    // One sample older than the window stays, so that there is always something to measure from.
    while (this.#samples.length > 2 && (this.#samples[1]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#samples.shift()
  }

  #progress(): TransferProgress {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    const elapsedMs = (last?.atMs ?? 0) - (first?.atMs ?? 0)
    const bytesPerSecond = elapsedMs > 0 ? (((last?.bytes ?? 0) - (first?.bytes ?? 0)) * 1000) / elapsedMs : 0
    const leftBytes = this.#totalBytes - this.#doneBytes
    const leftMs = leftBytes === 0 ? 0 : bytesPerSecond > 0 ? (leftBytes * 1000) / bytesPerSecond : undefined
    return { doneBytes: this.#doneBytes, totalBytes: this.#totalBytes, bytesPerSecond, leftMs }
  }
}
