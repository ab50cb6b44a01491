import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { BOOTSTRAP_INFO_PATH, createServent, type Servent } from '@servent/servent'
import { build } from 'vite'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/** The bench page and a bootstrap node that introduces its tabs to each other. */
export interface Host {
  readonly url: string
  stop(): Promise<void>
}

/** Builds the page into `folder` and serves it on a free port of this machine. */
export async function startHost(folder: string): Promise<Host> {
  await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'warn',
    base: './',
    resolve: { conditions: ['source', 'module', 'browser'] },
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
  })
  const bootstrap = await createServent({
    listen: ['/ip4/127.0.0.1/tcp/0/ws'],
    relay: {},
    privateAddresses: true,
    neighbors: 0,
  })
  const server = createServer(({ url = '/' }, response) => {
    if (url === BOOTSTRAP_INFO_PATH) reply(response, 'application/json', JSON.stringify(infoOf(bootstrap)))
    else void replyFile(response, join(folder, url === '/' ? 'index.html' : url))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The page has no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await bootstrap.stop()
    },
  }
}

function infoOf({ identity, multiaddrs }: Servent): { peerId: string; multiaddrs: readonly string[] } {
  return { peerId: identity.id, multiaddrs }
}

async function replyFile(response: ServerResponse, path: string): Promise<void> {
  try {
    reply(response, TYPES[extname(path)] ?? 'application/octet-stream', await readFile(path))
  } catch (error) {
    response.writeHead(404).end(String(error))
  }
}

function reply(response: ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { 'Content-Type': type }).end(body)
}
