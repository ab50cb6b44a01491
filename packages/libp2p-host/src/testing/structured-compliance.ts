import type { Libp2p } from '@libp2p/interface'
import { type Peer, toPeer } from '@servent/machine'
import { hashedValue, type StructuredMachine } from '@servent/records'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { OverlayComponents } from '../node.ts'
import type { StructuredService } from '../structured-service.ts'
import { makeNode } from './make-node.ts'

/** A libp2p node with one overlay. */
export type StructuredNode<Service> = Libp2p<{ overlay: Service }>

/** What the suite has to know of an overlay. */
export interface StructuredSuite<Service> {
  /** Makes the service of one node. */
  service(): (components: OverlayComponents) => Service
  /** Whether each of these nodes, which are all there are, has the tables that it should have. */
  isSettled(nodes: readonly StructuredNode<Service>[]): boolean
  /** What libp2p's content routing calls it. */
  readonly routing: string
  /**
   * Whether the key of a node is its own to answer for, so that whoever looks it up learns where the node is. In CAN it is
   * a neighbor's more often than not: zones are given to whom they suit (§3.7), and halved again.
   */
  readonly isOwnKeyOwned: boolean
}

/** All that the tests need to know of a service. */
type AnyService = Pick<
  StructuredService<{ readonly type: string }, object, StructuredMachine<{ readonly type: string }>>,
  'lookup' | 'putRecord' | 'getRecords'
>

const NODES = 40
/** Of the forty, at the end. */
const GONE = 6
/** Every overlay keeps a value so often unless told otherwise. */
const REPLICAS = 8
const TTL_MS = 600_000

/**
 * In milliseconds. Where timers are seconds late live nodes doubt each other, and heal: nothing is said here of how soon
 * something holds, and these are only for what never does.
 */
const EVENTUALLY = { timeout: 240_000, interval: 100 }
const TEST = { timeout: 300_000 }

/** A node as machines name it. */
export function peerOf(node: Pick<Libp2p, 'peerId'>): Peer {
  return toPeer(node.peerId.toString())
}

/** The suite that every structured overlay passes over libp2p: forty nodes that keep what its interface promises. */
export function structuredCompliance<Service extends AnyService>(suite: StructuredSuite<Service>): void {
  const nodes: StructuredNode<Service>[] = []

  describe('forty nodes', () => {
    beforeAll(async () => {
      for (let i = 0; i < NODES; i++) {
        const node = await makeNode({ overlay: suite.service() })
        await nodes[i >> 1]?.dial(node.getMultiaddrs())
        nodes.push(node)
      }
      await vi.waitUntil(() => suite.isSettled(nodes), EVENTUALLY)
    }, TEST.timeout)

    afterAll(async () => {
      await Promise.all(nodes.map((node) => node.stop()))
    }, TEST.timeout)

    answerLookups(nodes)
    keepValues(nodes)
    routeContents(nodes, suite.routing)
    if (suite.isOwnKeyOwned) routePeers(nodes)

    it('keep what they keep while some of them go, and close the gaps', TEST, async () => {
      const records = Array.from({ length: 20 }, (_, i) => hashedValue(Uint8Array.of(i, 2), TTL_MS))
      for (const record of records) await vi.waitFor(() => overlayOf(nodes, 2).putRecord(record), EVENTUALLY)
      for (const gone of nodes.splice(NODES - GONE)) await gone.stop()
      for (const { key, value } of records) {
        await vi.waitFor(async () => {
          const { values } = await overlayOf(nodes, 20).getRecords(key)
          expect(values).toMatchObject([{ value }])
        }, EVENTUALLY)
      }
      await vi.waitUntil(() => suite.isSettled(nodes), EVENTUALLY)
    })
  })
}

type Nodes = readonly StructuredNode<AnyService>[]

function at(nodes: Nodes, index: number): StructuredNode<AnyService> {
  return nodes[index] as StructuredNode<AnyService>
}

function overlayOf(nodes: Nodes, index: number): AnyService {
  return at(nodes, index).services.overlay
}

function answerLookups(nodes: Nodes): void {
  it('lead every lookup to the same node, whoever asks, and tell the way there', TEST, async () => {
    for (let i = 0; i < 10; i++) {
      const { key } = hashedValue(Uint8Array.of(i), TTL_MS)
      await vi.waitFor(async () => {
        const done = await Promise.all([1, 17, 33].map((index) => overlayOf(nodes, index).lookup(key)))
        expect(new Set(done.map(({ responsible }) => responsible)).size).toBe(1)
        for (const { path, responsible } of done) expect(path.at(-1)).toBe(responsible)
      }, EVENTUALLY)
    }
  })

  it('say why a request came to nothing, and stop when told to', TEST, async () => {
    const { key } = hashedValue(Uint8Array.of(77), TTL_MS)
    await vi.waitFor(async () => {
      await expect(overlayOf(nodes, 1).getRecords(key)).rejects.toMatchObject({ reason: 'not-found' })
    }, EVENTUALLY)
    const aborted = new AbortController()
    const request = overlayOf(nodes, 1).lookup(key, { signal: aborted.signal })
    aborted.abort(new Error('changed my mind'))
    await expect(request).rejects.toThrow('changed my mind')
  })
}

function keepValues(nodes: Nodes): void {
  it('keep values at eight of them, and find them from everywhere', TEST, async () => {
    for (let i = 0; i < 20; i++) {
      const record = hashedValue(Uint8Array.of(i, 1), TTL_MS)
      await vi.waitFor(async () => {
        const { replicas } = await overlayOf(nodes, i).putRecord(record)
        expect(replicas).toBe(REPLICAS)
        const { values } = await overlayOf(nodes, NODES - 1 - i).getRecords(record.key)
        expect(values).toMatchObject([{ type: 'hashed-value', value: record.value }])
      }, EVENTUALLY)
    }
  })
}

function routeContents(nodes: Nodes, routing: string): void {
  it('are content routing to libp2p', TEST, async () => {
    const [cid, other] = await Promise.all([cidOf('a file'), cidOf('nothing that anyone has')])
    const provider = at(nodes, 3)
    await vi.waitFor(async () => {
      await provider.contentRouting.provide(cid)
      const multiaddrs = provider.getMultiaddrs().map(String)
      expect(await providersOf(at(nodes, 30), cid)).toEqual([{ id: provider.peerId.toString(), multiaddrs, routing }])
    }, EVENTUALLY)
    expect(await providersOf(at(nodes, 5), other)).toEqual([])
  })
}

function routePeers(nodes: Nodes): void {
  it('are peer routing to libp2p', TEST, async () => {
    const sought = at(nodes, 25)
    await vi.waitFor(async () => {
      const found = await at(nodes, 5).peerRouting.findPeer(sought.peerId)
      expect(found.id.equals(sought.peerId)).toBe(true)
      expect(found.multiaddrs.map(String)).toEqual(sought.getMultiaddrs().map(String))
    }, EVENTUALLY)
  })
}

async function cidOf(text: string): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(text)))
}

async function providersOf(node: Libp2p, cid: CID): Promise<object[]> {
  const found: object[] = []
  for await (const { id, multiaddrs, routing } of node.contentRouting.findProviders(cid)) {
    found.push({ id: id.toString(), multiaddrs: multiaddrs.map(String), routing })
  }
  return found
}
