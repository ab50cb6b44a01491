import { MemorySink, memoryContent } from '@servent/transfer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FolderPlace, LinkTarget, Servent } from '../src/types.ts'
import { isNeighborOf, Network, until } from './network.ts'

const FILES = [
  { path: 'a/one.txt', bytes: Uint8Array.of(1) },
  { path: 'a/b/two.bin', bytes: Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * 31) >> 3) },
  { path: 'three', bytes: new Uint8Array(0) },
]

let network: Network
beforeEach(() => {
  network = new Network()
})
afterEach(() => network.stop())

describe('a folder', () => {
  it('is listed and fetched from a neighbor by its link alone', async () => {
    const sharer = await network.startBootstrap()
    const { cid, size, fileCount } = await sharer.shareFolder('Things', await shareAll(sharer))
    expect(fileCount).toBe(FILES.length)
    const peer = await network.peer()
    await until(peer, () => isNeighborOf(peer, sharer))
    const listing = await peer.list(named(cid), { signal: AbortSignal.timeout(60_000) })
    expect(listing).toMatchObject({ cid, name: 'Things', size })
    expect(listing.files.map(({ path }) => path).sort()).toEqual(FILES.map(({ path }) => path).sort())
    for (const file of listing.files) {
      const sink = new MemorySink(file.size)
      await peer.download(file, sink)
      expect(sink.bytes).toEqual(FILES.find(({ path }) => path === file.path)?.bytes)
    }
    sharer.unshareFolder(cid)
    await expect(peer.list(named(cid), { waitMs: 100 })).rejects.toMatchObject({ reason: 'not-found' })
  })

  it('is told from a file', async () => {
    const sharer = await network.startBootstrap()
    const places = await shareAll(sharer)
    const peer = await network.peer()
    await until(peer, () => isNeighborOf(peer, sharer))
    for (const { cid } of places.slice(0, 2)) {
      await expect(peer.list(named(cid))).rejects.toMatchObject({ reason: 'not-a-folder' })
    }
  })

  it('is found where no neighbor has it', async () => {
    const options = { lookups: ['pastry'], listen: ['/ip4/127.0.0.1/tcp/0/ws'] } as const
    const middle = await network.startBootstrap()
    const sharer = await network.peer(options)
    await until(sharer, () => isNeighborOf(sharer, middle))
    const { cid } = await sharer.shareFolder('Things', await shareAll(sharer))
    const peer = await network.peer(options)
    await until(peer, () => isNeighborOf(peer, middle))
    for (;;) {
      // What was shared a moment ago takes another to be known.
      const listing = await peer.list(named(cid)).catch(() => undefined)
      if (listing !== undefined) return expect(listing.files.length).toBe(FILES.length)
    }
  })
})

function named(cid: string): LinkTarget {
  return { cid, name: 'Things', size: undefined }
}

async function shareAll(peer: Servent): Promise<FolderPlace[]> {
  const places: FolderPlace[] = []
  for (const { path, bytes } of FILES) {
    const { cid } = await peer.share(memoryContent(path.slice(path.lastIndexOf('/') + 1), bytes))
    places.push({ path, cid })
  }
  return places
}
