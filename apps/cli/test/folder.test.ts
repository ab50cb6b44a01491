// A folder as one, as a person shares and fetches it: real processes, a real bootstrap node, real files.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { BootstrapProcess } from '@servent/bootstrap/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Run, runProgram } from './program.ts'

/** Paths as they are shared, and as they are saved. */
const FILES = [
  { path: 'a/b/Größe – 1.txt', saved: 'a/b/Größe – 1.txt', text: 'one' },
  { path: 'a/b:c?/con.txt', saved: 'a/b_c_/_con.txt', text: 'two' },
  { path: '日本語/🎵 song.mp3', saved: '日本語/🎵 song.mp3', text: 'la '.repeat(700_000) },
  { path: 'empty', saved: 'empty', text: '' },
] as const

let folder: string
let shared: string
let out: string
let bootstrap: BootstrapProcess

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'servent-cli-folder-'))
  shared = join(folder, 'My things: 1')
  out = join(folder, 'out')
  await mkdir(out)
  for (const { path, text } of FILES) {
    await mkdir(dirname(join(shared, path)), { recursive: true })
    await writeFile(join(shared, path), text)
  }
  bootstrap = await BootstrapProcess.start()
})

afterAll(async () => {
  await bootstrap.dispose()
  await rm(folder, { recursive: true, force: true })
})

/** Processes one after the other, on a machine that may have other work. */
const LIMIT_MS = 240_000

describe('servent', () => {
  it(
    'shares a folder as one and fetches it with all that is in it, what is there only once',
    async () => {
      const sharing = servent('share', shared, '--json')
      const { link, fileCount } = JSON.parse(await sharing.line(/"event":"folder"/))
      expect(fileCount).toBe(FILES.length)
      const saved = join(out, 'My things_ 1')
      await mkdir(saved)
      await writeFile(join(saved, 'empty'), 'not empty')

      expect(await getUntilFound(link)).toMatchObject({ path: saved, fetched: FILES.length, there: 0, failed: 0 })
      for (const file of FILES.slice(0, -1)) expect(await readFile(join(saved, file.saved), 'utf8')).toBe(file.text)
      expect(await readFile(join(saved, 'empty'), 'utf8')).toBe('not empty')
      expect((await stat(join(saved, 'empty (2)'))).size).toBe(0)

      await rm(join(saved, FILES[0].saved))
      await rm(join(saved, 'empty'))
      expect(await getUntilFound(link)).toMatchObject({ fetched: 2, there: FILES.length - 2 })
      expect((await readdir(saved, { recursive: true })).filter((name) => /part|chunks/.test(name))).toEqual([])

      // One file goes: the others of the link still come, and there is another link.
      await rm(join(shared, 'a/b/Größe – 1.txt'))
      expect(JSON.parse(await sharing.line(/"event":"folder".*"fileCount":3/)).link).not.toBe(link)
      await rm(saved, { recursive: true })
      const get = servent('get', link, '--out', out, '--json')
      expect(await get.end).toBe(1)
      expect(get.said.join('\n')).toContain('Not fetched: a/b/Größe – 1.txt: ')
      expect(get.said.at(-1)).toBe('1 of 4 files were not fetched. The same command tries again.')
      expect(await readFile(join(saved, FILES[1].saved), 'utf8')).toBe(FILES[1].text)

      sharing.child.kill('SIGINT')
      expect(await sharing.end).toBe(0)
    },
    LIMIT_MS
  )
})

function servent(...args: string[]): Run {
  return runProgram(bootstrap.url, join(folder, 'data'), args)
}

/** What is told of a folder that was fetched. Run as often as it takes: what is newly shared takes a moment to be known. */
async function getUntilFound(link: string): Promise<Record<string, unknown>> {
  for (;;) {
    const get = servent('get', link, '--out', out, '--json')
    if ((await get.end) === 0) return JSON.parse(await get.line(/"event":"folder"/))
  }
}
