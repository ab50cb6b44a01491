import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identify, memoryContent } from '@servent/transfer'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseBytes } from '../src/keeper/budget.ts'
import { KeeperError } from '../src/keeper/keeper-error.ts'
import { KeptStore, type KeptTarget } from '../src/keeper/kept-store.ts'

const BUDGET = 1_000

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'servent-kept-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** A store, and what it told. */
async function open(folder: string, budgetBytes = BUDGET) {
  const evicted: string[] = []
  const problems: string[] = []
  const store = await KeptStore.open(folder, {
    budgetBytes,
    onEvict: ({ name }) => void evicted.push(name),
    onProblem: (sentence) => void problems.push(sentence),
  })
  return { store, evicted, problems }
}

async function target(name: string, size: number): Promise<KeptTarget> {
  const { cid } = await identify(memoryContent(name, Buffer.from(name.padEnd(size))))
  return { cid: cid.toString(), name, size }
}

/** Has the store keep a whole file. */
async function keep(store: KeptStore, name: string, size: number): Promise<KeptTarget> {
  const file = await target(name, size)
  await store.reserve(file, true)
  await writeFile(store.pathOf(file.cid), name.padEnd(size))
  await store.setWhole(file.cid, true)
  store.release(file.cid)
  return file
}

async function reasonOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof KeeperError ? error.reason : error)
  )
}

describe('what a keeper has on disk', () => {
  it('never adds up to more than the budget: what was used the longest ago goes before the next is begun', async () => {
    const folder = await temporaryFolder()
    const { store, evicted } = await open(folder)
    const first = await keep(store, 'a', 300)
    for (const name of ['b', 'c']) await keep(store, name, 300)
    store.use(first.cid)
    await keep(store, 'd', 600)
    expect(evicted).toEqual(['b', 'c'])
    expect(store.files.map(({ name }) => name)).toEqual(['d', 'a'])
    expect(store.usedBytes).toBe(900)
    expect(await readdir(join(folder, 'files'))).toHaveLength(2)
    await store.close()
  })

  it('is refused when it is larger than the budget, or there is no room; and nothing is given up for it', async () => {
    const { store, evicted } = await open(await temporaryFolder())
    await keep(store, 'a', 600)
    expect(await reasonOf(store.reserve(await target('huge', 1_001), true))).toBe('too-large')
    expect(await reasonOf(store.reserve(await target('b', 600), false))).toBe('no-room')
    const held = await target('held', 300)
    await store.reserve(held, true)
    expect(await reasonOf(store.reserve(await target('c', 800), true))).toBe('no-room')
    store.release(held.cid)
    expect(evicted).toEqual([])
    expect(await reasonOf(store.reserve(await target('c', 800), true))).toBe('done')
    expect(store.usedBytes).toBe(800)
    await store.close()
  })

  it('does not count on the same room twice', async () => {
    const { store } = await open(await temporaryFolder())
    const wanted = await Promise.all(['a', 'b', 'c'].map((name) => target(name, 400)))
    const results = await Promise.all(wanted.map((file) => reasonOf(store.reserve(file, true))))
    expect(results).toEqual(['done', 'done', 'no-room'])
    expect(store.usedBytes).toBe(800)
    await store.close()
  })

  it('is there again after a restart: what is whole, and what was begun', async () => {
    const folder = await temporaryFolder()
    const { store } = await open(folder)
    const whole = await keep(store, 'whole', 100)
    const begun = await target('begun', 200)
    await store.reserve(begun, true)
    await writeFile(`${store.pathOf(begun.cid)}.part`, 'some of it')
    await store.close()
    const again = await open(folder)
    expect(again.store.get(whole.cid)).toMatchObject({ ...whole, isWhole: true })
    expect(again.store.get(begun.cid)).toMatchObject({ ...begun, isWhole: false })
    expect(await readFile(`${store.pathOf(begun.cid)}.part`, 'utf8')).toBe('some of it')
    expect(await KeptStore.list(folder)).toEqual(again.store.files)
    await again.store.close()

    const smaller = await open(folder, 150)
    expect([smaller.evicted, smaller.store.usedBytes <= 150]).toEqual([['begun'], true])
    await smaller.store.close()
  })

  it('is put right after a crash at any moment, and nothing else in the folder is touched', async () => {
    const folder = await temporaryFolder()
    const { store } = await open(folder)
    const [whole, cut] = [await keep(store, 'whole', 100), await keep(store, 'cut', 100)]
    await store.close()
    const nobodys = await target('nobody knows it', 50)
    await writeFile(store.pathOf(cut.cid), '')
    await writeFile(store.pathOf(nobodys.cid), 'x'.repeat(50))
    await writeFile(`${store.pathOf(nobodys.cid)}.part`, 'x')
    await mkdir(join(folder, 'files', 'mine'))
    const again = await open(folder)
    expect(again.store.files.map(({ name, isWhole }) => [name, isWhole]).sort()).toEqual([
      ['cut', false],
      ['whole', true],
    ])
    expect((await readdir(join(folder, 'files'))).sort()).toEqual([whole.cid, 'mine'].sort())
    await again.store.close()
  })

  it('keeps its files when its list is damaged, under the names that are left', async () => {
    const folder = await temporaryFolder()
    const { store } = await open(folder)
    const { cid } = await keep(store, 'a', 100)
    await store.close()
    for (const damage of ['', '{', '{"version":2}', '{"version":1,"files":[{"cid":"../../x","name":"x","size":1}]}']) {
      await writeFile(join(folder, 'kept.json'), damage)
      const again = await open(folder)
      expect(again.problems).toHaveLength(1)
      expect(again.store.files).toMatchObject([{ cid, name: cid, size: 100, isWhole: true }])
      await again.store.close()
    }
  })

  it('belongs to one keeper at a time', async () => {
    const folder = await temporaryFolder()
    const { store } = await open(folder)
    expect(await reasonOf(open(folder))).toBe('in-use')
    await store.close()
    const again = await open(folder)
    expect(await reasonOf(KeptStore.list(folder))).toBe('done')
    await again.store.close()
    await writeFile(join(folder, 'file'), '')
    expect(await reasonOf(open(join(folder, 'file')))).toBe('unusable')
  })
})

describe('a budget', () => {
  it.each([
    ['1', 1],
    ['1k', 1_000],
    ['2 kB', 2_000],
    ['3MiB', 3_145_728],
    ['0.5TB', 500_000_000_000],
    ['1e3', undefined],
    ['-1', undefined],
    ['', undefined],
    ['GB', undefined],
    ['99999999TB', undefined],
  ])('is understood when it is written %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })
})
