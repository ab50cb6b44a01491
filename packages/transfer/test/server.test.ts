import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { leafCid } from '../src/dag/cids.ts'
import { digestAt } from '../src/dag/tree.ts'
import {
  CHUNK_BYTES,
  ContentUnreadableError,
  identify,
  memoryContent,
  sha1Text,
  type UploadProgress,
} from '../src/index.ts'
import { patterned } from './bytes.ts'
import { startNode, startPair } from './nodes.ts'
import { RawClient } from './raw-client.ts'
import { serve } from './shared.ts'

const SIZE = 2 * CHUNK_BYTES + 77
const RAW = 'application/vnd.ipld.raw'

async function setUp(size = SIZE, limits = {}) {
  const [client, node] = await startPair('memory')
  const served = await serve(node, size, limits)
  const raw = await RawClient.connect(client, node.peerId)
  return { client, node, raw, ...served, path: `/ipfs/${served.identity.cid}` }
}

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('the server', () => {
  it('gives a file, with what a client needs to know of it', async () => {
    const { raw, path, bytes, identity } = await setUp()
    const answer = await raw.ask(path)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual(bytes)
    expect(Object.fromEntries(answer.fields)).toEqual({
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=29030400, immutable',
      'content-disposition': 'attachment; filename="file.bin"',
      'content-length': String(SIZE),
      'content-type': 'application/octet-stream',
      etag: `"${identity.cid}"`,
      'x-content-type-options': 'nosniff',
      'x-gnutella-content-urn': `urn:sha1:${sha1Text(identity.sha1)}`,
      'x-ipfs-path': `/ipfs/${identity.cid}`,
      'x-ipfs-roots': String(identity.cid),
    })
  })

  it('gives the head alone when asked for it, and goes on after', async () => {
    const { raw, path } = await setUp()
    const answer = await raw.ask(path, {}, 'HEAD')
    expect([answer.status, answer.fields.get('content-length'), answer.body.length]).toEqual([200, String(SIZE), 0])
    expect((await raw.ask('/none', {}, 'HEAD')).status).toBe(404)
    expect((await raw.ask(path, { Range: 'bytes=1-1' }, 'HEAD')).fields.get('content-length')).toBe('1')
  })

  it.each([
    ['bytes=0-0', 0, 1],
    [`bytes=${CHUNK_BYTES - 1}-${CHUNK_BYTES}`, CHUNK_BYTES - 1, CHUNK_BYTES + 1],
    [`bytes=${SIZE - 5}-`, SIZE - 5, SIZE],
    ['bytes=-5', SIZE - 5, SIZE],
    [`bytes=5-${10 * SIZE}`, 5, SIZE],
  ])('gives the range %s', async (range, start, end) => {
    const { raw, path, bytes } = await setUp()
    const answer = await raw.ask(path, { Range: range })
    expect(answer.status).toBe(206)
    expect(answer.fields.get('content-range')).toBe(`bytes ${start}-${end - 1}/${SIZE}`)
    expect(answer.body).toEqual(bytes.slice(start, end))
  })

  it('says 416 and the size when there are no such bytes', async () => {
    const { raw, path } = await setUp()
    const answer = await raw.ask(path, { Range: `bytes=${SIZE}-` })
    expect([answer.status, answer.fields.get('content-range')]).toEqual([416, `bytes */${SIZE}`])
  })

  it('ignores a range that is for another state of the file', async () => {
    const { raw, path, identity } = await setUp(100)
    expect((await raw.ask(path, { Range: 'bytes=0-9', 'If-Range': '"other"' })).status).toBe(200)
    expect((await raw.ask(path, { Range: 'bytes=0-9', 'If-Range': `"${identity.cid}"` })).status).toBe(206)
  })

  it.each(['?format=raw', ''])(
    'gives each block of the tree by its CID, for a client to verify (%s)',
    async (query) => {
      const { raw, identity, bytes } = await setUp()
      const fields: Record<string, string> = query === '' ? { Accept: `${RAW}, */*` } : {}
      const root = await raw.ask(`/ipfs/${identity.cid}${query}`, fields)
      expect([root.status, root.fields.get('content-type')]).toEqual([200, RAW])
      expect(sha256(root.body)).toEqual(identity.cid.multihash.digest)
      for (const index of [0, 1, 2]) {
        const cid = leafCid(digestAt(identity.leaves, index))
        const leaf = await raw.ask(`/ipfs/${cid}${query}`, fields)
        expect(leaf.body).toEqual(bytes.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES))
        expect(sha256(leaf.body)).toEqual(cid.multihash.digest)
      }
    }
  )

  it('knows a file by other spellings of its CID', async () => {
    const { raw, identity } = await setUp()
    const v0 = CID.createV0(identity.cid.multihash as Parameters<typeof CID.createV0>[0])
    expect((await raw.ask(`/ipfs/${v0}`)).status).toBe(200)
  })

  it('finds a file by its SHA-1, as Gnutella asks', async () => {
    const { raw, identity, bytes } = await setUp(1_000)
    const sha1 = sha1Text(identity.sha1)
    expect((await raw.ask(`/uri-res/N2R?urn:sha1:${sha1}`)).body).toEqual(bytes)
    expect((await raw.ask(`/uri-res/N2R?URN:SHA1:${sha1.toLowerCase()}`, { Range: 'bytes=10-19' })).body).toEqual(
      bytes.slice(10, 20)
    )
    expect((await raw.ask(`/uri-res/N2R?urn:sha1:${'A'.repeat(32)}`)).status).toBe(404)
    expect((await raw.ask('/uri-res/N2R?urn:md5:abc')).status).toBe(400)
  })

  it('gives an empty file', async () => {
    const { raw, path } = await setUp(0)
    expect(await raw.ask(path)).toMatchObject({ status: 200, body: new Uint8Array(0) })
  })

  it.each([
    ['/', 404],
    ['/ipfs/', 400],
    ['/ipfs/no-cid', 400],
    [`/ipfs/${'b'.repeat(500)}`, 400],
    ['/ipfs/../../etc/passwd', 400],
    ['/ipfs/bafkreif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu', 404],
    // SHA-512: not what files are named by here.
    [
      '/ipfs/bafkrgqdnkghywmorrax6vtqqveqv6xmm6wx6an3ffiordwobicgzrdbkj5y2l3p4qxihcl5d6trbwlakergiydjthovukqyr4jagpuvihzpfs',
      400,
    ],
    // Nothing lies below a file.
    ['/ipfs/bafkreif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu/a', 404],
  ])('answers %s with a sentence and %i', async (target, status) => {
    const { raw } = await setUp(10)
    const answer = await raw.ask(target)
    expect(answer.status).toBe(status)
    expect(text(answer.body)).toMatch(/^[A-Z].*\.\n$/)
  })

  it('refuses other formats, methods and bodies, each with its status', async () => {
    const { raw, path } = await setUp(10)
    expect((await raw.ask(`${path}?format=car`)).status).toBe(406)
    const answer = await raw.ask(path, {}, 'POST')
    expect([answer.status, answer.fields.get('allow')]).toEqual([405, 'GET, HEAD'])
    const refused = await raw.ask(path, { 'Content-Length': '5' }, 'PUT')
    expect([refused.status, refused.fields.get('connection')]).toEqual([413, 'close'])
    expect(await raw.ended()).not.toBe('reset')
  })

  it('answers requests that come at once in their order', async () => {
    const { raw, path, bytes } = await setUp(100)
    const ask = (range: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\nRange: ${range}\r\n\r\n`
    raw.send(ask('bytes=0-9') + ask('bytes=10-19') + ask('bytes=20-29'))
    for (const start of [0, 10, 20]) expect((await raw.answer()).body).toEqual(bytes.slice(start, start + 10))
  })

  it('ends the stream after an answer when the client says so', async () => {
    const { raw, path } = await setUp(100)
    expect((await raw.ask(path, { Connection: 'close' })).status).toBe(200)
    await raw.ended()
  })

  it('answers a client that has ended its side after asking', async () => {
    const { raw, path, bytes } = await setUp(100)
    raw.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await raw.stream.close()
    expect((await raw.answer()).body).toEqual(bytes)
  })

  it('serves no more what is no longer shared', async () => {
    const { raw, path, server, identity } = await setUp(100)
    expect((await raw.ask(path)).status).toBe(200)
    expect(server.delete(identity.cid)).toBe(true)
    expect((await raw.ask(path)).status).toBe(404)
    expect(server.delete(identity.cid)).toBe(false)
  })

  it('says 410 when a file cannot be read, and resets the stream when that shows amid an answer', async () => {
    const [client, node] = await startPair('memory')
    let readsLeft = 1
    const read = async (start: number, end: number) => {
      if (readsLeft-- <= 0) throw new ContentUnreadableError('changed')
      return patterned(SIZE).subarray(start, end)
    }
    const { server, identity } = await serve(node, SIZE, {}, { name: 'a', size: SIZE, read })
    const amid = await RawClient.connect(client, node.peerId)
    await expect(amid.ask(`/ipfs/${identity.cid}`)).rejects.toThrow('reset')
    const before = await RawClient.connect(client, node.peerId)
    expect((await before.ask(`/ipfs/${identity.cid}`)).status).toBe(410)
    expect(server.refusals.get('unreadable')).toBe(1)
  })

  it('never reads more of a file than one part at a time', async () => {
    const [client, node] = await startPair('memory')
    const bytes = patterned(SIZE)
    const reads: number[] = []
    const read = async (start: number, end: number) => {
      reads.push(end - start)
      return bytes.subarray(start, end)
    }
    const { identity } = await serve(node, SIZE, {}, { name: 'a', size: SIZE, read })
    const raw = await RawClient.connect(client, node.peerId)
    expect((await raw.ask(`/ipfs/${identity.cid}`)).body).toEqual(bytes)
    expect(reads).toEqual([CHUNK_BYTES, CHUNK_BYTES, 77])
  })

  it('tells who fetches what, and counts', async () => {
    const { raw, path, server, identity, client } = await setUp()
    const seen: UploadProgress[] = []
    server.addEventListener('upload', ({ detail }) => seen.push(detail))
    await raw.ask(path, { Range: 'bytes=0-99' })
    await raw.ask(path)
    await raw.ask(`/ipfs/${identity.cid}`, {}, 'HEAD')
    const ended = new Promise<UploadProgress>((resolve) =>
      server.addEventListener('upload', ({ detail }) => resolve(detail))
    )
    await raw.stream.close()
    expect(await ended).toMatchObject({ cid: identity.cid.toString(), name: 'file.bin', sentBytes: SIZE + 100 })
    expect(seen[0]?.peer.equals(client.peerId)).toBe(true)
    expect(server.uploadCount(identity.cid)).toBe(1)
  })
})

describe('the server limits', () => {
  it('the streams of a peer', async () => {
    const { raw, path, client, node } = await setUp(10, { streamsPerPeerMax: 1 })
    expect((await raw.ask(path)).status).toBe(200)
    const second = await RawClient.connect(client, node.peerId)
    expect((await second.answer()).status).toBe(429)
    await second.ended()
  })

  it('the requests of a peer', async () => {
    const { raw, path } = await setUp(10, { requestsPerSecondMax: 3 })
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) statuses.push((await raw.ask(path)).status)
    expect(statuses.slice(0, 3)).toEqual([200, 200, 200])
    expect(statuses).toContain(429)
  })

  it('the peers that are sent content, until one has gone', async () => {
    const { raw, path, node, server } = await setUp(10, { uploadSlotsMax: 1 })
    expect((await raw.ask(path)).status).toBe(200)
    const other = await startNode('memory')
    await other.dial(node.getMultiaddrs())
    const waiting = await RawClient.connect(other, node.peerId)
    expect((await waiting.ask(path)).status).toBe(503)
    expect((await waiting.ask(path, {}, 'HEAD')).status).toBe(200)
    expect(server.refusals.get('status-503')).toBe(1)
    await raw.stream.close()
    await raw.ended()
    expect((await waiting.ask(path)).status).toBe(200)
  })

  it('what is changed while it runs: more slots, and a rate that every answer keeps to', async () => {
    const { raw, path, node, server } = await setUp(300_000, { uploadSlotsMax: 1 })
    expect((await raw.ask(path)).status).toBe(200)
    const other = await startNode('memory')
    await other.dial(node.getMultiaddrs())
    const waiting = await RawClient.connect(other, node.peerId)
    expect((await waiting.ask(path)).status).toBe(503)
    server.setLimits({ uploadSlotsMax: 2, bytesPerSecondMax: 1_000_000 })
    const uploads: UploadProgress[] = []
    const isOver = new Promise<void>((resolve) => {
      server.addEventListener('upload', ({ detail }) => {
        uploads.push(detail)
        if (detail.isOver) resolve()
      })
    })
    const answer = await waiting.ask(path)
    expect([answer.status, answer.body.length]).toEqual([200, 300_000])
    // In parts of a sixteenth of the rate: the first of them is told as soon as it goes.
    expect(uploads[0]).toMatchObject({ sentBytes: 62_500, isOver: false })
    await waiting.stream.close()
    await isOver
    expect(uploads.at(-1)).toMatchObject({ sentBytes: 300_000, isOver: true })
    expect(() => server.setLimits({ uploadSlotsMax: 0 })).toThrow(RangeError)
    expect(() => server.setLimits({ bytesPerSecondMax: 0 })).toThrow(RangeError)
  })

  it('the length of a head, in words, and then ends the stream', async () => {
    const { raw } = await setUp(10)
    raw.send(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(9_000)}`)
    expect((await raw.answer()).status).toBe(431)
    await raw.ended()
  })

  it('what may be asked before it is answered', async () => {
    const { raw, path, server } = await setUp()
    raw.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(1_000))
    expect(await raw.ended()).toBe('reset')
    expect(server.refusals.get('lost')).toBe(1)
  })

  it.each(['', 'GET / HTTP/1.1\r\nHo'])('the time for a request to be in (%j)', async (beginning) => {
    const { raw, server } = await setUp(10, { idleMs: 50 })
    raw.send(beginning)
    expect(await raw.ended()).toBe('reset')
    expect(server.refusals.get('stalled')).toBe(1)
  })

  it('the time that a head may trickle in', async () => {
    const { raw, server } = await setUp(10, { idleMs: 100 })
    const trickle = setInterval(() => raw.stream.status === 'open' && raw.send('X'), 10)
    expect(await raw.ended()).toBe('reset')
    clearInterval(trickle)
    expect(server.refusals.get('stalled')).toBe(1)
  })

  it.each(['websocket', 'tcp'] as const)(
    'how long a client may take nothing of an answer, over %s',
    async (transport) => {
      const [client, node] = await startPair(transport)
      const size = 40 * CHUNK_BYTES
      let reads = 0
      const part = patterned(CHUNK_BYTES)
      const read = async (start: number, end: number) => {
        reads++
        return part.subarray(0, end - start)
      }
      const identity = await identify(memoryContent('a', patterned(10)))
      const { server } = await serve(node, 10, { idleMs: 200 })
      server.add({ ...identity, size }, { name: 'big', size, read })
      const raw = await RawClient.connect(client, node.peerId)
      raw.stream.pause()
      raw.send(`GET /ipfs/${identity.cid} HTTP/1.1\r\nHost: a\r\n\r\n`)
      await raw.ended()
      await expect.poll(() => server.refusals.get('stalled') ?? server.refusals.get('lost')).toBe(1)
      // What the transport's window holds and a part more, not the file.
      expect(reads).toBeLessThan(12)
    }
  )

  it('itself: once stopped, streams end and no more are taken', async () => {
    const { raw, path, server, client, node } = await setUp(10)
    expect((await raw.ask(path)).status).toBe(200)
    await server.stop()
    expect(await raw.ended()).toBe('reset')
    await expect(RawClient.connect(client, node.peerId)).rejects.toThrow()
  })
})
