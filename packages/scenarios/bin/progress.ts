const BAR_WIDTH = 30
const REDRAW_MS = 100
/** Where nobody looks on, a line each tenth of the way. */
const LINE_EACH = 0.1

/** Shows on standard error how far something is: a bar on a terminal, else a line now and then. */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #startedAt = performance.now()
  #drawnAt = 0
  #nextLine = LINE_EACH

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  /** @param done - 0 to 1 */
  show(done: number, events: number): void {
    const now = performance.now()
    if (this.#stream.isTTY && now - this.#drawnAt >= REDRAW_MS) {
      this.#drawnAt = now
      const filled = Math.round(done * BAR_WIDTH)
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
      this.#stream.write(`\r${bar} ${this.#text(done, events)}\u001b[K`)
    } else if (!this.#stream.isTTY && done >= this.#nextLine) {
      this.#nextLine = (Math.floor(done / LINE_EACH) + 1) * LINE_EACH
      this.#stream.write(`${this.#text(done, events)}\n`)
    }
  }

  /** Clears the bar. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[K')
  }

  #text(done: number, events: number): string {
    const seconds = (performance.now() - this.#startedAt) / 1000
    return `${String(Math.floor(100 * done)).padStart(3)} %  ${(events / 1e6).toFixed(1)} M events  ${seconds.toFixed(1)} s`
  }
}
