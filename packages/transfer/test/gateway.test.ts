import { createHash } from 'node:crypto'
import { get } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { leafCid } from '../src/dag/cids.ts'
import { digestAt } from '../src/dag/tree.ts'
import { CHUNK_BYTES, ContentUnreadableError, FileServer, identify, memoryContent } from '../src/index.ts'
import { type GatewayLimits, startGateway } from '../src/node.ts'
import type { Content } from '../src/types.ts'
import { patterned } from './bytes.ts'

const SIZE = 2 * CHUNK_BYTES + 77
const RAW = 'application/vnd.ipld.raw'

/** A gateway of what a file server shares that has no libp2p node: it needs none. */
async function setUp({
  size = SIZE,
  name = 'file.bin',
  limits = {} as Partial<GatewayLimits>,
  read = undefined as Content['read'] | undefined,
} = {}) {
  const server = new FileServer({ handle: async () => undefined, unhandle: async () => undefined })
  const bytes = patterned(size)
  const content = memoryContent(name, bytes)
  const identity = await identify(content)
  server.add(identity, read === undefined ? content : { name, size, read })
  const { gateway, port, stop } = await startGateway(server.uploads, { host: '127.0.0.1', port: 0 }, limits)
  onTestFinished(stop)
  const origin = `http://127.0.0.1:${port}`
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(origin + path, { method, headers })
  return { server, gateway, bytes, identity, origin, port, ask, path: `/ipfs/${identity.cid}` }
}

const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())

