import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { build } from 'vite'
import { type Introducer, startIntroducer } from './introducer.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/** Builds the bench page into `folder`, and serves it with a bootstrap node that introduces its tabs to each other. */
export async function startHost(folder: string): Promise<Introducer> {
  await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'warn',
    base: './',
    resolve: { conditions: ['source', 'module', 'browser'] },
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
  })
  return startIntroducer('/ip4/127.0.0.1/tcp/0/ws', ({ url = '/' }, response) => {
    void replyFile(response, join(folder, url === '/' ? 'index.html' : url))
  })
}

async function replyFile(response: ServerResponse, path: string): Promise<void> {
  try {
    const body = await readFile(path)
    response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body)
  } catch (error) {
    response.writeHead(404).end(String(error))
  }
}
