import { execFile } from 'node:child_process'
import { appendFile, chmod, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  CHUNK_BYTES,
  ContentUnreadableError,
  download,
  identify,
  memoryContent,
  SinkFailedError,
} from '../src/index.ts'
import { fileContent, fileSink, fileSinkIn, folderContents } from '../src/node.ts'
import { asNobody } from './as-nobody.ts'
import { patterned } from './bytes.ts'
import { startPair } from './nodes.ts'
import { serve } from './shared.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What is downloaded, where it does not matter what. */
const FILE = await identify(memoryContent('a', patterned(10)))

describe('a file that is shared', () => {
  it('is read where it is, part by part', async () => {
    const path = join(await temporaryFolder(), 'a.bin')
    const bytes = patterned(1_000)
    await writeFile(path, bytes)
    const content = await fileContent(path)
    expect([content.name, content.size]).toEqual(['a.bin', 1_000])
    expect(new Uint8Array(await content.read(10, 20))).toEqual(bytes.slice(10, 20))
  })

  it.each<[string, (path: string) => Promise<void>]>([
    ['has grown', (path) => appendFile(path, 'x')],
    ['has other bytes', (path) => writeFile(path, patterned(1_000, 3))],
    ['was touched', (path) => utimes(path, 1, 1)],
    ['was emptied', (path) => writeFile(path, '')],
    ['is gone', (path) => rm(path)],
  ])('gives no bytes once it %s', async (_, change) => {
    const path = join(await temporaryFolder(), 'a.bin')
    await writeFile(path, patterned(1_000))
    await utimes(path, 1_000_000, 1_000_000)
    const content = await fileContent(path)
    await change(path)
    await expect(content.read(0, 10)).rejects.toThrow(ContentUnreadableError)
  })

  it('must be there, and be a file', async () => {
    const path = await temporaryFolder()
    await expect(fileContent(join(path, 'none'))).rejects.toThrow('none cannot be read: it is no longer there')
    await expect(fileContent(path)).rejects.toThrow(/is not a file/)
  })
})

describe('a folder that is shared', () => {
  it('gives its files and those below it, in order, but no hidden ones', async () => {
    const root = await temporaryFolder()
    await mkdir(join(root, 'b'))
    await mkdir(join(root, '.git'))
    for (const name of ['c.txt', 'a.txt', '.hidden', 'b/a.txt', '.git/config']) await writeFile(join(root, name), name)
    const { contents, problems } = await folderContents(root)
    const texts = await Promise.all(contents.map(async ({ size, read }) => Buffer.from(await read(0, size)).toString()))
    expect(texts).toEqual(['a.txt', 'b/a.txt', 'c.txt'])
    expect(problems).toEqual([])
  })

  it('does not follow links out of it, and says so; follows those inside, and no circles', async () => {
    const outside = await temporaryFolder()
    const root = await temporaryFolder()
    await writeFile(join(outside, 'secret'), 'x')
    await mkdir(join(root, 'sub'))
    await writeFile(join(root, 'sub', 'real'), 'x')
    await symlink(join(outside, 'secret'), join(root, 'link-to-file'))
    await symlink(outside, join(root, 'link-to-folder'))
    await symlink(root, join(root, 'sub', 'circle'))
    await symlink(join(root, 'sub', 'real'), join(root, 'inside'))
    await symlink(join(root, 'nowhere'), join(root, 'dangling'))
    const { contents, problems } = await folderContents(root)
    expect(contents.map(({ name }) => name)).toEqual(['inside', 'real'])
    expect(problems.map(({ path }) => path)).toEqual(['dangling', 'link-to-file', 'link-to-folder'])
    expect(problems[1]?.reason).toBe('It is a link that leads out of the folder.')
  })

  it('must be there', async () => {
    await expect(folderContents(join(await temporaryFolder(), 'none'))).rejects.toThrow(ContentUnreadableError)
  })

  it('names the files that may not be read', async () => {
    const root = await temporaryFolder()
    await chmod(root, 0o755)
    await writeFile(join(root, 'locked'), 'x')
    await chmod(join(root, 'locked'), 0)
    await asNobody(async () => {
      expect((await folderContents(root)).problems).toEqual([
        { path: 'locked', reason: 'locked cannot be read: there is no permission' },
      ])
    })
  })
})

