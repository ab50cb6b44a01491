import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'

const MAIN = resolve(import.meta.dirname, '../src/main.ts')

/** One run of the program. */
export class Run {
  readonly child: ChildProcess
  /** Its exit code. */
  readonly end: Promise<number | null>
  readonly #watchers = new Set<() => void>()
  #isOver = false
  #text = ''

  constructor(child: ChildProcess) {
    this.child = child
    this.end = new Promise((resolve) => child.once('close', resolve)).then((code) => {
      this.#isOver = true
      this.#tell()
      return code as number | null
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#text += text
        this.#tell()
      })
    }
  }

  /** The lines that it has printed. */
  get said(): string[] {
    return this.#text.split('\n').slice(0, -1)
  }

  /** The first line that matches, now or later. */
  line(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.said.find((line) => pattern.test(line))
        if (found === undefined && !this.#isOver) return
        this.#watchers.delete(look)
        if (found === undefined) reject(new Error(`It never said ${pattern}:\n${this.said.join('\n')}`))
        else resolve(found)
      }
      this.#watchers.add(look)
      look()
    })
  }

  #tell(): void {
    for (const look of [...this.#watchers]) look()
  }
}

/** Runs the program as a person does, with a bootstrap node at `url` and a data folder. */
export function runProgram(url: string, data: string, args: readonly string[]): Run {
  const env = { ...process.env, SERVENT_BOOTSTRAP: url, SERVENT_DATA: data }
  return new Run(spawn(process.execPath, ['--conditions=source', MAIN, ...args], { env }))
}
