import { execFile } from 'node:child_process'
import { appendFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fileContent } from '../src/contents/file-content.ts'
import { CHUNK_BYTES } from '../src/dag/shape.ts'
import { ContentUnreadableError } from '../src/errors.ts'
import { HashThreads } from '../src/hash/hash-threads.ts'
import { identify } from '../src/identify.ts'
import { patterned } from './bytes.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('a file that a thread hashes', () => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 5 * CHUNK_BYTES + 7])(
    'is named as when its %i bytes are in memory',
    async (size) => {
      const path = join(await temporaryFolder(), 'a.bin')
      const bytes = patterned(size)
      await writeFile(path, bytes)
      const done: number[] = []
      const onProgress = ({ doneBytes }: { doneBytes: number }): number => done.push(doneBytes)
      const identity = await identify(await fileContent(path), { onProgress })
      const { name, read } = { name: 'a.bin', read: async (start: number, end: number) => bytes.subarray(start, end) }
      expect(identity).toEqual(await identify({ name, size, read }))
      expect(done.at(-1)).toBe(size)
      expect(done).toEqual(done.toSorted((a, b) => a - b))
    }
  )

  it.each<[string, (path: string) => Promise<void>, string]>([
    ['has changed', (path) => appendFile(path, 'x'), 'a.bin has changed since it was shared'],
    ['is gone', (path) => rm(path), 'a.bin cannot be read: it is no longer there'],
  ])('cannot be read once it %s', async (_, change, sentence) => {
    const path = join(await temporaryFolder(), 'a.bin')
    await writeFile(path, 'abc')
    const content = await fileContent(path)
    await change(path)
    const error = await identify(content).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ContentUnreadableError)
    expect(error).toHaveProperty('message', sentence)
  })

  it('is left in the middle when the caller wants it no more, and others are hashed all the same', async () => {
    const path = join(await temporaryFolder(), 'a.bin')
    await writeFile(path, new Uint8Array(64 * CHUNK_BYTES))
    const content = await fileContent(path)
    const stop = new AbortController()
    let doneBytes = 0
    const onProgress = (progress: { doneBytes: number }): void => {
      doneBytes = progress.doneBytes
      stop.abort(new Error('no more'))
    }
    await expect(identify(content, { signal: stop.signal, onProgress })).rejects.toThrow('no more')
    expect(doneBytes).toBeLessThan(content.size)
    expect((await identify(content)).size).toBe(content.size)
  })

  it('waits until a thread is free', async () => {
    const folder = await temporaryFolder()
    const threads = new HashThreads(1)
    const hashes = Array.from({ length: 5 }, async (_, number) => {
      const path = join(folder, String(number))
      await writeFile(path, String(number))
      const { size, mtimeMs, ino } = await stat(path)
      const request = { path, name: String(number), state: { size, mtimeMs, ino } }
      return threads.hash(request, { onBytes: () => undefined })
    })
    const sha1s = (await Promise.all(hashes)).map(({ sha1 }) => Buffer.from(sha1).toString('hex').slice(0, 8))
    expect(sha1s).toEqual(['b6589fc6', '356a192b', 'da4b9237', '77de68da', '1b645389'])
  })

  it('is hashed without a thread where the process may have none', async () => {
    const path = join(await temporaryFolder(), 'a.bin')
    await writeFile(path, 'abc')
    const script = `
      const { fileContent } = await import(${JSON.stringify(join(import.meta.dirname, '../src/contents/file-content.ts'))})
      const { identify } = await import(${JSON.stringify(join(import.meta.dirname, '../src/identify.ts'))})
      console.log(String((await identify(await fileContent(process.argv[1]))).cid))`
    const flags = [
      '--permission',
      '--allow-fs-read=*',
      '--conditions=source',
      '--input-type=module',
      '-e',
      script,
      path,
    ]
    const { stdout } = await promisify(execFile)(process.execPath, flags)
    expect(stdout.trim()).toBe('bafkreif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu')
  })
})
