import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CHUNK_BYTES, MemorySink, memoryContent } from '@servent/transfer'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { Keeper, type KeeperListener } from '../src/keeper/keeper.ts'
import { KeeperError } from '../src/keeper/keeper-error.ts'
import type { Servent, Share } from '../src/types.ts'
import { firstHit, isNeighborOf, Network, until } from './network.ts'

const bytes = Uint8Array.from({ length: CHUNK_BYTES + 9 }, (_, at) => (at * 31) >> 3)

let network: Network
beforeEach(() => {
  network = new Network()
})
afterEach(() => network.stop())

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'servent-keeper-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function startKeeper(folder: string, budgetBytes: number, listener: KeeperListener = {}) {
  const peer = await network.peer({ keeper: true, listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
  const keeper = await Keeper.start(peer, { folder, budgetBytes, listener })
  onTestFinished(() => keeper.stop())
  return { peer, keeper }
}

/** What somebody who finds it gets. */
async function fetched(peer: Servent, words: string): Promise<Uint8Array | undefined> {
  const hit = await firstHit(peer, words)
  const sink = new MemorySink(hit.size)
  await peer.download(hit, sink)
  return sink.bytes
}

describe('a keeper', () => {
  it('serves a file when its first owner has gone, is seen to be a keeper, and serves it again after a restart', async () => {
    const bootstrap = await network.startBootstrap()
    const owner = await network.peer()
    const target = await owner.share(memoryContent('rare record.wav', bytes))
    await until(owner, () => isNeighborOf(owner, bootstrap))
    const folder = await temporaryFolder()
    const { peer, keeper } = await startKeeper(folder, bytes.length)
    await until(peer, () => isNeighborOf(peer, bootstrap))
    expect(await keeper.keep(target)).toMatchObject({ cid: target.cid, size: bytes.length, isWhole: true })
    await owner.stop()

    const asker = await network.peer()
    await until(asker, () => isNeighborOf(asker, bootstrap))
    expect(await fetched(asker, 'rare record')).toEqual(bytes)
    await until(asker, ({ peers }) => peers.some(({ id, isKeeper }) => id === peer.identity.id && isKeeper))
    expect(asker.status.peers.filter(({ isKeeper }) => isKeeper)).toHaveLength(1)
    await keeper.stop()
    await peer.stop()

    const kept: string[] = []
    const again = await startKeeper(folder, bytes.length, { onKept: ({ name }) => void kept.push(name) })
    expect(kept).toEqual(['rare record.wav'])
    await until(again.peer, () => isNeighborOf(again.peer, bootstrap))
    expect(await fetched(bootstrap, 'rare record')).toEqual(bytes)
  })

  it('gives up what was used the longest ago, refuses what is too large, and drops what it is told to', async () => {
    const bootstrap = await network.startBootstrap()
    const shares: Share[] = []
    for (const name of ['first', 'second', 'third']) {
      shares.push(await bootstrap.share(memoryContent(`${name}.txt`, Buffer.from(name.padEnd(100)))))
    }
    const [first, second, third] = shares
    if (first === undefined || second === undefined || third === undefined) throw new Error('three are shared')
    const gone: string[] = []
    const folder = await temporaryFolder()
    const { peer, keeper } = await startKeeper(folder, 250, {
      onRemoved: ({ name }, why) => void gone.push(`${name} ${why}`),
    })
    await until(peer, () => isNeighborOf(peer, bootstrap))
    await keeper.keep(first)
    await keeper.keep(second)
    await keeper.keep(third)
    expect(gone).toEqual(['first.txt evicted'])
    expect(peer.shares.map(({ name }) => name)).toEqual(['second.txt', 'third.txt'])
    expect(await keeper.drop(second.cid)).toBe(true)
    expect(await keeper.drop(second.cid)).toBe(false)
    expect(gone).toEqual(['first.txt evicted', 'second.txt dropped'])
    expect(await readdir(join(folder, 'files'))).toEqual([third.cid])

    const huge = await bootstrap.share(memoryContent('huge.txt', new Uint8Array(251)))
    await expect(keeper.keep(huge)).rejects.toThrow(
      new KeeperError('huge.txt is larger than all that may be kept here.', { reason: 'too-large' })
    )
    expect(keeper.usedBytes).toBe(100)
  })

  it('fetches anew what was changed on its disk, and waits for what nobody has', async () => {
    const bootstrap = await network.startBootstrap()
    const target = await bootstrap.share(memoryContent('song.wav', bytes))
    const folder = await temporaryFolder()
    const first = await startKeeper(folder, 2 * bytes.length)
    await until(first.peer, () => isNeighborOf(first.peer, bootstrap))
    await first.keeper.keep(target)
    await first.keeper.stop()
    await writeFile(join(folder, 'files', target.cid), new Uint8Array(bytes.length))

    const kept = Promise.withResolvers<void>()
    const problems: string[] = []
    const listener = { onKept: () => kept.resolve(), onProblem: (sentence: string) => void problems.push(sentence) }
    await first.peer.stop()
    const again = await startKeeper(folder, 2 * bytes.length, listener)
    expect(problems).toEqual(['song.wav was changed on the disk: it is fetched again.'])
    await until(again.peer, () => isNeighborOf(again.peer, bootstrap))
    await kept.promise
    expect(await fetched(again.peer, 'song')).toEqual(bytes)

    const steps = Promise.withResolvers<string>()
    const waiting = await startKeeper(await temporaryFolder(), 100, {
      onStep: (_, sentence) => steps.resolve(sentence),
    })
    await until(waiting.peer, () => isNeighborOf(waiting.peer, bootstrap))
    const none = waiting.keeper.keep({
      cid: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
      name: 'gone.txt',
      size: 3,
    })
    expect(await steps.promise).toBe('Nobody who is here now has gone.txt. Trying again in 5 seconds.')
    const [end] = await Promise.allSettled([none, waiting.keeper.stop()])
    expect(end).toMatchObject({ status: 'rejected', reason: new Error('The keeper has been stopped') })
  })
})
