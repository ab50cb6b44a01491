/** How many different reasons are counted apart. Ours: there are some thirty, the rest is room for protocols' own. */
const REASONS_MAX = 128

/** Counts what was dropped, by reason. The set of names is bounded: past it everything counts as `other`. */
export class Drops {
  readonly counts = new Map<string, number>()
  readonly #onDrop: ((reason: string, count: number) => void) | undefined

  /** @param onDrop - told of each drop as well: a metric */
  constructor(onDrop?: (reason: string, count: number) => void) {
    this.#onDrop = onDrop
  }

  add(reason: string, count = 1): void {
    const name = this.counts.has(reason) || this.counts.size < REASONS_MAX ? reason : 'other'
    this.counts.set(name, (this.counts.get(name) ?? 0) + count)
    this.#onDrop?.(name, count)
  }
}