describe('a download to disk', () => {
  it('is under its name only when it is whole', async () => {
    const root = await temporaryFolder()
    const sink = await fileSink(join(root, 'a.bin'), FILE)
    await sink.write(5, patterned(5))
    expect((await readdir(root)).sort()).toEqual(['a.bin.part', 'a.bin.part.chunks'])
    await sink.write(0, new Uint8Array(5))
    await sink.close()
    expect(await readdir(root)).toEqual(['a.bin'])
    expect(sink.path).toBe(join(root, 'a.bin'))
    expect(new Uint8Array(await readFile(sink.path))).toEqual(Uint8Array.of(0, 0, 0, 0, 0, ...patterned(5)))
  })

  it('leaves nothing when it ends early', async () => {
    const root = await temporaryFolder()
    const sink = await fileSink(join(root, 'a.bin'), FILE)
    await sink.write(0, patterned(5))
    await sink.abort()
    expect(await readdir(root)).toEqual([])
  })

  it('never overwrites: not what was there, nor what came meanwhile, nor another download', async () => {
    const root = await temporaryFolder()
    await writeFile(join(root, 'a.tar.gz'), 'old')
    const [first, second] = [await fileSink(join(root, 'a.tar.gz'), FILE), await fileSink(join(root, 'a.tar.gz'), FILE)]
    await writeFile(join(root, 'a.tar (2).gz'), 'came meanwhile')
    await first.close()
    await second.close()
    expect((await readdir(root)).sort()).toEqual(['a.tar (2).gz', 'a.tar (3).gz', 'a.tar (4).gz', 'a.tar.gz'])
    expect(await readFile(join(root, 'a.tar.gz'), 'utf8')).toBe('old')
  })

  it('keeps the folders of its name, below the one that was given', async () => {
    const root = await temporaryFolder()
    const sink = await fileSinkIn(root, '../Album/CD 1\\a.bin', FILE)
    await sink.write(0, patterned(10))
    await sink.close()
    expect(sink.path).toBe(join(root, 'Album', 'CD 1', 'a.bin'))
    expect((await readFile(sink.path)).length).toBe(10)
    await expect(fileSinkIn(join(root, 'none'), 'b/a.bin', FILE)).rejects.toThrow(/^The folder .* is not there\.$/)
  })

  it('says in words that the folder is not there', async () => {
    const path = join(await temporaryFolder(), 'none', 'a.bin')
    await expect(fileSink(path, FILE)).rejects.toThrow(SinkFailedError)
    await expect(fileSink(path, FILE)).rejects.toThrow(/^The folder .* is not there\.$/)
  })

  it('says that there is no space', async () => {
    const root = await temporaryFolder()
    const script = join(import.meta.dirname, 'write-too-much.ts')
    // The shell lets no file grow over 64 KiB, as a full disk would.
    const command = `ulimit -f 64; exec "${process.execPath}" --conditions=source "${script}" "${join(root, 'a.bin')}"`
    const { stdout } = await promisify(execFile)('bash', ['-c', command])
    expect(stdout).toBe(`SinkFullError: There is not enough space in ${root} for a.bin.\n`)
    expect(await readdir(root)).toEqual([])
  })

  it('says that there is no permission', async () => {
    const root = await temporaryFolder()
    await chmod(root, 0o555)
    await asNobody(() =>
      expect(fileSink(join(root, 'a.bin'), FILE)).rejects.toThrow(`There is no permission to write to ${root}.`)
    )
  })

  it('brings a shared file from disk to disk', async () => {
    const root = await temporaryFolder()
    const path = join(root, 'shared.bin')
    const size = 3 * CHUNK_BYTES + 1
    await writeFile(path, patterned(size))
    const content = await fileContent(path)
    const [client, node] = await startPair('tcp')
    const { identity } = await serve(node, size, {}, content)
    expect((await identify(content)).cid.toString()).toBe(identity.cid.toString())
    const sink = await fileSink(path, identity)
    await download(client, { cid: identity.cid, size, sources: [node.peerId], sink })
    expect(sink.path).toBe(join(root, 'shared (2).bin'))
    expect(Buffer.compare(await readFile(sink.path), await readFile(path))).toBe(0)
  })
})
