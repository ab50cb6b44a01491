import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { BootstrapError, fetchBootstrapAddresses } from '../src/bootstrap-info.ts'

const peerId = '12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq'
const other = '12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v'
const good = `/ip4/127.0.0.1/tcp/8081/ws/p2p/${peerId}`

const servers: { close(): void }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function serve(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const ask = (url: string) => fetchBootstrapAddresses(url, new AbortController().signal)

describe('the info document of a bootstrap node', () => {
  it('tells its addresses', async () => {
    const url = await serve(200, JSON.stringify({ peerId, multiaddrs: [good] }))
    expect((await ask(`${url}/some/path`)).map(String)).toEqual([good])
  })

  it('may hold anything: only well-formed addresses of that peer are taken, and no more than sixteen', async () => {
    const hostile = [
      '',
      5,
      null,
      {},
      'javascript:alert(1)',
      '/ip4/999.1.1.1/tcp/1',
      '/ip4/127.0.0.1/tcp/1/ws',
      `/ip4/1.2.3.4/tcp/1/p2p/${other}`,
    ]
    const url = await serve(200, JSON.stringify({ peerId, multiaddrs: [...hostile, good, ...Array(500).fill(good)] }))
    const addresses = await ask(url)
    expect(addresses.length).toBeLessThanOrEqual(16)
    expect(new Set(addresses.map(String))).toEqual(new Set([good]))
  })

  it.each([
    ['no JSON', 200, '<!doctype html>'],
    ['null', 200, 'null'],
    ['a list', 200, '[]'],
    ['no address', 200, JSON.stringify({ peerId, multiaddrs: [] })],
    ['too long', 200, JSON.stringify({ peerId, multiaddrs: [good], padding: 'x'.repeat(70_000) })],
    ['an error', 500, 'oops'],
  ])('is refused with a sentence when it is %s', async (_what, status, body) => {
    await expect(ask(await serve(status, body))).rejects.toThrow(BootstrapError)
  })

  it('is refused with a sentence when nobody answers', async () => {
    const url = await serve(200, '')
    servers.splice(0)[0]?.close()
    await expect(ask(url)).rejects.toThrow(`The bootstrap node at ${url} does not answer.`)
  })
})
