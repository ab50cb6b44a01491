import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BootstrapInfo } from '@servent/servent'
import { FileServer, identify, memoryContent } from '@servent/transfer'
import { Gateway } from '@servent/transfer/node'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readPage } from '../src/page-files.ts'
import { CONTENT_SECURITY_POLICY, PageServer } from '../src/page-server.ts'
import { SocketGate } from '../src/socket-gate.ts'

const info: BootstrapInfo = {
  peerId: 'p',
  multiaddrs: [],
  protocols: [],
  limits: { connectionsMax: 1, relay: { reservationsMax: 1, bytesMax: 1, durationMs: 1 } },
}

let folder: string
let server: PageServer
let gateway: Gateway | undefined
let port: number

beforeEach(async () => {
  gateway = undefined
  folder = await mkdtemp(join(tmpdir(), 'servent-page-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), `<!doctype html>${'<p>hello</p>'.repeat(100)}`)
  await writeFile(join(folder, 'assets', 'app-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'secret.key'), 'not for the web')
  server = new PageServer({
    host: '127.0.0.1',
    port: 0,
    files: await readPage(folder),
    gate: new SocketGate(),
    info: (hostname) => ({ ...info, peerId: hostname ?? 'none' }),
    gateway: () => gateway,
  })
  port = await server.start()
})

afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

/** A request with its path sent as it is: `fetch` would tidy `..` away. */
function get(
  path: string,
  method = 'GET',
  headers: Record<string, string> = {}
): Promise<{ status: number; headers: Record<string, unknown>; length: number }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let length = 0
      response.on('data', (chunk: Uint8Array) => {
        length += chunk.length
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, length }))
    })
      .on('error', reject)
      .end()
  })
}

it('serves the page under a strict policy, compressed for those who can take it', async () => {
  const plain = await get('/?a=b')
  const gzipped = await get('/', 'GET', { 'accept-encoding': 'gzip, br' })
  expect(plain.status).toBe(200)
  expect(plain.headers['content-security-policy']).toBe(CONTENT_SECURITY_POLICY)
  expect(gzipped.headers['content-encoding']).toBe('gzip')
  expect(gzipped.length).toBeLessThan(plain.length)
  expect((await get('/assets/app-1a2b.js')).headers['cache-control']).toContain('immutable')
  expect((await get('/', 'HEAD')).length).toBe(0)
})

it('tells where the node is, by the name it was asked by, to any page', async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/servent.json`)
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.json()).toMatchObject({ peerId: '127.0.0.1' })
})

it('sends the policy that the page itself has, and forbids frames', async () => {
  const source = await readFile(join(import.meta.dirname, '../../web/csp.ts'), 'utf8')
  const directives = [...source.matchAll(/^ {2}["'](.+)["'],$/gm)].map(([, directive]) => directive)
  expect(CONTENT_SECURITY_POLICY).toBe([...directives, "frame-ancestors 'none'"].join('; '))
})

it('gives what is shared beside the page, and nothing of it acts as a page', async () => {
  expect((await get('/ipfs/bafkqaaa?format=raw')).status).toBe(404)
  const files = new FileServer({ handle: async () => undefined, unhandle: async () => undefined })
  const content = memoryContent('hello.html', new TextEncoder().encode('<script>hello</script>'))
  const identity = await identify(content)
  files.add(identity, content)
  gateway = new Gateway(files.uploads)
  const answer = await fetch(`http://127.0.0.1:${port}/ipfs/${identity.cid}`)
  expect(await answer.text()).toBe('<script>hello</script>')
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'access-control-allow-origin': '*',
    'content-disposition': 'attachment; filename="hello.html"',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
  })
  expect((await get('/')).headers['content-security-policy']).toBe(CONTENT_SECURITY_POLICY)
})

it('gives nothing but the page: no other file, no path, no other method', async () => {
  for (const path of [
    '/secret.key',
    '/../secret.key',
    '/assets/../../etc/passwd',
    '/%2e%2e/secret.key',
    '/__proto__',
    '//etc/passwd',
  ]) {
    expect((await get(path)).status).toBe(404)
  }
  expect((await get('/', 'POST')).status).toBe(405)
})
