import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = resolve(import.meta.dirname, '../main.ts')

/** What it prints once the page answers. */
const READY = /The page: +(http:\/\/\S+)/
const NAME = /This node: +(\S+ \S+)/

/** For tests: a bootstrap node in a process of its own, with a data folder of its own, on a port that was free. */
export class BootstrapProcess {
  readonly #folder: string
  readonly #port: number
  readonly #flags: readonly string[]
  #process: ChildProcess | undefined
  #url = ''
  #name = ''

  private constructor(folder: string, port: number, flags: readonly string[]) {
    this.#folder = folder
    this.#port = port
    this.#flags = flags
  }

  /** @param flags - of its command line, besides port and data folder */
  static async start(...flags: readonly string[]): Promise<BootstrapProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'servent-bootstrap-'))
    const node = new BootstrapProcess(folder, await freePort(), flags)
    await node.start()
    return node
  }

  /** Where the page is. */
  get url(): string {
    return this.#url
  }

  /** Its name, as tabs show it. */
  get name(): string {
    return this.#name
  }

  /** Starts it, or starts it again: same key, same port. Resolves when the page answers. */
  async start(): Promise<void> {
    const args = ['--port', String(this.#port), '--data', this.#folder, ...this.#flags]
    const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    const lines = new Lines(child)
    this.#url = await lines.match(READY)
    this.#name = await lines.match(NAME)
  }

  /** Stops it as an administrator would, and waits for its end. */
  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }

  /** Stops it and forgets its key. */
  async dispose(): Promise<void> {
    await this.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** What `/servent.json` says. */
  async info(): Promise<{ peerId: string; multiaddrs: string[] }> {
    const response = await fetch(new URL('/servent.json', this.#url))
    return response.json()
  }
}

/** What a process prints, line by line. */
class Lines {
  readonly #said: string[] = []
  readonly #watchers = new Set<() => void>()
  #end: string | undefined

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#add(line))
    }
    child.once('error', (error) => this.#finish(error.message))
    child.once('exit', (code) => this.#finish(`it ended with ${code}`))
  }

  /** The first group of the first line that matches. Rejects with all it said when it ends before. */
  match(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.#said.map((line) => pattern.exec(line)?.[1]).find((group) => group !== undefined)
        if (found === undefined && this.#end === undefined) return
        this.#watchers.delete(look)
        if (found !== undefined) resolve(found)
        else reject(new Error(`The bootstrap node did not start: ${this.#end}\n${this.#said.join('\n')}`))
      }
      this.#watchers.add(look)
      look()
    })
  }

  #add(line: string): void {
    this.#said.push(line)
    this.#tell()
  }

  #finish(how: string): void {
    this.#end ??= how
    this.#tell()
  }

  #tell(): void {
    for (const look of [...this.#watchers]) look()
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new Error('The system gave no port.'))
      })
    })
  })
}
