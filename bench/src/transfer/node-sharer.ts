// Shares a file by servent and by a plain socket, in a process of its own: `node-sharer.ts FILE`. Ends with its input.
import { createReadStream } from 'node:fs'
import { createServer } from 'node:net'
import { fileContent } from '@servent/transfer/node'
import { startIntroducer } from './introducer.ts'
import type { Shared } from './page.ts'

/** What it prints, as one line of JSON, when all is ready. */
export interface Offer {
  readonly bootstrap: string
  readonly shared: Shared
  /** Whoever connects here is sent the bytes. */
  readonly plainPort: number
}

const [path = ''] = process.argv.slice(2)
const { url, peer } = await startIntroducer('/ip4/127.0.0.1/tcp/0', (_request, response) =>
  response.writeHead(404).end()
)
const startedAt = performance.now()
const { cid, size } = await peer.share(await fileContent(path))
const identifyMs = performance.now() - startedAt
const plain = createServer((socket) => createReadStream(path, { highWaterMark: 1_048_576 }).pipe(socket))
plain.listen(0, '127.0.0.1', () => {
  const address = plain.address()
  const plainPort = address === null || typeof address === 'string' ? 0 : address.port
  const offer: Offer = { bootstrap: url, shared: { cid, size, peer: peer.identity, identifyMs }, plainPort }
  process.stdout.write(`${JSON.stringify(offer)}\n`)
})
process.stdin.on('end', () => process.exit()).resume()
