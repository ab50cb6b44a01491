import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandError } from '../src/errors.ts'
import { takeKeySlot } from '../src/key-slot.ts'

/** Above what Linux gives out: nobody's. */
const PID_OF_NOBODY = 2 ** 22 + 1

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'servent-key-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe('key slots', () => {
  it('give the same key each time, readable by its owner alone', async () => {
    const first = await takeKeySlot(folder)
    await first.release()
    const again = await takeKeySlot(folder)
    expect(again.privateKey).toEqual(await readFile(join(folder, 'key-0')))
    expect(Buffer.from(again.privateKey).equals(Buffer.from(first.privateKey))).toBe(true)
    expect((await stat(join(folder, 'key-0'))).mode & 0o777).toBe(0o600)
    await again.release()
  })

  it('give two holders at once two keys', async () => {
    const [one, two] = [await takeKeySlot(folder), await takeKeySlot(folder)]
    expect(Buffer.from(one.privateKey).equals(Buffer.from(two.privateKey))).toBe(false)
    await one.release()
    const three = await takeKeySlot(folder)
    expect(Buffer.from(three.privateKey).equals(Buffer.from(one.privateKey))).toBe(true)
    await Promise.all([two.release(), three.release()])
    expect((await readdir(folder)).sort()).toEqual(['key-0', 'key-1'])
  })

  it('are free again when their holder has gone without a word', async () => {
    await writeFile(join(folder, 'key-0.lock'), String(PID_OF_NOBODY))
    const slot = await takeKeySlot(folder)
    expect(await readFile(join(folder, 'key-0.lock'), 'utf8')).toBe(String(process.pid))
    await slot.release()
  })

  it('say in a sentence when they cannot be kept', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await expect(takeKeySlot(join(file, 'below'))).rejects.toThrow(CommandError)
    await expect(takeKeySlot(join(file, 'below'))).rejects.toThrow('Name another folder with --data.')
  })
})
