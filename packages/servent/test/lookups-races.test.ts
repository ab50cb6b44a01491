import { setTimeout as later } from 'node:timers/promises'
import { MemorySink, memoryContent } from '@servent/transfer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createServent } from '../src/index.ts'
import type { Hit, LookupOverlayName, Servent } from '../src/types.ts'
import { Network } from './network.ts'

const OVERLAYS: readonly LookupOverlayName[] = ['pastry', 'chord', 'can', 'kademlia']

/** Between two questions, in milliseconds: an overlay takes a moment to form. */
const PAUSE_MS = 300

let network: Network
beforeEach(() => {
  network = new Network()
})
afterEach(() => network.stop())

async function findOnce(peer: Servent, cid: string, overlay: LookupOverlayName): Promise<Hit | undefined> {
  for await (const hit of peer.find({ cid, name: 'early.txt', size: 5 }, { overlays: [overlay] })) return hit
  return undefined
}

describe('structured overlays that are not on yet', () => {
  it.each(OVERLAYS)('are told of what is shared before they are: %s', async (overlay) => {
    const bootstrap = await network.startBootstrap({ lookups: [overlay] })
    const peer = await network.peer({ lookups: [overlay] })
    const bytes = new TextEncoder().encode('early')
    const { cid } = await peer.share(memoryContent('early.txt', bytes))
    let hit = await findOnce(bootstrap, cid, overlay)
    while (hit === undefined) {
      await later(PAUSE_MS)
      hit = await findOnce(bootstrap, cid, overlay)
    }
    expect(hit.sources[0].peer).toEqual(peer.identity)
    const sink = new MemorySink(bytes.length)
    await bootstrap.download(hit, sink)
    expect(sink.bytes).toEqual(bytes)
  })

  it('end with a peer that is stopped while they load', async () => {
    for (let i = 0; i < 4; i++) {
      const peer = await createServent({ gnutella: 'off', napster: 'off', lookups: OVERLAYS })
      // Turns of the loop after which it is stopped.
      for (let turn = 0; turn < i * 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      const putting = Promise.allSettled([peer.put('pastry', Uint8Array.of(1))])
      await peer.share(memoryContent('late.txt', Uint8Array.of(i)))
      await peer.stop()
      await putting
      expect(peer.protocols.filter((protocol) => protocol.startsWith('/servent/'))).toEqual([])
    }
  })

  it('are not waited for by who has given up, and asking one that is off is a mistake of the caller', async () => {
    const peer = await network.peer({ bootstrap: [], lookups: ['chord'] })
    const signal = AbortSignal.abort(new Error('given up'))
    await expect(peer.put('chord', Uint8Array.of(1), { signal })).rejects.toThrow('given up')
    await expect(peer.put('can', Uint8Array.of(1))).rejects.toThrow(RangeError)
  })
})
