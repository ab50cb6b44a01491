// Keeping files for others, as a person does it: real processes, a real bootstrap node, real files.
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
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

describe('servent keep', () => {
  it('keeps a file that its owner has stopped sharing, though it is killed amid it and after, until it is told to drop it', async () => {
    const sharing = servent('owner', 'share', join(folder, 'music'), '--json')
    const { link, cid } = JSON.parse(await sharing.line(/"event":"shared"/))

    const small = servent('small', 'keep', link, '--budget', '1MB')
    expect(await small.end).toBe(1)
    expect(small.said.at(-1)).toBe('rare.txt is larger than all that may be kept here.')

    const killed = servent('keeper', 'keep', link)
    await killed.line(/^rare\.txt \d+ %/)
    killed.child.kill('SIGKILL')
    await killed.end
    const begun = servent('keeper', 'keep', '--list', '--json')
    expect(await begun.end).toBe(0)
    expect(begun.said.map((line) => JSON.parse(line))).toMatchObject([{ cid, name: 'rare.txt', size: TEXT.length }])

    // Nobody has to say again what was begun.
    const first = servent('keeper', 'keep', '--json')
    expect(JSON.parse(await first.line(/"event":"kept"/))).toMatchObject({ cid, name: 'rare.txt', size: TEXT.length })
    await stop(sharing)
    // Two keepers never write to one folder.
    const second = servent('keeper', 'keep')
    expect(await second.end).toBe(1)
    expect(second.said.at(-1)).toMatch(/^Another program keeps files in /)
    first.child.kill('SIGKILL')
    await first.end

    const { mtimeMs } = await stat(join(folder, 'keeper', 'kept', 'files', cid))
    const again = servent('keeper', 'keep', '--json')
    await again.line(/"event":"kept"/)
    await again.line(/Keeping 1 file/)
    expect(await servent('getter', 'get', link, '--out', join(folder, 'out')).end).toBe(0)
    expect(await readFile(join(folder, 'out', 'rare.txt'), 'utf8')).toBe(TEXT)
    await again.line(/"event":"upload"/)
    await stop(again)
    // It is the file that was fetched before.
    expect((await stat(join(folder, 'keeper', 'kept', 'files', cid))).mtimeMs).toBe(mtimeMs)

    const list = servent('keeper', 'keep', '--list', '--json')
    expect(await list.end).toBe(0)
    expect(list.said.map((line) => JSON.parse(line))).toMatchObject([{ event: 'kept', cid, name: 'rare.txt' }])
    expect(await servent('keeper', 'keep', '--drop', cid).end).toBe(0)
    const none = servent('keeper', 'keep', '--drop', cid)
    expect(await none.end).toBe(1)
    expect(none.said).toEqual([`${cid} is not kept.`])
  })
})