describe('the gateway', () => {
  it('gives a file to any page, and lets nothing of it act as a page', async () => {
    const { ask, path, bytes, identity } = await setUp()
    const response = await ask(path)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=29030400, immutable',
      'content-disposition': 'attachment; filename="file.bin"',
      'content-length': String(SIZE),
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'content-type': 'application/octet-stream',
      etag: `"${identity.cid}"`,
      'x-content-type-options': 'nosniff',
      'x-ipfs-path': path,
      'x-ipfs-roots': String(identity.cid),
    })
    expect(Buffer.compare(await bytesOf(response), bytes)).toBe(0)
    const preflight = await ask(path, { 'Access-Control-Request-Headers': 'range' }, 'OPTIONS')
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringContaining('Range'),
    ])
  })

  it('gives each block by its CID, as raw bytes that prove themselves', async () => {
    const { ask, identity } = await setUp()
    for (const cid of [identity.cid, leafCid(digestAt(identity.leaves, 2))]) {
      const response = await ask(`/ipfs/${cid}`, { Accept: RAW })
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-disposition': `attachment; filename="${cid}.bin"`,
        'content-location': `/ipfs/${cid}?format=raw`,
        'content-type': RAW,
        etag: `"${cid}.raw"`,
      })
      expect(
        createHash('sha256')
          .update(await bytesOf(response))
          .digest()
      ).toEqual(Buffer.from(cid.multihash.digest))
      const byQuery = await ask(`/ipfs/${cid}?format=raw`)
      expect([byQuery.headers.get('content-type'), byQuery.headers.get('content-location')]).toEqual([RAW, null])
      await byQuery.bytes()
    }
  })

  it('gives ranges, heads, and nothing that is known already', async () => {
    const { ask, path, bytes, identity } = await setUp()
    const part = await ask(path, { Range: 'bytes=1048570-1048580' })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 1048570-1048580/${SIZE}`])
    expect(await bytesOf(part)).toEqual(bytes.slice(1_048_570, 1_048_581))
    const head = await ask(path, {}, 'HEAD')
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(SIZE)])
    const known = await ask(path, { 'If-None-Match': `"other", W/"${identity.cid}"` })
    expect([known.status, (await bytesOf(known)).length, known.headers.get('etag')]).toEqual([
      304,
      0,
      `"${identity.cid}"`,
    ])
    const raw = await ask(path, { 'If-None-Match': `"${identity.cid}"`, Accept: RAW })
    expect(raw.status).toBe(200)
  })

  it('says that it is a gateway when asked for the empty block', async () => {
    const { ask } = await setUp({ size: 0 })
    for (const method of ['HEAD', 'GET']) {
      const response = await ask('/ipfs/bafkqaaa?format=raw', {}, method)
      expect([response.status, response.headers.get('content-type'), (await bytesOf(response)).length]).toEqual([
        200,
        RAW,
        0,
      ])
    }
  })

  it.each<[string, Record<string, string>, string, number]>([
    ['/ipfs/no-cid', {}, 'GET', 400],
    ['/ipfs/bafkreif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu', {}, 'GET', 404],
    [
      '/ipfs/bafkreif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu',
      { 'Cache-Control': 'only-if-cached' },
      'GET',
      412,
    ],
    ['CID/below', {}, 'GET', 404],
    ['CID?format=car', {}, 'GET', 406],
    ['CID', { Accept: 'application/vnd.ipld.car' }, 'GET', 406],
    ['CID', { Accept: `${RAW};q=0, application/vnd.ipld.car` }, 'GET', 406],
    ['CID', { Accept: 'application/vnd.ipld.car, */*;q=0.1' }, 'GET', 200],
    ['CID', { Range: `bytes=${SIZE}-` }, 'GET', 416],
    ['CID', {}, 'POST', 405],
    ['/', {}, 'GET', 404],
  ])('answers %s with %o by %s with %i', async (target, headers, method, status) => {
    const { ask, path, gateway } = await setUp()
    const response = await ask(target.replace('CID', path), headers, method)
    expect(response.status).toBe(status)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    if (status < 400) return void (await response.bytes())
    expect(await response.text()).toMatch(/^[A-Z].*\.\n$/)
    expect(gateway.refusals).toEqual(new Map([[`status-${status}`, 1]]))
  })

  it('names a file for whoever saves it, whatever it is called', async () => {
    const { ask, path } = await setUp({ size: 10, name: 'Füße "x"\r\n.txt' })
    const field = async (query: string) => (await ask(path + query, {}, 'HEAD')).headers.get('content-disposition')
    expect(await field('')).toBe(`attachment; filename="F__e _x___.txt"; filename*=UTF-8''F%C3%BC%C3%9Fe%20_x___.txt`)
    expect(await field('?filename=..%2F%27a%27.mp3')).toBe(`attachment; filename="_'a'.mp3"`)
  })

  it('has so many slots and no more, and frees them', async () => {
    const { ask, path, origin, gateway } = await setUp({ size: 40 * CHUNK_BYTES, limits: { uploadSlotsMax: 1 } })
    const taken = get(origin + path)
    const response = await new Promise<{ destroy(): void }>((resolve) => taken.once('response', resolve))
    const refused = await ask(path)
    expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([
      503,
      '10',
      'All upload slots are taken. Try again later.\n',
    ])
    expect((await ask(path, {}, 'HEAD')).status).toBe(200)
    response.destroy()
    await vi.waitFor(
      async () => {
        const again = await ask(path, { Range: 'bytes=0-0' })
        await again.bytes()
        expect(again.status).toBe(206)
      },
      { timeout: 50_000 }
    )
    expect(gateway.refusals.get('lost')).toBe(1)
  })

  it('cuts a client that takes nothing', async () => {
    const { port, path, gateway } = await setUp({ size: 40 * CHUNK_BYTES, limits: { idleMs: 100 } })
    const socket = connect(port, '127.0.0.1')
    socket.pause()
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    socket.on('error', () => socket.destroy())
    await vi.waitFor(() => expect(gateway.refusals.get('stalled')).toBe(1), { timeout: 50_000 })
    socket.destroy()
  })

  it('says that a file has gone, and cuts an answer amid which it goes', async () => {
    let readsLeft = 1
    const read = async (start: number, end: number) => {
      if (readsLeft-- <= 0) throw new ContentUnreadableError('gone')
      return patterned(SIZE).subarray(start, end)
    }
    const { ask, path, gateway } = await setUp({ read })
    await expect(ask(path).then(bytesOf)).rejects.toThrow()
    expect((await ask(path)).status).toBe(410)
    expect(gateway.refusals).toEqual(
      new Map([
        ['unreadable', 1],
        ['status-410', 1],
      ])
    )
  })
})
