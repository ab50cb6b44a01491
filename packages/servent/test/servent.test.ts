import { MemorySink, memoryContent } from '@servent/transfer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPrivateKey } from '../src/identity.ts'
import type { Store } from '../src/types.ts'
import { firstHit, isNeighborOf, join, Network, until } from './network.ts'

const song = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 31) >> 3)

let network: Network
beforeEach(() => {
  network = new Network()
})
afterEach(() => network.stop())

describe('a peer', () => {
  it('finds what the bootstrap node shares and fetches it byte for byte', async () => {
    const bootstrap = await network.startBootstrap()
    const share = await bootstrap.share(memoryContent('Jazz piano – Größe 1.wav', song))
    const peer = await network.peer()
    await until(peer, () => isNeighborOf(peer, bootstrap))

    const hit = await firstHit(peer, 'GROSSE piano')
    expect(hit).toMatchObject({
      cid: share.cid,
      name: 'Jazz piano – Größe 1.wav',
      size: song.length,
      sources: [{ peer: bootstrap.identity, findings: [{ overlay: 'gnutella', hops: 1 }] }],
    })

    const sink = new MemorySink(hit.size)
    const result = await peer.download(hit, sink)
    expect(sink.bytes).toEqual(song)
    expect(result).toMatchObject({
      cid: share.cid,
      size: song.length,
      sources: [{ peer: bootstrap.identity, verifiedBytes: song.length, path: 'direct', transport: 'websocket' }],
    })
    expect(bootstrap.shares[0]?.uploadCount).toBe(1)
  })

  it('lists what neighbors share when no word is given, and finds by link', async () => {
    const bootstrap = await network.startBootstrap()
    const { cid } = await bootstrap.share(memoryContent('one.txt', new Uint8Array(10)))
    await bootstrap.share(memoryContent('two.txt', new Uint8Array(20)))
    const peer = await network.peer()
    await until(peer, () => isNeighborOf(peer, bootstrap))
    const names: string[] = []
    for await (const hit of peer.search('  ', { waitMs: 20_000 })) if (names.push(hit.name) === 2) break
    expect(names.sort()).toEqual(['one.txt', 'two.txt'])
    for await (const hit of peer.find({ cid, name: 'another name', size: 10 }, { waitMs: 20_000 })) {
      expect(hit.cid).toBe(cid)
      break
    }
  })

  it('stops a search when the signal fires, and after the time is over', async () => {
    const bootstrap = await network.startBootstrap()
    const peer = await network.peer()
    await until(peer, () => isNeighborOf(peer, bootstrap))
    const abort = new AbortController()
    const searching = (async () => {
      for await (const hit of peer.search('nothing here', { signal: abort.signal })) throw new Error(hit.name)
    })()
    abort.abort(new Error('enough'))
    await expect(searching).rejects.toThrow('enough')
    for await (const hit of peer.search('nothing here', { waitMs: 10 })) throw new Error(hit.name)
  })

  it('does not find what is shared no longer', async () => {
    const bootstrap = await network.startBootstrap()
    const { cid } = await bootstrap.share(memoryContent('gone.txt', new Uint8Array(10)))
    const peer = await network.peer()
    await until(peer, () => isNeighborOf(peer, bootstrap))
    const hit = await firstHit(peer, 'gone')
    bootstrap.unshare(cid)
    for await (const late of peer.search('gone', { waitMs: 300 })) throw new Error(late.name)
    await expect(peer.download(hit, new MemorySink(10))).rejects.toMatchObject({
      name: 'DownloadError',
      reason: 'not-found',
    })
  })

  it('keeps its identity by its key', async () => {
    const privateKey = await createPrivateKey()
    const one = await network.peer({ bootstrap: [], privateKey })
    const { identity } = one
    await one.stop()
    expect((await network.peer({ bootstrap: [], privateKey })).identity).toEqual(identity)
    expect((await network.peer({ bootstrap: [] })).identity.id).not.toBe(identity.id)
  })
})

