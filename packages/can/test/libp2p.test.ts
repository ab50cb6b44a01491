import { noise } from '@chainsafe/libp2p-noise'
import { identify, identifyPush } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { yamux } from '@libp2p/yamux'
import { hashedValue } from '@servent/records'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { can } from '../src/libp2p.ts'

const NODES = 40
const RAW = 0x55

async function makeNode(index: number) {
  return createLibp2p({
    addresses: { listen: [`/memory/can-${index}`] },
    transports: [memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 1000 },
    services: { identify: identify(), identifyPush: identifyPush(), can: can() },
  })
}

type Node = Awaited<ReturnType<typeof makeNode>>

async function hasJoined(node: Node): Promise<void> {
  const { can: service } = node.services
  while (!service.machine.isJoined || service.neighbors.length === 0) {
    await new Promise<void>((resolve) =>
      service.addEventListener('neighborhood-changed', () => resolve(), { once: true })
    )
  }
}

async function cidOf(text: string): Promise<CID> {
  return CID.createV1(RAW, await sha256.digest(new TextEncoder().encode(text)))
}

describe('forty nodes of CAN over libp2p', () => {
  let nodes: Node[] = []
  const at = (index: number): Node => nodes[index] as Node

  beforeAll(async () => {
    nodes = await Promise.all(Array.from({ length: NODES }, (_, index) => makeNode(index)))
    for (const node of nodes.slice(1)) await node.dial(at(0).getMultiaddrs())
    await Promise.all(nodes.map(hasJoined))
  }, 60_000)

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  })

  it('divide the torus among them', () => {
    const volumes = nodes.flatMap(({ services }) => services.can.machine.claims.flat()).map(({ depth }) => 2 ** -depth)
    expect(volumes.reduce((sum, volume) => sum + volume, 0)).toBe(1)
  })

  it('find by libp2p content routing who provides a content', async () => {
    const cid = await cidOf('a song')
    await at(3).contentRouting.provide(cid)
    for await (const provider of at(31).contentRouting.findProviders(cid)) {
      expect(provider.id.toString()).toBe(at(3).peerId.toString())
      expect(provider.multiaddrs.map(String)).toEqual([`/memory/can-3/p2p/${at(3).peerId}`])
      expect(provider.routing).toBe('can')
      return
    }
    expect.unreachable()
  })

  it('end the search for a content that nobody has', async () => {
    const found: unknown[] = []
    for await (const provider of at(5).contentRouting.findProviders(await cidOf('nothing'))) found.push(provider)
    expect(found).toEqual([])
  })

  it('keep a value with eight, and give it to whoever asks', async () => {
    const record = hashedValue(Uint8Array.of(1, 2, 3), 60_000)
    const put = await at(7).services.can.putRecord(record)
    expect(put.replicas).toBe(8)
    for (const index of [0, 11, 39]) {
      const got = await at(index).services.can.getRecords(record.key)
      expect(got.values).toMatchObject([{ type: 'hashed-value', value: Uint8Array.of(1, 2, 3) }])
    }
  })

  it('agree on the owner of a key, and tell the way there', async () => {
    const { key } = hashedValue(Uint8Array.of(9), 60_000)
    const steps: unknown[] = []
    const options = { onProgress: (event: unknown) => steps.push(event) }
    const done = await Promise.all([0, 13, 26].map((index) => at(index).services.can.lookup(key, options)))
    expect(new Set(done.map(({ responsible }) => responsible)).size).toBe(1)
    for (const { path, responsible } of done) expect(path.at(-1)).toBe(responsible)
    expect(steps).toHaveLength(3)
  })

  it('say why a request came to nothing, and stop when told to', async () => {
    const { key } = hashedValue(Uint8Array.of(77), 60_000)
    await expect(at(1).services.can.getRecords(key)).rejects.toMatchObject({ reason: 'not-found' })
    const aborted = new AbortController()
    const request = at(1).services.can.lookup(key, { signal: aborted.signal })
    aborted.abort(new Error('changed my mind'))
    await expect(request).rejects.toThrow('changed my mind')
  })
})
