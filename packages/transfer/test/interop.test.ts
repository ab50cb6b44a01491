import { get } from 'node:http'
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type HTTP, http } from '@libp2p/http'
import { identify as identifyService } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CHUNK_BYTES } from '../src/index.ts'
import { startNode, type Transport } from './nodes.ts'
import { serve } from './shared.ts'

const SIZE = 3 * CHUNK_BYTES + 5

/** A node with `@libp2p/http` as it comes from the registry: the independent client. */
async function startHttpNode(): Promise<Libp2p<{ http: HTTP }>> {
  const node = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identifyService(), http: http() },
  })
  onTestFinished(() => node.stop())
  return node
}

async function setUp(transport: Transport) {
  const [client, node] = await Promise.all([startHttpNode(), startNode(transport)])
  const served = await serve(node, SIZE)
  const [address] = node.getMultiaddrs()
  if (address === undefined) throw new Error('The server does not listen')
  const resource = (path: string) => [multiaddr(`${address}/http-path/${encodeURIComponent(path)}`)]
  return { client, node, address, resource, ...served }
}

describe.each<Transport>(['tcp', 'websocket'])('@libp2p/http over %s, unchanged', (transport) => {
  it('fetches a file', async () => {
    const { client, resource, identity, bytes } = await setUp(transport)
    const response = await client.services.http.fetch(resource(`ipfs/${identity.cid}`))
    expect(response.status).toBe(200)
    expect(Buffer.compare(new Uint8Array(await response.arrayBuffer()), bytes)).toBe(0)
  })

  it('fetches a range', async () => {
    const { client, resource, identity, bytes } = await setUp(transport)
    const headers = { Range: 'bytes=1000000-2000000' }
    const response = await client.services.http.fetch(resource(`ipfs/${identity.cid}`), { headers })
    expect([response.status, response.headers.get('content-range')]).toEqual([206, `bytes 1000000-2000000/${SIZE}`])
    expect(Buffer.compare(new Uint8Array(await response.arrayBuffer()), bytes.subarray(1_000_000, 2_000_001))).toBe(0)
  })

  it('fetches a raw block', async () => {
    const { client, resource, identity } = await setUp(transport)
    const headers = { Accept: 'application/vnd.ipld.raw' }
    const response = await client.services.http.fetch(resource(`ipfs/${identity.cid}`), { headers })
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(identity.blocks.get(identity.cid.toString()))
  })

  it('meets a trustless gateway', async () => {
    const { client, resource, identity } = await setUp(transport)
    const path = `ipfs/${identity.cid}`
    const ask = (at: string, init: Parameters<typeof client.services.http.fetch>[1]) =>
      client.services.http.fetch(resource(at), init)
    const probe = await ask('ipfs/bafkqaaa', { headers: { Accept: 'application/vnd.ipld.raw' } })
    expect([probe.status, (await probe.arrayBuffer()).byteLength]).toEqual([200, 0])
    const head = await ask(path, { method: 'HEAD' })
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'cache-control': 'public, max-age=29030400, immutable',
      'content-length': String(SIZE),
      etag: `"${identity.cid}"`,
      'x-ipfs-path': `/${path}`,
    })
    const etag = `"${identity.cid}"`
    expect((await ask(path, { method: 'HEAD', headers: { 'If-None-Match': etag } })).status).toBe(304)
    expect((await ask(path, { headers: { Accept: 'application/vnd.ipld.car' } })).status).toBe(406)
    expect((await ask(path, { headers: { Range: `bytes=${SIZE}-` } })).status).toBe(416)
  })

  it('is told in words what is not there', async () => {
    const { client, resource } = await setUp(transport)
    const response = await client.services.http.fetch(resource('nothing'))
    expect([response.status, await response.text()]).toEqual([404, 'That is not shared here.\n'])
  })

  it('lends its streams to the HTTP client of Node, which fetches twice', async () => {
    const { client, address, identity, bytes } = await setUp(transport)
    const agent = client.services.http.agent(address, { keepAlive: true, maxSockets: 1 })
    for (let times = 0; times < 2; times++) {
      const body = await new Promise<Buffer>((resolve, reject) => {
        const request = get(
          `http://peer/ipfs/${identity.cid}`,
          { agent, headers: { Range: 'bytes=5-1500004' } },
          (response) => {
            const parts: Buffer[] = []
            response.on('data', (part: Buffer) => parts.push(part))
            response.on('end', () => resolve(Buffer.concat(parts)))
          }
        )
        request.on('error', reject)
      })
      expect(Buffer.compare(body, bytes.subarray(5, 1_500_005))).toBe(0)
    }
    agent.destroy()
  })
})
