import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = resolve(import.meta.dirname, '../apps/cli/src/main.ts')

/** A peer in a Node process of its own, as `servent share` starts one, in the network of a test's tabs. */
export class NodePeer {
  readonly #process: ChildProcess
  readonly #folder: string

  private constructor(child: ChildProcess, folder: string) {
    this.#process = child
    this.#folder = folder
  }

  /** Resolves when it shares its one file. */
  static async start(bootstrap: string): Promise<NodePeer> {
    const folder = await mkdtemp(join(tmpdir(), 'servent-node-'))
    await mkdir(join(folder, 'shared'))
    await writeFile(join(folder, 'shared', 'From a Node peer.txt'), 'Hello from Node.\n')
    const args = ['share', join(folder, 'shared'), '--bootstrap', bootstrap, '--data', folder, '--json']
    const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('"shared"')) break
    // Whatever else it tells must not fill the pipe.
    child.stdout.resume()
    return new NodePeer(child, folder)
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.#process.once('exit', done))
    this.#process.kill('SIGINT')
    await ended
    await rm(this.#folder, { recursive: true, force: true })
  }
}
