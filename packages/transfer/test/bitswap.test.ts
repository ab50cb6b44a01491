import { createHash } from 'node:crypto'
import type { Libp2p } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { BITSWAP_PROTOCOL, type BitswapLimits, type BitswapRefusal, BitswapServer } from '../src/bitswap/index.ts'
import type { BitswapMessage } from '../src/bitswap/message.ts'
import { leafCid } from '../src/dag/cids.ts'
import { digestAt } from '../src/dag/tree.ts'
import {
  CHUNK_BYTES,
  ContentUnreadableError,
  FileServer,
  identify,
  memoryContent,
  type UploadProgress,
} from '../src/index.ts'
import { BitswapClient, want } from './bitswap-client.ts'
import { patterned } from './bytes.ts'
import { startPair } from './nodes.ts'
import { serve } from './shared.ts'

const SIZE = 2 * CHUNK_BYTES + 77

async function setUp({ size = SIZE, slots = 16, limits = {} as Partial<BitswapLimits> } = {}) {
  const [client, node] = await startPair('memory')
  const served = await serve(node, size, { uploadSlotsMax: slots })
  const bitswap = await startBitswap(node, served.server, limits)
  return { client, node, bitswap, ...served, bits: await BitswapClient.connect(client, node.peerId) }
}

async function startBitswap(node: Libp2p, server: FileServer, limits: Partial<BitswapLimits>): Promise<BitswapServer> {
  const bitswap = new BitswapServer(node, server.uploads, limits)
  await bitswap.start()
  onTestFinished(() => bitswap.stop())
  return bitswap
}

/** The CIDs that blocks prove to have. */
function cidsOf({ payload }: BitswapMessage): string[] {
  return payload.map(({ prefix, data }) => {
    const [version, codec, hash, length] = prefix
    const digest = createHash('sha256').update(data).digest()
    const multihash = Uint8Array.from([hash ?? 0, length ?? 0, ...digest])
    return (
      version === 0 ? CID.decode(multihash) : CID.decode(Uint8Array.from([version ?? 0, codec ?? 0, ...multihash]))
    ).toString()
  })
}

const refused = (bitswap: BitswapServer, why: BitswapRefusal) =>
  vi.waitFor(() => expect(bitswap.refusals.get(why)).toBeGreaterThan(0), { timeout: 50_000 })

const stranger = leafCid(new Uint8Array(32).fill(7))