describe('peers that can be reached only by WebRTC', () => {
  it('find and fetch over two hops, and go on when the bootstrap node has died', async () => {
    const bootstrap = await network.startBootstrap()
    const [a, b, c] = await Promise.all([network.peer(), network.peer(), network.peer()])
    await Promise.all(
      [a, b, c].map((peer) => until(peer, () => isNeighborOf(peer, bootstrap) && peer.multiaddrs.length > 0))
    )
    await a.share(memoryContent('The lost chord.wav', song))
    await b.share(memoryContent('The bridge.txt', new Uint8Array(10)))
    // They hear of each other through the bootstrap node: now make a line of them.
    await Promise.all([firstHit(b, 'chord'), firstHit(c, 'bridge')])
    await join(b, a)
    await join(c, b)
    for (const peer of [a, b, c]) peer.unlink(bootstrap.identity.id)
    await Promise.all([a, b, c].map((peer) => until(peer, () => !isNeighborOf(peer, bootstrap))))
    expect(isNeighborOf(a, c)).toBe(false)

    const hit = await firstHit(c, 'lost chord')
    expect(hit.sources).toMatchObject([{ peer: a.identity, findings: [{ hops: 2 }] }])
    await network.stopBootstrap()
    await until(c, ({ peers }) => !peers.some(({ isBootstrap }) => isBootstrap))

    const sink = new MemorySink(hit.size)
    const result = await c.download(await firstHit(c, 'lost chord'), sink)
    expect(sink.bytes).toEqual(song)
    expect(result.sources[0]).toMatchObject({ peer: a.identity, path: 'direct', transport: 'webrtc' })
  })

  it('are told why when WebRTC is off', async () => {
    const bootstrap = await network.startBootstrap()
    const [a, b] = await Promise.all([network.peer(), network.peer({ webrtc: false })])
    await Promise.all(
      [a, b].map((peer) => until(peer, () => isNeighborOf(peer, bootstrap) && peer.multiaddrs.length > 0))
    )
    await a.share(memoryContent('far away.wav', song))
    const hit = await firstHit(b, 'far away')
    expect(hit.sources[0].findings[0].hops).toBe(2)
    const sink = new MemorySink(hit.size)
    await expect(b.download(hit, sink)).rejects.toMatchObject({
      reason: 'unreachable',
      message: /WebRTC, which is blocked or missing here/,
    })
  })
})

describe('peers that no direct way leads to', () => {
  it('send small files through the relay', async () => {
    const bootstrap = await network.startBootstrap()
    const [a, b] = await Promise.all([network.peer({ webrtc: false }), network.peer({ webrtc: false })])
    await Promise.all(
      [a, b].map((peer) => until(peer, () => isNeighborOf(peer, bootstrap) && peer.multiaddrs.length > 0))
    )
    const note = song.slice(0, 60_000)
    await a.share(memoryContent('far away.txt', note))
    const sink = new MemorySink(note.length)
    const result = await b.download(await firstHit(b, 'far away'), sink)
    expect(sink.bytes).toEqual(note)
    expect(result.sources).toMatchObject([{ peer: a.identity, path: 'relayed', verifiedBytes: note.length }])
  })
})

describe('a peer without WebRTC that listens', () => {
  it('asks a sharer that it cannot reach to connect: push', async () => {
    const bootstrap = await network.startBootstrap()
    // The sharer listens nowhere and has no WebRTC, as behind a firewall; the other listens.
    const sharer = await network.peer({ webrtc: false })
    const listener = await network.peer({ webrtc: false, listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    await Promise.all([sharer, listener].map((peer) => until(peer, () => isNeighborOf(peer, bootstrap))))
    await sharer.share(memoryContent('behind the wall.wav', song))
    const hit = await firstHit(listener, 'wall')
    const sink = new MemorySink(hit.size)
    const steps: string[] = []
    await listener.download(hit, sink, { onStep: (step) => steps.push(step) })
    expect(sink.bytes).toEqual(song)
    expect(steps).toContain(`Asking ${sharer.identity.name} to connect to us…`)
  })
})

describe('the bootstrap node', () => {
  it('is found again after it was away, with the same PeerId', async () => {
    const privateKey = await createPrivateKey()
    const first = await network.startBootstrap({ privateKey })
    const peer = await network.peer()
    await until(peer, () => isNeighborOf(peer, first))
    await network.stopBootstrap()
    await until(peer, ({ bootstraps, phase }) => bootstraps[0]?.state === 'unreachable' && phase === 'alone')
    expect(peer.status.bootstraps[0]?.problem).toBe(`The bootstrap node at ${network.url} does not answer.`)
    const second = await network.startBootstrap({ privateKey })
    expect(second.identity).toEqual(first.identity)
    await until(peer, () => isNeighborOf(peer, second))
  })

  it('is not needed by who remembers other hosts', async () => {
    const bootstrap = await network.startBootstrap()
    const kept = new Map<string, Uint8Array>()
    const store: Store = { get: async (key) => kept.get(key), put: async (key, value) => void kept.set(key, value) }
    const other = await network.peer({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] })
    const peer = await network.peer({ store })
    await Promise.all([other, peer].map((one) => until(one, () => isNeighborOf(one, bootstrap))))
    await other.share(memoryContent('still here.txt', new Uint8Array(10)))
    await firstHit(peer, 'still here')
    await join(peer, other)
    await peer.stop()
    await network.stopBootstrap()
    const again = await network.peer({ store, neighbors: 2, privateAddresses: true })
    await until(again, () => isNeighborOf(again, other))
  })
})
