// The program as a person runs it: real processes, a real bootstrap node, real files.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BootstrapProcess } from '@servent/bootstrap/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MAIN = resolve(import.meta.dirname, '../src/main.ts')
const NAME = 'Größe – Jazz im Regen.txt'
const TEXT = 'It was raining, and they played on.\n'.repeat(40_000)

let folder: string
let bootstrap: BootstrapProcess

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'servent-cli-'))
  await mkdir(join(folder, 'music'))
  await writeFile(join(folder, 'music', NAME), TEXT)
  bootstrap = await BootstrapProcess.start()
})

afterAll(async () => {
  await bootstrap.dispose()
  await rm(folder, { recursive: true, force: true })
})

describe('servent', () => {
  it('shares a folder, finds a file of it by its words, and fetches it', async () => {
    const sharing = servent('share', join(folder, 'music'), '--json')
    const shared = JSON.parse(await sharing.line(/"event":"shared"/))
    expect(shared).toMatchObject({ name: NAME, size: Buffer.byteLength(TEXT) })
    await sharing.line(/Stop with Ctrl-C/)

    const search = await searchUntilFound('grosse', 'JAZZ')
    const hit = JSON.parse(await search.line(/"cid"/))
    expect(hit).toMatchObject({ name: NAME, cid: shared.cid, hops: 2 })

    const out = join(folder, 'out')
    await mkdir(out)
    expect(await servent('get', hit.link, '--out', out).end).toBe(0)
    expect(await readFile(join(out, NAME), 'utf8')).toBe(TEXT)

    await sharing.line(/"event":"upload"/)
    sharing.child.kill('SIGINT')
    expect(await sharing.end).toBe(0)
    expect((await readdir(join(folder, 'data'))).filter((name) => name.endsWith('.lock'))).toEqual([])
  })

  it('says so when nothing is found', async () => {
    const search = servent('search', 'nothing', 'like', 'this', '--wait', '1')
    expect(await search.end).toBe(1)
    expect(search.said).toContain('Nobody within reach has a file named "nothing like this".')
  })

  it('says so when nobody has the file of a link', async () => {
    const out = join(folder, 'nothing')
    await mkdir(out)
    const link = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy?name=gone.txt&size=3'
    const get = servent('get', link, '--out', out)
    expect(await get.end).toBe(1)
    expect(get.said).toContain('Nobody who is here now has gone.txt.')
    expect(await readdir(out)).toEqual([])
  })

  it('stops in the middle when it is told to', async () => {
    const search = servent('search', 'anything', '--wait', '600')
    await search.line(/Searching/)
    search.child.kill('SIGINT')
    expect(await search.end).toBe(130)
  })

  it('says when the bootstrap node cannot be reached', async () => {
    const search = servent('search', 'jazz', '--bootstrap', 'http://127.0.0.1:1')
    expect(await search.end).toBe(1)
    expect(search.said.at(-1)).toMatch(/^Cannot join the network through http:\/\/127\.0\.0\.1:1: .*running\?$/)
  })

  it('says when a folder is not there, is a file, or is empty', async () => {
    for (const [path, sentence] of [
      [join(folder, 'no'), 'There is no folder'],
      [join(folder, 'music', NAME), 'is a file'],
      [await mkdtemp(join(folder, 'empty-')), 'There is no file to share in'],
    ] as const) {
      const share = servent('share', path)
      expect(await share.end).toBe(1)
      expect(share.said.join('\n')).toContain(sentence)
    }
  })

  it('prints help and mistakes with the exit codes of programs', async () => {
    expect(await servent('--help').end).toBe(0)
    const wrong = servent('serach', 'jazz')
    expect(await wrong.end).toBe(2)
    expect(wrong.said).toEqual(['There is no command "serach": only share, search and get.'])
  })
})

/** One run of the program. */
class Run {
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

/** A search that found something, run as often as it takes, as a person would: what is newly shared takes a moment to be known. */
async function searchUntilFound(...words: string[]): Promise<Run> {
  for (;;) {
    const search = servent('search', ...words, '--wait', '2', '--json')
    if ((await search.end) === 0) return search
  }
}

function servent(...args: string[]): Run {
  const env = { ...process.env, SERVENT_BOOTSTRAP: bootstrap.url, SERVENT_DATA: join(folder, 'data') }
  return new Run(spawn(process.execPath, ['--conditions=source', MAIN, ...args], { env }))
}
