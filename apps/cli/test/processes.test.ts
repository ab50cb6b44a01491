// The program as a person runs it: real processes, a real bootstrap node, real files.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BootstrapProcess } from '@servent/bootstrap/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Run, runProgram } from './program.ts'

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
    const sharing = servent('share', join(folder, 'music'), '--json', '--gateway', '0')
    const shared = JSON.parse(await sharing.line(/"event":"shared"/))
    expect(shared).toMatchObject({ name: NAME, size: Buffer.byteLength(TEXT) })
    await sharing.line(/Stop with Ctrl-C/)
    const { url } = JSON.parse(await sharing.line(/"event":"gateway"/))
    expect(await (await fetch(url + shared.cid)).text()).toBe(TEXT)

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

  it('follows what happens in a folder that it shares, and hashes nothing twice', async () => {
    const watched = await mkdtemp(join(folder, 'watched-'))
    const sharing = servent('share', watched, '--json')
    await sharing.line(/There is no file in .* yet: what comes is shared as /)
    const put = async (name: string, text: string): Promise<void> => {
      await writeFile(join(folder, 'beside'), text)
      await rename(join(folder, 'beside'), join(watched, name))
    }
    await mkdir(join(watched, 'sub'))
    await put('sub/a.txt', 'one')
    const shared = JSON.parse(await sharing.line(/"event":"shared"/))
    expect(shared).toMatchObject({ path: join('sub', 'a.txt'), name: 'a.txt', size: 3 })
    await put('sub/a.txt', 'other')
    expect(JSON.parse(await sharing.line(/"event":"changed"/))).toMatchObject({ path: shared.path, size: 5 })
    await put('b.txt', 'two')
    await sharing.line(/"event":"shared","path":"b.txt"/)
    await rm(join(watched, 'sub'), { recursive: true })
    expect(JSON.parse(await sharing.line(/"event":"removed"/))).toMatchObject({ path: shared.path, name: 'a.txt' })
    sharing.child.kill('SIGINT')
    expect(await sharing.end).toBe(0)

    const again = servent('share', watched, '--json')
    await again.line(/Sharing 1 file as/)
    expect(again.said.filter((line) => line.includes(' %'))).toEqual([])
    again.child.kill('SIGINT')
    expect(await again.end).toBe(0)
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

  it('says when a folder is not there, or is a file', async () => {
    for (const [path, sentence] of [
      [join(folder, 'no'), 'There is no folder'],
      [join(folder, 'music', NAME), 'is a file'],
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
    expect(wrong.said).toEqual(['There is no command "serach": only share, search, get and keep.'])
  })
})

function servent(...args: string[]): Run {
  return runProgram(bootstrap.url, join(folder, 'data'), args)
}

/** A search that found something, run as often as it takes, as a person would: what is newly shared takes a moment to be known. */
async function searchUntilFound(...words: string[]): Promise<Run> {
  for (;;) {
    const search = servent('search', ...words, '--wait', '2', '--json')
    if ((await search.end) === 0) return search
  }
}
