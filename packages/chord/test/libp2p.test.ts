import { noise } from '@chainsafe/libp2p-noise'
import { identify, identifyPush } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { yamux } from '@libp2p/yamux'
import { toPeer } from '@servent/machine'
import { hashedValue } from '@servent/records'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { chord } from '../src/libp2p.ts'

const NODES = 40

async function makeNode(index: number) {
  return createLibp2p({
    addresses: { listen: [`/memory/chord-${index}`] },
    transports: [memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      chord: chord({ stabilizeIntervalMs: 500, fixFingersIntervalMs: 500 }),
    },
  })
}

type Node = Awaited<ReturnType<typeof makeNode>>

const nodes: Node[] = []
const at = (index: number) => nodes[index] as Node
const cidOf = async (text: string) => CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(text)))

/** The successors of each node, in the order of the ring, beginning with the node itself. */
function ringFrom(node: Node): string[] {
  const ring = [node.peerId.toString()]
  for (;;) {
    const last = nodes.find(({ peerId }) => peerId.toString() === ring.at(-1))
    const next = last?.services.chord.machine.successors[0]?.toString()
    if (next === undefined || ring.includes(next)) return ring
    ring.push(next)
  }
}

beforeAll(async () => {
  for (let i = 0; i < NODES; i++) {
    nodes.push(await makeNode(i))
    if (i > 0) await at(i).dial(at(i >> 1).getMultiaddrs())
  }
  await vi.waitUntil(
    () =>
      ringFrom(at(0)).length === NODES &&
      nodes.every(({ services }) => services.chord.machine.successors.length === 16 && services.chord.machine.isJoined),
    { timeout: 90_000, interval: 100 }
  )
}, 120_000)

afterAll(async () => {
  await Promise.all(nodes.map(async (node) => node.stop()))
})

describe('forty nodes', () => {
  it('lead every lookup to the same node, whoever asks', async () => {
    for (let i = 0; i < 10; i++) {
      const { key } = hashedValue(Uint8Array.of(i), 60_000)
      const asked = await Promise.all([1, 17, 33].map((node) => at(node).services.chord.lookup(key)))
      expect(new Set(asked.map(({ responsible }) => responsible)).size).toBe(1)
    }
  }, 30_000)

  it('keep values at eight of them, and find them from everywhere', async () => {
    for (let i = 0; i < 20; i++) {
      const record = hashedValue(Uint8Array.of(i, 1), 60_000)
      const { replicas } = await at(i).services.chord.putRecord(record)
      expect(replicas).toBe(8)
      const { values } = await at(39 - i).services.chord.getRecords(record.key)
      expect(values).toMatchObject([{ value: record.value }])
    }
  }, 30_000)

  it('are content routing and peer routing to libp2p', async () => {
    const cid = await cidOf('a file')
    await at(3).contentRouting.provide(cid)
    const providers: string[] = []
    for await (const { id } of at(30).contentRouting.findProviders(cid)) providers.push(id.toString())
    expect(providers).toEqual([at(3).peerId.toString()])
    const found = await at(5).peerRouting.findPeer(at(25).peerId)
    expect(found.id.equals(at(25).peerId)).toBe(true)
    expect(found.multiaddrs.map(String).join()).toContain('/memory/chord-25')
  }, 30_000)

  it('keep what they keep while some of them go', async () => {
    const records = Array.from({ length: 20 }, (_, i) => hashedValue(Uint8Array.of(i, 2), 60_000))
    for (const record of records) await at(2).services.chord.putRecord(record)
    for (const gone of nodes.splice(30, 6)) await gone.stop()
    for (const { key, value } of records) {
      const { values } = await at(20).services.chord.getRecords(key)
      expect(values).toMatchObject([{ value }])
    }
    const left = new Set(nodes.map(({ peerId }) => toPeer(peerId.toString())))
    // While it heals a ring may be as long as it should be, and not yet of the right nodes.
    await vi.waitFor(() => expect(new Set(ringFrom(at(0)))).toEqual(left), { timeout: 45_000, interval: 100 })
  }, 60_000)
})
