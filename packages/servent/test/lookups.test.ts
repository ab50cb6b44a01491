import { memoryContent } from '@servent/transfer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hit, LookupOverlayName, SearchProgress, Servent } from '../src/types.ts'
import { Network, until } from './network.ts'

const OVERLAYS: readonly LookupOverlayName[] = ['pastry', 'chord', 'can', 'kademlia']

/** Between two tries, in milliseconds: overlays take a moment to form. */
const PAUSE_MS = 500

const network = new Network()
let peers: Servent[] = []

beforeAll(async () => {
  await network.startBootstrap({ lookups: OVERLAYS })
  const listening = { listen: ['/ip4/127.0.0.1/tcp/0/ws'], acquaintances: 3, gnutella: '0.6' } as const
  peers = await Promise.all(Array.from({ length: 5 }, () => network.peer(listening)))
  await Promise.all(peers.map((peer) => until(peer, (status) => status.peers.length >= 3)))
}, 60_000)
afterAll(() => network.stop())

/** Tries until it works, for as long as the test may last. */
async function eventually<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

describe.each(OVERLAYS)('%s', (overlay) => {
  it('keeps values for others, and tells the way to them', async () => {
    const [a, b, c] = peers as [Servent, Servent, Servent]
    for (let i = 0; i < 8; i++) {
      const value = new TextEncoder().encode(`value ${i} on ${overlay}`)
      const stored = await eventually(() => a.put(overlay, value))
      expect(stored.key).toMatch(/^[0-9a-f]{40}$/)
      expect(stored.replicas).toBeGreaterThan(0)
      for (const other of [b, c]) {
        const found = await eventually(() => other.get(overlay, stored.key))
        expect(Uint8Array.from(found.value)).toEqual(value)
        expect(found.path[0]).toEqual(other.identity)
      }
    }
    await expect(b.get(overlay, '00'.repeat(20))).rejects.toMatchObject({ name: 'LookupError', isNotFound: true })
  })

  it('finds who shares what a link names', async () => {
    const [a, , , , e] = peers as [Servent, Servent, Servent, Servent, Servent]
    const { cid, name, size } = await a.share(
      memoryContent(`Shared on ${overlay}.txt`, new TextEncoder().encode(overlay))
    )
    let progress: SearchProgress | undefined
    const options = { overlays: [overlay], onProgress: (now: SearchProgress) => (progress = now) }
    const hit = await eventually(async (): Promise<Hit> => {
      for await (const found of e.find({ cid, name, size }, options)) return found
      throw new Error('not provided yet')
    })
    expect(hit.sources).toMatchObject([{ peer: a.identity, findings: [{ overlay }] }])
    expect(progress?.overlays[0]).toMatchObject({ overlay, foundCount: 1 })
  })
})
