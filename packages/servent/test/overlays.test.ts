import { MemorySink, memoryContent } from '@servent/transfer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Hit, SearchOptions, SearchProgress, Servent } from '../src/types.ts'
import { isNeighborOf, Network, until } from './network.ts'

let network: Network
beforeEach(() => {
  network = new Network()
})
afterEach(() => network.stop())

/** Between two questions, in milliseconds: whoever asks without a pause is taken for a flooder. */
const PAUSE_MS = 300

/** Asks until there are so many contents, and gives the last that is known of each. */
async function findAll(servent: Servent, words: string, count: number, options: SearchOptions = {}): Promise<Hit[]> {
  const found = new Map<string, Hit>()
  // What was shared a moment ago may not have been told yet.
  while (found.size < count) {
    for await (const hit of servent.search(words, { waitMs: 2000, ...options })) found.set(hit.cid, hit)
    if (found.size < count) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return [...found.values()]
}

describe('a central index and Gnutella 0.6, side by side', () => {
  it('answer one search together, and each is told apart', async () => {
    const bootstrap = await network.startBootstrap({ gnutella: '0.6', napster: 'index' })
    const [a, b] = await Promise.all([network.peer({ gnutella: '0.6' }), network.peer({ gnutella: '0.6' })])
    await Promise.all(
      [a, b].map((peer) => until(peer, ({ napster }) => isNeighborOf(peer, bootstrap) && napster.index !== undefined))
    )
    expect(a.searchOverlays).toEqual(['gnutella', 'napster'])
    expect(a.status.gnutella).toEqual({ version: '0.6', role: 'leaf' })
    expect(a.status.napster).toEqual({ role: 'client', index: bootstrap.identity })
    expect(bootstrap.status.gnutella?.role).toBe('ultrapeer')

    const { cid } = await a.share(memoryContent('Harbor lights.txt', new Uint8Array(100)))
    await bootstrap.share(memoryContent('Harbor of the index.txt', new Uint8Array(200)))
    await findAll(b, 'harbor', 2, { overlays: ['napster'] })
    await findAll(b, 'harbor', 2, { overlays: ['gnutella'] })

    let progress: SearchProgress | undefined
    const options = { onProgress: (now: SearchProgress) => (progress = now) }
    let hits: Hit[]
    // On a busy machine a search may end before both have answered.
    do hits = await findAll(b, 'harbor', 2, options)
    while (progress?.overlays.some(({ foundCount }) => foundCount < 2))
    const hit = hits.find((one) => one.cid === cid)
    expect(hit?.sources).toHaveLength(1)
    expect(hit?.sources[0]?.peer).toEqual(a.identity)
    const findings = hit?.sources[0]?.findings.toSorted((one, other) => one.overlay.localeCompare(other.overlay))
    expect(findings).toMatchObject([
      { overlay: 'gnutella', hops: 2 },
      { overlay: 'napster', hops: 1 },
    ])
    expect(progress).toMatchObject({ hitCount: 2, sourceCount: 2 })
    expect(progress?.overlays).toMatchObject([
      {
        overlay: 'gnutella',
        sentCount: 1,
        receivedCount: 2,
        foundCount: 2,
        foundAloneCount: 0,
        hopsMin: 1,
        hopsMax: 2,
      },
      { overlay: 'napster', state: 'done', sentCount: 1, receivedCount: 3, foundCount: 2, hopsMin: 1, hopsMax: 1 },
    ])
  })

  it('an index that has gone says so, and everything that needs no index goes on', async () => {
    const bootstrap = await network.startBootstrap({ gnutella: '0.6', napster: 'index' })
    const listening = { gnutella: '0.6', listen: ['/ip4/127.0.0.1/tcp/0/ws'], acquaintances: 1 } as const
    const [a, b] = [await network.peer(listening), await network.peer(listening)]
    await Promise.all(
      [a, b].map((peer) => until(peer, ({ napster }) => isNeighborOf(peer, bootstrap) && napster.index !== undefined))
    )
    const song = new Uint8Array(3_000_000).map((_, i) => i * 7)
    await a.share(memoryContent('The long song.wav', song))
    const [hit] = await findAll(b, 'long song', 1, { overlays: ['napster'] })
    await until(b, ({ peers }) => peers.some(({ id }) => id === a.identity.id))

    const sink = new MemorySink(song.length)
    let stopping: Promise<void> | undefined
    const onProgress = () => {
      stopping ??= network.stopBootstrap()
    }
    if (hit === undefined) throw new Error('not found')
    await b.download(hit, sink, { onProgress })
    await stopping
    expect(sink.bytes).toEqual(song)

    await until(b, ({ napster }) => napster.index === undefined)
    let progress: SearchProgress | undefined
    for await (const none of b.search('long song', { overlays: ['napster'], onProgress: (now) => (progress = now) })) {
      throw new Error(none.name)
    }
    expect(progress?.overlays).toMatchObject([
      { overlay: 'napster', state: 'failed', problem: 'There is no central index to ask.', sentCount: 0 },
    ])
    expect((await findAll(b, 'long song', 1))[0]?.sources[0]?.peer).toEqual(a.identity)
  })

  it('let one peer be asked for all it shares, whoever it is', async () => {
    const bootstrap = await network.startBootstrap({ gnutella: '0.6' })
    const a = await network.peer({ gnutella: '0.6', listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    const b = await network.peer({ gnutella: '0.6' })
    await Promise.all([a, b].map((peer) => until(peer, () => isNeighborOf(peer, bootstrap))))
    await a.share(memoryContent('One.txt', new Uint8Array(1)))
    await a.share(memoryContent('Two.txt', new Uint8Array(2)))
    // Known by now: by a hit of its own.
    await findAll(b, 'one', 1)
    const names: string[] = []
    for await (const hit of b.browse(a.identity.id, { waitMs: 20_000 })) if (names.push(hit.name) === 2) break
    expect(names.sort()).toEqual(['One.txt', 'Two.txt'])
  })

  it('are asked by name, and one that is off is a mistake of the caller', async () => {
    await network.startBootstrap({ napster: 'off' })
    const peer = await network.peer({ napster: 'off' })
    expect(peer.searchOverlays).toEqual(['gnutella'])
    const searching = peer.search('anything', { overlays: ['napster'] })
    await expect(searching.next()).rejects.toThrow(RangeError)
  })
})

describe('tabs of an ultrapeer that dies', () => {
  it('know each other by then, and search on', async () => {
    const bootstrap = await network.startBootstrap({ gnutella: '0.6' })
    const tabs: Servent[] = []
    for (let i = 0; i < 3; i++) tabs.push(await network.peer({ gnutella: '0.6', acquaintances: 3 }))
    await Promise.all(tabs.map((tab) => until(tab, () => isNeighborOf(tab, bootstrap))))
    await Promise.all(tabs.map((tab) => until(tab, ({ directCount }) => directCount >= 3)))
    for (const tab of tabs) expect(tab.status.gnutella?.role).toBe('leaf')
    const [a, , c] = tabs
    await a?.share(memoryContent('Afterwards.txt', new Uint8Array(10)))
    await network.stopBootstrap()
    if (c === undefined) throw new Error('no tab')
    const [hit] = await findAll(c, 'afterwards', 1)
    expect(hit?.sources[0].peer).toEqual(a?.identity)
    // On a busy machine WebRTC dials stall and are made again, each after seconds.
  }, 180_000)
})
