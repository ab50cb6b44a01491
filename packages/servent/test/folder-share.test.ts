import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IdentityCache } from '@servent/transfer/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FolderShare } from '../src/disk/folder-share.ts'
import { createServent } from '../src/servent.ts'
import type { Servent } from '../src/types.ts'

/** A folder that is shared, and what was told of it. */
class Followed {
  readonly lines: string[] = []
  readonly progress: string[] = []
  #onLine: (() => void) | undefined

  readonly listener = {
    onShared: (path: string, _: unknown, isChange: boolean) => this.#add(`${isChange ? '~' : '+'} ${path}`),
    onUnshared: (path: string) => this.#add(`- ${path}`),
    onProblem: ({ path, reason }: { path: string; reason: string }) => this.#add(`! ${path}: ${reason}`),
    onProgress: (path: string) => void this.progress.push(path),
  }

  async next(count: number): Promise<string[]> {
    while (this.lines.length < count) await new Promise<void>((resolve) => (this.#onLine = resolve))
    return this.lines.splice(0).sort()
  }

  #add(line: string): void {
    this.lines.push(line)
    this.#onLine?.()
  }
}

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'servent-folder-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function startPeer(): Promise<Servent> {
  const peer = await createServent({ listen: [], lookups: [] })
  onTestFinished(() => peer.stop())
  return peer
}

describe('a folder that is shared', () => {
  it('offers what is there: a content for as long as one file of it is left', async () => {
    const [root, beside] = [await temporaryFolder(), await temporaryFolder()]
    const put = async (name: string, text: string): Promise<void> => {
      await writeFile(join(beside, name), text)
      await rename(join(beside, name), join(root, name))
    }
    await put('a.txt', 'same')
    await put('b.txt', 'same')
    const peer = await startPeer()
    const followed = new Followed()
    const share = await FolderShare.start(peer, root, followed.listener)
    onTestFinished(() => share.stop())
    await share.idle()
    expect(await followed.next(2)).toEqual(['+ a.txt', '+ b.txt'])
    const [first] = peer.shares
    expect(peer.shares).toHaveLength(1)

    await rm(join(root, 'b.txt'))
    expect(await followed.next(1)).toEqual(['- b.txt'])
    await share.idle()
    expect(peer.shares).toEqual([first])

    await put('a.txt', 'other')
    expect(await followed.next(1)).toEqual(['~ a.txt'])
    expect(peer.shares).toMatchObject([{ name: 'a.txt', size: 5 }])
    await rm(join(root, 'a.txt'))
    expect(await followed.next(1)).toEqual(['- a.txt'])
    expect(peer.shares).toEqual([])
  })

  it('is hashed once, however often it is shared', async () => {
    const root = await temporaryFolder()
    await writeFile(join(root, 'a.txt'), 'text')
    const identities = join(await temporaryFolder(), 'identities')
    const hashed: string[][] = []
    for (let time = 0; time < 2; time++) {
      const peer = await startPeer()
      const followed = new Followed()
      const options = { identities: await IdentityCache.open(identities) }
      const share = await FolderShare.start(peer, root, followed.listener, options)
      await share.idle()
      share.stop()
      expect(await followed.next(1)).toEqual(['+ a.txt'])
      hashed.push(followed.progress)
    }
    expect(hashed.map((paths) => paths.length > 0)).toEqual([true, false])
  })
})
