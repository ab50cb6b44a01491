import { appendFile, chmod, mkdir, open, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { watchFolder } from '../src/contents/folder-watch.ts'
import { ContentUnreadableError } from '../src/errors.ts'
import type { Content } from '../src/types.ts'
import { asNobody } from './as-nobody.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What was told of a folder, in words, and a wait for what is to be told. */
class Told {
  readonly lines: string[] = []
  readonly contents = new Map<string, Content>()
  #onLine: (() => void) | undefined

  readonly listener = {
    onAdded: (path: string, content: Content) => this.#add(`+ ${path}`, path, content),
    onChanged: (path: string, content: Content) => this.#add(`~ ${path}`, path, content),
    onRemoved: (path: string) => this.#add(`- ${path}`),
    onProblem: ({ path, reason }: { path: string; reason: string }) => this.#add(`! ${path}: ${reason}`),
  }

  /** Resolves when so many lines were told, with those since the last time, in the order of their paths. */
  async next(count: number): Promise<string[]> {
    while (this.lines.length < count) await this.oneMore()
    return this.lines.splice(0).sort()
  }

  oneMore(): Promise<void> {
    return new Promise((resolve) => (this.#onLine = resolve))
  }

  async text(path: string): Promise<string> {
    const content = this.contents.get(path)
    return Buffer.from((await content?.read(0, content.size)) ?? '').toString()
  }

  #add(line: string, path?: string, content?: Content): void {
    this.lines.push(line)
    if (path !== undefined && content !== undefined) this.contents.set(path, content)
    this.#onLine?.()
  }
}

async function watched(root: string): Promise<Told> {
  const told = new Told()
  const watch = await watchFolder(root, told.listener)
  onTestFinished(() => watch.stop())
  return told
}

/** Puts a file that has not been touched for long, in one step. */
async function put(path: string, text = 'x'): Promise<void> {
  const beside = join(await temporaryFolder(), 'beside')
  await writeFile(beside, text)
  await utimes(beside, 1_000_000, 1_000_000)
  await rename(beside, path)
}

describe('a folder that is watched', () => {
  it('tells at once what is there, and of what is added, changed and removed afterwards', async () => {
    const root = await temporaryFolder()
    await mkdir(join(root, 'sub'))
    for (const name of ['a', 'b', 'sub/c', '.hidden']) await put(join(root, name))
    const told = await watched(root)
    expect(told.lines.splice(0)).toEqual(['+ a', '+ b', '+ sub/c'])

    await put(join(root, 'sub', 'new'))
    expect(await told.next(1)).toEqual(['+ sub/new'])
    await appendFile(join(root, 'a'), 'y')
    expect(await told.next(1)).toEqual(['~ a'])
    expect(await told.text('a')).toBe('xy')
    await rm(join(root, 'b'))
    expect(await told.next(1)).toEqual(['- b'])
    await rename(join(root, 'sub', 'c'), join(root, 'moved'))
    expect(await told.next(2)).toEqual(['+ moved', '- sub/c'])
  })

  it('tells of folders that come, go and are moved, with all that is in them', async () => {
    const root = await temporaryFolder()
    const outside = await temporaryFolder()
    const told = await watched(root)
    await mkdir(join(root, 'a', 'b'), { recursive: true })
    await put(join(root, 'a', 'b', 'deep'))
    expect(await told.next(1)).toEqual(['+ a/b/deep'])
    await put(join(root, 'a', 'b', 'later'))
    expect(await told.next(1)).toEqual(['+ a/b/later'])

    await rename(join(root, 'a'), join(root, 'z'))
    expect(await told.next(4)).toEqual(['+ z/b/deep', '+ z/b/later', '- a/b/deep', '- a/b/later'])
    await rename(join(root, 'z'), join(outside, 'z'))
    expect(await told.next(2)).toEqual(['- z/b/deep', '- z/b/later'])

    // Another folder in the place of the first is looked at anew.
    await mkdir(join(root, 'z', 'b'), { recursive: true })
    await put(join(root, 'z', 'b', 'other'))
    expect(await told.next(1)).toEqual(['+ z/b/other'])
  })

  it('waits until a file is whole', async () => {
    const root = await temporaryFolder()
    const told = await watched(root)
    const file = await open(join(root, 'long'), 'w')
    const tick = put(join(root, 'tick'))
    let lastWriteMs = 0
    let size = 0
    // For as long as it takes to be told of a file that is whole.
    while (!told.lines.includes('+ tick')) {
      lastWriteMs = performance.now()
      size += (await file.write('part of it, ')).bytesWritten
    }
    await Promise.all([tick, file.close()])
    // Where the writing stood still for long, it seemed whole in between, and is told again.
    while (told.contents.get('long')?.size !== size) await told.oneMore()
    expect(performance.now() - lastWriteMs).toBeGreaterThan(500)
  })

  it('names links that lead out of it and what cannot be read, once', async () => {
    const root = await temporaryFolder()
    const outside = await temporaryFolder()
    await chmod(root, 0o777)
    await put(join(outside, 'secret'))
    await put(join(root, 'locked'))
    await put(join(root, 'real'))
    await chmod(join(root, 'locked'), 0)
    await symlink(outside, join(root, 'out'))
    await symlink(join(root, 'real'), join(root, 'in'))
    await asNobody(async () => {
      const told = await watched(root)
      expect(told.lines.splice(0).sort()).toEqual([
        '! locked: locked cannot be read: there is no permission',
        '! out: It is a link that leads out of the folder.',
        '+ in',
        '+ real',
      ])
      await put(join(root, 'more'))
      expect(await told.next(1)).toEqual(['+ more'])
    })
  })

  it('must be there at first; when it goes, all that was in it goes too', async () => {
    const root = join(await temporaryFolder(), 'root')
    await expect(watchFolder(root, new Told().listener)).rejects.toThrow(ContentUnreadableError)
    await mkdir(root)
    await put(join(root, 'a'))
    const told = await watched(root)
    expect(told.lines.splice(0)).toEqual(['+ a'])
    await rm(root, { recursive: true })
    expect(await told.next(2)).toEqual([expect.stringContaining('! : The folder cannot be read'), '- a'])
  })

  it('tells nothing more once it is stopped', async () => {
    const root = await temporaryFolder()
    const told = new Told()
    const watch = await watchFolder(root, told.listener)
    const other = await watched(root)
    watch.stop()
    await put(join(root, 'a'))
    expect(await other.next(1)).toEqual(['+ a'])
    expect(told.lines).toEqual([])
  })
})
