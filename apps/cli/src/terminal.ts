import type { TransferProgress } from '@servent/servent'
import { formatBytes, formatDuration, percent } from './format.ts'

/** The part of a stream that we write to. */
export interface TextStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const BAR_CELLS = 24
const COLUMNS_DEFAULT = 80
/** Without a terminal a line per step of so many percent is enough. */
const PLAIN_STEP_PERCENT = 10

/**
 * Standard output and standard error as the commands use them: results go out, what is going on goes to error, as a bar
 * that is drawn over on a terminal and as plain lines elsewhere.
 */
export class Terminal {
  readonly #out: TextStream
  readonly #error: TextStream
  readonly #json: boolean
  #barLength = 0
  #lastPlain = ''

  constructor(out: TextStream, error: TextStream, json: boolean) {
    this.#out = out
    this.#error = error
    this.#json = json
  }

  /** A result: the line, or with `--json` the object. */
  result(line: string, object: Readonly<Record<string, unknown>>): void {
    this.#clearBar()
    this.#out.write(`${this.#json ? JSON.stringify(object) : line}\n`)
  }

  /** What is going on, for a person. */
  note(sentence: string): void {
    this.#clearBar()
    this.#error.write(`${sentence}\n`)
  }

  /** How far something has come. Draws a bar on a terminal; elsewhere a line each ten percent. */
  progress(label: string, { doneBytes, totalBytes, bytesPerSecond, leftMs }: TransferProgress): void {
    const done = percent(doneBytes, totalBytes)
    if (this.#error.isTTY !== true) {
      const plain = `${label} ${done - (done % PLAIN_STEP_PERCENT)} %`
      if (plain !== this.#lastPlain) this.#error.write(`${plain}\n`)
      this.#lastPlain = plain
      return
    }
    const filled = Math.round((BAR_CELLS * done) / 100)
    const bar = `[${'█'.repeat(filled)}${'·'.repeat(BAR_CELLS - filled)}]`
    const speed = bytesPerSecond > 0 ? `  ${formatBytes(Math.round(bytesPerSecond))}/s` : ''
    const left = leftMs === undefined || done === 100 ? '' : `  ${formatDuration(leftMs)} left`
    this.#drawBar(`${bar} ${String(done).padStart(3)} %  ${formatBytes(doneBytes)}${speed}${left}`, label)
  }

  /** Ends a bar, so that what follows begins on a clean line. */
  endProgress(): void {
    this.#clearBar()
    this.#lastPlain = ''
  }

  #drawBar(bar: string, label: string): void {
    const columns = this.#error.columns ?? COLUMNS_DEFAULT
    const room = Math.max(0, columns - bar.length - 3)
    const line = `${bar}  ${shorten(label, room)}`.slice(0, columns - 1)
    this.#error.write(`\r${line.padEnd(this.#barLength)}`)
    this.#barLength = line.length
  }

  #clearBar(): void {
    if (this.#barLength > 0) this.#error.write(`\r${' '.repeat(this.#barLength)}\r`)
    this.#barLength = 0
  }
}

/** A text cut to fit, with a sign that it was. */
function shorten(text: string, columns: number): string {
  const chars = [...text]
  return chars.length <= columns ? text : `${chars.slice(0, Math.max(0, columns - 1)).join('')}…`
}
