// Keeping files for others, as a person does it: real processes, a real bootstrap node, real files.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BootstrapProcess } from '@servent/bootstrap/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Run, runProgram } from './program.ts'

const TEXT = 'Keep this for those who come later.\n'.repeat(800_000)

let folder: string
let bootstrap: BootstrapProcess

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'servent-cli-keep-'))
  for (const name of ['music', 'out']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'music', 'rare.txt'), TEXT)
  bootstrap = await BootstrapProcess.start()
})

afterAll(async () => {
  await bootstrap.dispose()
  await rm(folder, { recursive: true, force: true })
})

function servent(data: string, ...args: string[]): Run {
  return runProgram(bootstrap.url, join(folder, data), args)
}

async function stop(run: Run): Promise<void> {
  run.child.kill('SIGINT')
  expect(await run.end).toBe(0)
}

/** Eight processes, one after the other, on a machine that may have other work. */
const LIMIT_MS = 240_000

describe('servent keep', () => {
  it(
    'goes on with what it had begun when it was killed, serves it when its owner has gone, until it is told to drop it',
    async () => {
      const sharing = servent('owner', 'share', join(folder, 'music'), '--json')
      const { link, cid } = JSON.parse(await sharing.line(/"event":"shared"/))
      const killed = servent('keeper', 'keep', link)
      await killed.line(/^rare\.txt \d+ %/)
      killed.child.kill('SIGKILL')
      await killed.end

      // Nobody has to say again what was begun.
      const keeping = servent('keeper', 'keep', '--json')
      expect(JSON.parse(await keeping.line(/"event":"kept"/))).toMatchObject({
        cid,
        name: 'rare.txt',
        size: TEXT.length,
      })
      await stop(sharing)
      expect(await servent('getter', 'get', link, '--out', join(folder, 'out')).end).toBe(0)
      expect(await readFile(join(folder, 'out', 'rare.txt'), 'utf8')).toBe(TEXT)
      await keeping.line(/"event":"upload"/)
      await stop(keeping)

      const list = servent('keeper', 'keep', '--list', '--json')
      expect(await list.end).toBe(0)
      expect(list.said.map((line) => JSON.parse(line))).toMatchObject([{ event: 'kept', cid, name: 'rare.txt' }])
      expect(await servent('keeper', 'keep', '--drop', cid).end).toBe(0)
      const none = servent('keeper', 'keep', '--drop', cid)
      expect(await none.end).toBe(1)
      expect(none.said).toEqual([`${cid} is not kept.`])
    },
    LIMIT_MS
  )
})
