// Helia, the ecosystem's content-addressed file system, over each overlay: what finds contents through libp2p's content
// routing finds them here, whichever overlay answers.
import { noise } from '@chainsafe/libp2p-noise'
import { withBitswap } from '@helia/bitswap'
import { type HeliaWithLibp2p, withLibp2pLight } from '@helia/libp2p'
import { identify, identifyPush } from '@libp2p/identify'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { memory } from '@libp2p/memory'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { can } from '@servent/can/libp2p'
import { chord } from '@servent/chord/libp2p'
import { pastry } from '@servent/pastry/libp2p'
import { createHeliaLight } from 'helia'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

/** The one service of a network that routes. */
const OVERLAYS = {
  pastry: pastry(),
  chord: chord(),
  can: can(),
  kademlia: kadDHT({ protocol: '/test/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper }),
}

type Helia = HeliaWithLibp2p<ServiceMap>

/** Nodes of the overlay alone, beside the two that are Helia's. */
const OTHERS = 6

/** How long an overlay may take to form, in milliseconds: seconds, but for a machine that is busy with other tests. */
const FORM_MS = 120_000

/** How long a block may take to come, in milliseconds. */
const FETCH_MS = 50_000

function optionsOf(overlay: keyof typeof OVERLAYS, name: string | number) {
  return {
    addresses: { listen: [`/memory/helia-${overlay}-${name}`] },
    transports: [memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: { identify: identify(), identifyPush: identifyPush(), ping: ping(), overlay: OVERLAYS[overlay] },
  }
}

/** Nothing but libp2p and Bitswap: Helia's defaults would ask gateways and servers of the public network. */
async function makeHelia(overlay: keyof typeof OVERLAYS, name: string): Promise<Helia> {
  const helia = withBitswap(withLibp2pLight(createHeliaLight(), optionsOf(overlay, name)))
  await helia.start()
  return helia
}

/** A block of so many bytes that are like no other's. */
async function blockOf(text: string, size: number): Promise<{ readonly cid: CID; readonly bytes: Uint8Array }> {
  const bytes = new Uint8Array(size)
  bytes.set(new TextEncoder().encode(text))
  return { cid: CID.createV1(raw.code, await sha256.digest(bytes)), bytes }
}

async function providersOf({ libp2p }: Helia, cid: CID): Promise<string[]> {
  const providers: string[] = []
  for await (const { id } of libp2p.contentRouting.findProviders(cid)) providers.push(id.toString())
  return providers
}

/** A block, asked only of those whom content routing names. */
async function fetch({ blockstore }: Helia, cid: CID): Promise<Uint8Array> {
  const session = blockstore.createSession(cid)
  const chunks: Uint8Array[] = []
  for await (const chunk of session.get(cid, { signal: AbortSignal.timeout(FETCH_MS) })) chunks.push(chunk)
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))
}

describe.each(Object.keys(OVERLAYS) as (keyof typeof OVERLAYS)[])('Helia over %s', (overlay) => {
  const stops: (() => Promise<unknown>)[] = []
  let a: Helia
  let b: Helia

  beforeAll(async () => {
    const others: Libp2p[] = []
    for (let i = 0; i < OTHERS; i++) {
      const node = await createLibp2p(optionsOf(overlay, i))
      stops.push(async () => node.stop())
      others.push(node)
      if (i > 0) await node.dial(others[i >> 1]?.getMultiaddrs() ?? [])
    }
    a = await makeHelia(overlay, 'a')
    b = await makeHelia(overlay, 'b')
    stops.push(
      () => a.stop(),
      () => b.stop()
    )
    await a.libp2p.dial(others[0]?.getMultiaddrs() ?? [])
    await b.libp2p.dial(others.at(-1)?.getMultiaddrs() ?? [])
    const { cid } = await blockOf(`formed ${overlay}`, 100)
    await vi.waitFor(
      async () => {
        await a.routing.provide(cid)
        expect(await providersOf(b, cid)).toEqual([a.libp2p.peerId.toString()])
      },
      { timeout: FORM_MS, interval: 500 }
    )
  }, 2 * FORM_MS)
  afterAll(async () => {
    await Promise.all(stops.map((stop) => stop()))
  })

  it('finds who provides a block, and fetches it from there', async () => {
    for (const size of [100, 200_000]) {
      const { cid, bytes } = await blockOf(`provided ${overlay} ${size}`, size)
      await a.blockstore.put(cid, bytes)
      await a.routing.provide(cid)
      await b.libp2p.hangUp(a.libp2p.peerId)
      expect(b.libp2p.getConnections(a.libp2p.peerId)).toEqual([])
      expect(await fetch(b, cid)).toEqual(bytes)
    }
  })

  it('finds nobody for a block that nobody provides', async () => {
    const { cid, bytes } = await blockOf(`not provided ${overlay}`, 100)
    await a.blockstore.put(cid, bytes)
    expect(await providersOf(b, cid)).toEqual([])
    await expect(fetch(b, cid)).rejects.toThrow()
  })
})
