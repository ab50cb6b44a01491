import { noise } from '@chainsafe/libp2p-noise'
import { identify, identifyPush } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { yamux } from '@libp2p/yamux'
import { compareRingDistance, type Key } from '@servent/keyspace'
import { type Peer, toPeer } from '@servent/machine'
import { hashedValue } from '@servent/records'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { pastry } from '../src/libp2p.ts'

const NODES = 40

async function makeNode(index: number) {
  return createLibp2p({
    addresses: { listen: [`/memory/pastry-${index}`] },
    transports: [memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      pastry: pastry({ leafSetIntervalMs: 1000, joinTimeoutMs: 2000, probeTimeoutMs: 1000 }),
    },
  })
}

type Node = Awaited<ReturnType<typeof makeNode>>

const nodes: Node[] = []
const at = (index: number) => nodes[index] as Node
const peerOf = (node: Node) => toPeer(node.peerId.toString())
const keyOf = (peer: Peer) => at(0).services.pastry.runner.commons.peerIds.keyOf(peer)
const cidOf = async (text: string) => CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(text)))

/** The node that is numerically closest to a key. */
function closestTo(key: Key): Peer {
  return nodes.map(peerOf).sort((a, b) => compareRingDistance(key, keyOf(a), keyOf(b), 4))[0] as Peer
}

/** Whether each node has those next to it in its leaf set. */
function haveLeafSets(): boolean {
  const peers = nodes.map(peerOf)
  return nodes.every((node) => {
    const { machine } = node.services.pastry
    const { leafSet } = machine.tables
    const others = peers.filter((peer) => peer !== peerOf(node))
    const nearest = others.sort((a, b) => compareRingDistance(keyOf(peerOf(node)), keyOf(a), keyOf(b), 4)).slice(0, 4)
    const isFull = leafSet.smaller.length === 8 && leafSet.larger.length === 8
    return machine.isJoined && isFull && nearest.every((peer) => leafSet.has(peer))
  })
}

beforeAll(async () => {
  for (let i = 0; i < NODES; i++) {
    nodes.push(await makeNode(i))
    if (i > 0) await at(i).dial(at(i >> 1).getMultiaddrs())
  }
  await vi.waitUntil(haveLeafSets, { timeout: 90_000, interval: 100 })
}, 120_000)

afterAll(async () => {
  await Promise.all(nodes.map(async (node) => node.stop()))
})

describe('forty nodes', () => {
  it('lead every lookup to the node that is numerically closest, whoever asks', async () => {
    for (let i = 0; i < 10; i++) {
      const { key } = hashedValue(Uint8Array.of(i), 60_000)
      const asked = await Promise.all([1, 17, 33].map((node) => at(node).services.pastry.lookup(key)))
      expect(asked.map(({ responsible }) => responsible)).toEqual([1, 17, 33].map(() => closestTo(key)))
    }
  }, 30_000)

  it('keep values at eight of them, and find them from everywhere', async () => {
    for (let i = 0; i < 20; i++) {
      const record = hashedValue(Uint8Array.of(i, 1), 60_000)
      const { replicas } = await at(i).services.pastry.putRecord(record)
      expect(replicas).toBe(8)
      const { values } = await at(39 - i).services.pastry.getRecords(record.key)
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
    expect(found.multiaddrs.map(String).join()).toContain('/memory/pastry-25')
  }, 30_000)

  it('keep what they keep while some of them go', async () => {
    const records = Array.from({ length: 20 }, (_, i) => hashedValue(Uint8Array.of(i, 2), 60_000))
    for (const record of records) await at(2).services.pastry.putRecord(record)
    for (const gone of nodes.splice(30, 6)) await gone.stop()
    for (const { key, value } of records) {
      const { values } = await at(20).services.pastry.getRecords(key)
      expect(values).toMatchObject([{ value }])
    }
    await vi.waitUntil(haveLeafSets, { timeout: 60_000, interval: 100 })
  }, 90_000)
})