describe('the Bitswap server', () => {
  it('gives each block of a file on a stream of its own, while the asking one stays open', async () => {
    const { bits, identity, bytes } = await setUp()
    const leaves = [0, 1, 2].map((index) => leafCid(digestAt(identity.leaves, index)))
    bits.ask([identity.cid, ...leaves].map((cid) => want(cid)))
    const got = new Map<string, Uint8Array>()
    while (got.size < 4) {
      const message = await bits.next()
      for (const [index, cid] of cidsOf(message).entries()) got.set(cid, message.payload[index]?.data ?? bytes)
    }
    expect(got.get(identity.cid.toString())).toEqual(identity.blocks.get(identity.cid.toString()))
    expect(Buffer.concat(leaves.map((cid) => got.get(cid.toString()) ?? bytes))).toEqual(Buffer.from(bytes))
    expect(bits.asking.status).toBe('open')
    expect(bits.answering.length).toBeGreaterThan(0)
  })

  it('says what it has and has not, when asked for that', async () => {
    const { bits, identity } = await setUp()
    const v0 = CID.createV0(identity.cid.multihash as Parameters<typeof CID.createV0>[0])
    bits.ask([
      want(identity.cid, { wantType: 'Have' }),
      want(v0, { wantType: 'Have' }),
      want(stranger, { wantType: 'Have', sendDontHave: true }),
      want(leafCid(new Uint8Array(32)), { wantType: 'Have' }),
    ])
    expect(await bits.next()).toEqual({
      wantlist: undefined,
      payload: [],
      blockPresences: [
        { cid: identity.cid.bytes, type: 'Have' },
        { cid: v0.bytes, type: 'Have' },
        { cid: stranger.bytes, type: 'DontHave' },
      ],
      pendingBytes: 0,
    })
  })

  it('answers an old CID under its old name', async () => {
    const { bits, identity } = await setUp()
    const v0 = CID.createV0(identity.cid.multihash as Parameters<typeof CID.createV0>[0])
    bits.ask([want(v0)])
    expect(cidsOf(await bits.next())).toEqual([v0.toString()])
  })

  it('sends blocks of a higher priority first', async () => {
    const { bits, identity } = await setUp()
    const [a, b, c] = [0, 1, 2].map((index) => leafCid(digestAt(identity.leaves, index))) as [CID, CID, CID]
    bits.ask([want(a, { priority: 1 }), want(b, { priority: -3 }), want(c, { priority: 9 })])
    const order: string[] = []
    while (order.length < 3) order.push(...cidsOf(await bits.next()))
    expect(order).toEqual([c, a, b].map(String))
  })

  it('sends a block that is wanted once it is shared, unless that was revoked', async () => {
    const { bits, server } = await setUp()
    const late = memoryContent('late', patterned(1000).slice(1))
    const revoked = memoryContent('revoked', patterned(1000).slice(2))
    const replaced = memoryContent('replaced', patterned(1000).slice(3))
    const [one, two, three] = await Promise.all([identify(late), identify(revoked), identify(replaced)])
    bits.ask([want(three.cid, { sendDontHave: true })])
    expect((await bits.next()).blockPresences).toHaveLength(1)
    bits.ask([want(one.cid, { sendDontHave: true }), want(two.cid)], true)
    bits.ask([want(two.cid, { cancel: true })])
    bits.ask([want(stranger, { sendDontHave: true })])
    let denied = 0
    while (denied < 2) denied += (await bits.next()).blockPresences.length
    server.add(two, revoked)
    server.add(three, replaced)
    server.add(one, late)
    expect(cidsOf(await bits.next())).toEqual([one.cid.toString()])
  })

  it('sends blocks of a file that is being fetched as they come', async () => {
    const [client, node] = await startPair('memory')
    const server = new FileServer(node)
    await startBitswap(node, server, {})
    const bits = await BitswapClient.connect(client, node.peerId)
    const bytes = patterned(SIZE)
    const content = memoryContent('half', bytes)
    const identity = await identify(content)
    const available = new Uint8Array(3)
    const serving = server.addPartial({ ...identity, ...content, available })
    const leaves = [0, 1, 2].map((index) => leafCid(digestAt(identity.leaves, index)))
    bits.ask([identity.cid, ...leaves].map((cid) => want(cid, { sendDontHave: true })))
    const first = await bits.next()
    expect(cidsOf(first)).toEqual([identity.cid.toString()])
    expect(first.blockPresences.map(({ type }) => type)).toEqual(['DontHave', 'DontHave', 'DontHave'])
    for (const index of [2, 0]) {
      available[index] = 1
      serving.onChunk(index)
      expect(cidsOf(await bits.next())).toEqual([String(leaves[index])])
    }
    serving.end()
    server.add(identity, content)
    expect(cidsOf(await bits.next())).toEqual([String(leaves[1])])
  })

  it('counts its uploads with the others, and waits for a slot', async () => {
    const { bits, client, node, server, identity } = await setUp({ size: 1000, slots: 1, limits: { lingerMs: 50 } })
    const uploads: UploadProgress[] = []
    server.addEventListener('upload', ({ detail }) => uploads.push(detail))
    // The one slot is another's.
    const { ledger } = server.uploads
    ledger.open(node.peerId)
    expect(ledger.takeSlot(node.peerId)).toBe(true)
    bits.ask([want(identity.cid), want(stranger, { sendDontHave: true })])
    expect((await bits.next()).payload).toEqual([])
    ledger.close(node.peerId)
    expect(cidsOf(await bits.next())).toEqual([identity.cid.toString()])
    await vi.waitFor(() => expect(server.uploadCount(identity.cid)).toBe(1), { timeout: 50_000 })
    // When it asks for no more, its slot is free again.
    await vi.waitFor(
      () => {
        ledger.open(node.peerId)
        const isFree = ledger.takeSlot(node.peerId)
        ledger.close(node.peerId)
        expect(isFree).toBe(true)
      },
      { timeout: 50_000 }
    )
    expect(uploads.at(-1)).toMatchObject({ peer: client.peerId, sentBytes: 1000, isOver: true })
  })

  it('says that a block is not here whose file has gone', async () => {
    const [client, node] = await startPair('memory')
    const read = async () => {
      throw new ContentUnreadableError('gone')
    }
    const { server, identity } = await serve(node, 1000, {}, { name: 'a', size: 1000, read })
    const bitswap = await startBitswap(node, server, {})
    const bits = await BitswapClient.connect(client, node.peerId)
    bits.ask([want(identity.cid, { sendDontHave: true })])
    expect((await bits.next()).blockPresences).toEqual([{ cid: identity.cid.bytes, type: 'DontHave' }])
    expect(bitswap.refusals).toEqual(new Map([['unreadable', 1]]))
  })

  it('keeps so many wants and no more, and denies the others', async () => {
    const { bits, bitswap, server } = await setUp({ limits: { wantsPerPeerMax: 2 } })
    const [one, two, three] = [1, 2, 3].map((byte) => leafCid(new Uint8Array(32).fill(byte))) as [CID, CID, CID]
    bits.ask([want(one), want(two), want(three, { sendDontHave: true })])
    expect((await bits.next()).blockPresences).toEqual([{ cid: three.bytes, type: 'DontHave' }])
    expect(bitswap.refusals).toEqual(new Map([['too-many-wants', 1]]))
    expect(server.refusals.size).toBe(0)
  })

  it('goes on after a CID that is none', async () => {
    const { bits, bitswap, identity } = await setUp()
    bits.ask([{ ...want(identity.cid), block: Uint8Array.of(1, 2, 3) }, want(identity.cid)])
    expect(cidsOf(await bits.next())).toEqual([identity.cid.toString()])
    expect(bitswap.refusals).toEqual(new Map([['bad-cid', 1]]))
  })

  it.each<[BitswapRefusal, Partial<BitswapLimits>, (bits: BitswapClient) => void]>([
    ['malformed-truncated', {}, (bits) => bits.send(Uint8Array.of(0x0a, 0x7f))],
    ['malformed-frame-too-long', {}, (bits) => bits.asking.send(Uint8Array.of(0xff, 0xff, 0xff, 0x7f))],
    ['inbound-full', { inboundBytesMax: 1000 }, (bits) => bits.asking.send(new Uint8Array(2000).fill(0xff, 0, 2))],
    ['slow', { idleMs: 50 }, (bits) => bits.asking.send(Uint8Array.of(0x7f, 0x0a))],
    ['too-many-peers', { peersMax: 0 }, (bits) => bits.ask([want(stranger)])],
  ])('counts as %s what it does not take, and serves on if it can', async (why, limits, ask) => {
    const { client, node, bits, bitswap, identity } = await setUp({ limits })
    ask(bits)
    await refused(bitswap, why)
    // These limits leave no room, or no time, for what comes after.
    if (why === 'too-many-peers' || why === 'inbound-full' || why === 'slow') return
    const again = await BitswapClient.connect(client, node.peerId)
    again.ask([want(identity.cid)])
    expect(cidsOf(await again.next())).toEqual([identity.cid.toString()])
  })

  it('forgets a peer that takes no answers', async () => {
    const { client, bits, bitswap, identity } = await setUp()
    await client.unhandle(BITSWAP_PROTOCOL)
    bits.ask([want(identity.cid)])
    await refused(bitswap, 'unreachable')
  })

  it('serves a thousand small files in few messages', async () => {
    const [client, node] = await startPair('memory')
    const server = new FileServer(node)
    await startBitswap(node, server, {})
    const bits = await BitswapClient.connect(client, node.peerId)
    const cids: CID[] = []
    for (let i = 0; i < 1000; i++) {
      const content = memoryContent(String(i), patterned(100 + i))
      const identity = await identify(content)
      server.add(identity, content)
      cids.push(identity.cid)
    }
    bits.ask(cids.map((cid) => want(cid)))
    const got = new Set<string>()
    let messages = 0
    for (; got.size < 1000; messages++) for (const cid of cidsOf(await bits.next())) got.add(cid)
    expect(messages).toBeLessThan(10)
  })
})
