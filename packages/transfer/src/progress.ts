import type { TransferProgress } from './types.ts'

/** Over how long the speed is taken, in milliseconds. Ours: long enough to be calm, short enough to notice a change. */
const WINDOW_MS = 4_000

/** Reports are at least so far apart, in milliseconds. Ours: ten a second are as many as an eye follows. */
export const REPORT_EVERY_MS = 100

/** How far samples of the speed are apart, in milliseconds: forty of them are in memory. */
const SAMPLE_EVERY_MS = 100

interface Sample {
  readonly atMs: number
  readonly bytes: number
}

/** Counts bytes and tells how fast they have come over the last few seconds. Has no timer. */
export class SpeedMeter {
  readonly #now: () => number
  readonly #samples: Sample[]
  #bytes = 0

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#samples = [{ atMs: now(), bytes: 0 }]
  }

  /** Bytes came. */
  add(bytes: number): void {
    const nowMs = this.#now()
    this.#bytes += bytes
    const last = this.#samples.at(-1)
    if (last === undefined || nowMs - last.atMs >= SAMPLE_EVERY_MS)
      this.#samples.push({ atMs: nowMs, bytes: this.#bytes })
    this.#forget(nowMs)
  }

  /** Bytes per second up to now. */
  get bytesPerSecond(): number {
    const nowMs = this.#now()
    this.#forget(nowMs)
    const first = this.#samples[0]
    const elapsedMs = first === undefined ? 0 : nowMs - first.atMs
    return elapsedMs > 0 ? ((this.#bytes - (first?.bytes ?? 0)) * 1000) / elapsedMs : 0
  }

  /** One sample older than the window stays, so that there is always something to measure from. */
  #forget(nowMs: number): void {
    while (this.#samples.length > 1 && (this.#samples[1]?.atMs ?? nowMs) < nowMs - WINDOW_MS) this.#samples.shift()
  }
}

/** Counts bytes and tells how far and how fast, when bytes come: it has no timer of its own. */
export class ProgressMeter {
  readonly #totalBytes: number
  readonly #report: ((progress: TransferProgress) => void) | undefined
  readonly #now: () => number
  readonly #speed: SpeedMeter
  #reportedAtMs = Number.NEGATIVE_INFINITY
  #usefulBytes = 0
  #doneBytes = 0

  constructor(
    totalBytes: number,
    report?: (progress: TransferProgress) => void,
    now: () => number = () => performance.now()
  ) {
    this.#totalBytes = totalBytes
    this.#report = report
    this.#now = now
    this.#speed = new SpeedMeter(now)
  }

  /** Bytes came. */
  add(bytes: number): void {
    this.#usefulBytes += bytes
    this.#speed.add(bytes)
    this.#maybeReport()
  }

  /** Bytes are done that did not have to come: they say nothing of the speed. */
  keep(bytes: number): void {
    this.#usefulBytes += bytes
    this.#maybeReport()
  }

  /** Bytes that came were of no use and will come again. What was reported as done is not taken back. */
  waste(bytes: number): void {
    this.#usefulBytes -= bytes
  }

  /** Reports now, whenever that was last done. */
  report(): void {
    this.#reportedAtMs = this.#now()
    this.#doneBytes = Math.max(this.#doneBytes, Math.min(this.#usefulBytes, this.#totalBytes))
    this.#report?.(this.#progress())
  }

  /** All is done: reports once more. */
  finish(): void {
    this.#usefulBytes = this.#totalBytes
    this.report()
  }

  #maybeReport(): void {
    if (this.#now() - this.#reportedAtMs >= REPORT_EVERY_MS) this.report()
  }

  #progress(): TransferProgress {
    const { bytesPerSecond } = this.#speed
    const leftBytes = this.#totalBytes - this.#doneBytes
    const leftMs = leftBytes === 0 ? 0 : bytesPerSecond > 0 ? (leftBytes * 1000) / bytesPerSecond : undefined
    return { doneBytes: this.#doneBytes, totalBytes: this.#totalBytes, bytesPerSecond, leftMs }
  }
}
