import { appendFile, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileContent } from '../src/contents/file-content.ts'
import { memoryContent } from '../src/contents/memory-content.ts'
import { type Identity, identify } from '../src/identify.ts'
import { IdentityCache } from '../src/identities/identity-cache.ts'
import { patterned } from './bytes.ts'
import { temporaryFolder } from './temporary-folder.ts'

const STATE = { size: 100, mtimeMs: 1_700_000_000_000.25, ino: 42 }

async function identityOf(seed: number): Promise<Identity> {
  return identify(memoryContent('file', patterned(STATE.size, seed)))
}

/** A cache over the file at `path`, and what it told. */
async function open(path: string, bytesMax?: number) {
  const problems: string[] = []
  const options = { onProblem: (sentence: string) => void problems.push(sentence) }
  return {
    problems,
    cache: await IdentityCache.open(path, bytesMax === undefined ? options : { ...options, bytesMax }),
  }
}

describe('what files were named', () => {
  it('is remembered over a restart while size, time of change and inode stay', async () => {
    const path = join(await temporaryFolder(), 'data', 'identities')
    const identity = await identityOf(1)
    await (await open(path)).cache.put('/a', STATE, identity)
    const { cache, problems } = await open(path)
    expect(await cache.get('/a', STATE)).toEqual(identity)
    for (const changed of [{ size: 101 }, { mtimeMs: 1_700_000_000_000.5 }, { ino: 43 }]) {
      expect(await cache.get('/a', { ...STATE, ...changed })).toBeUndefined()
    }
    expect(await cache.get('/b', STATE)).toBeUndefined()
    expect(problems).toEqual([])
  })

  it('keeps a file from being hashed twice, and a changed one from passing for what it was', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'a.bin')
    await writeFile(path, 'abc')
    await utimes(path, 1_000, 1_000)
    const { cache } = await open(join(folder, 'identities'))
    const name = async (): Promise<[string, number]> => {
      let steps = 0
      const options = { onProgress: () => void steps++ }
      const { cid } = await identify(await fileContent(path, { identities: cache }), options)
      return [cid.toString(), steps]
    }
    const [first, steps] = await name()
    expect(steps).toBeGreaterThan(0)
    expect(await name()).toEqual([first, 0])
    await writeFile(path, 'xyz')
    const [other] = await name()
    expect(other).not.toBe(first)
  })

  it('is believed no further than to where it is damaged or cut off, which is told', async () => {
    const path = join(await temporaryFolder(), 'identities')
    const { cache } = await open(path)
    for (const seed of [1, 2, 3]) await cache.put(`/${seed}`, STATE, await identityOf(seed))
    const whole = await readFile(path)
    const entryBytes = whole.length / 3
    for (let at = 0; at < entryBytes; at += 5) {
      const damaged = Buffer.from(whole)
      damaged[entryBytes + at] = (damaged[entryBytes + at] ?? 0) ^ 1
      await writeFile(path, damaged)
      const found = await open(path)
      expect(found.problems).toEqual([`What was kept in ${path} is damaged: some files are hashed again.`])
      expect([await found.cache.get('/1', STATE), await found.cache.get('/3', STATE)]).toEqual([
        await identityOf(1),
        undefined,
      ])
    }
    await writeFile(path, whole)
    await truncate(path, whole.length - 1)
    const cut = await open(path)
    expect([await cut.cache.get('/2', STATE), await cut.cache.get('/3', STATE)]).toEqual([
      await identityOf(2),
      undefined,
    ])
    // What is added after a damage is found again.
    await cut.cache.put('/3', STATE, await identityOf(3))
    expect(await (await open(path)).cache.get('/3', STATE)).toEqual(await identityOf(3))
  })

  it('forgets first what was asked for the longest ago, and leaves nothing beside its file', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'identities')
    const { cache } = await open(path, 3 * 161)
    const identity = await identityOf(1)
    for (const name of ['/a', '/b', '/c']) await cache.put(name, STATE, identity)
    await cache.get('/a', STATE)
    await cache.put('/d', STATE, identity)
    const kept = await Promise.all(['/a', '/b', '/c', '/d'].map((name) => cache.get(name, STATE)))
    expect(kept.map((found) => found !== undefined)).toEqual([true, false, true, true])
    expect(await readdir(folder)).toEqual(['identities'])
  })

  it('stays small however often a file changes', async () => {
    const path = join(await temporaryFolder(), 'identities')
    const identity = await identify(memoryContent('big', new Uint8Array(2 ** 24)))
    const { cache } = await open(path)
    for (let time = 0; time < 2_000; time++) await cache.put('/a', { ...STATE, size: 2 ** 24, mtimeMs: time }, identity)
    expect((await readFile(path)).length).toBeLessThan(1_100_000)
    const again = (await open(path)).cache
    expect(await again.get('/a', { ...STATE, size: 2 ** 24, mtimeMs: 1_999 })).toEqual(identity)
  })

  it('says once when it cannot be kept, and keeps nobody from sharing', async () => {
    const folder = await temporaryFolder()
    await appendFile(join(folder, 'file'), 'x')
    const { cache, problems } = await open(join(folder, 'file', 'identities'))
    await cache.put('/a', STATE, await identityOf(1))
    await cache.put('/b', STATE, await identityOf(2))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^The names of files cannot be kept in .*, so they are hashed each time: /)
    expect(await cache.get('/a', STATE)).toEqual(await identityOf(1))
  })
})
