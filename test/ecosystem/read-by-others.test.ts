// What is shared is read by programs of the IPFS network as they come from the registry, which know nothing of ours.
import { trustlessGatewayBlockBroker } from '@helia/trustless-gateway-client'
import { unixfs } from '@helia/unixfs'
import { multiaddr } from '@multiformats/multiaddr'
import { BootstrapProcess } from '@servent/bootstrap/testing'
import { createServent, type Servent, type Share } from '@servent/servent'
import { memoryContent } from '@servent/transfer'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeliaReader } from './helia-reader.ts'

/** How long the network may take to hear of a file, and a reader to read it, in milliseconds. */
const PROVIDED_MS = 100_000

/** Three chunks and a root above them. */
const FILE = Uint8Array.from({ length: 2_500_000 }, (_, at) => (at * 7 + (at >> 8) * 13) & 0xff)

let bootstrap: BootstrapProcess
let peer: Servent
let share: Share

beforeAll(async () => {
  bootstrap = await BootstrapProcess.start()
  peer = await createServent({ bootstrap: bootstrap.url, listen: ['/ip4/127.0.0.1/tcp/0/ws'], privateAddresses: true })
  share = await peer.share(memoryContent('Read by others.bin', FILE))
}, PROVIDED_MS)
afterAll(async () => {
  await Promise.all([peer.stop(), bootstrap.dispose()])
})

describe('Helia, unchanged', { timeout: 2 * PROVIDED_MS }, () => {
  it('reads a file of a Node peer by its CID alone: found by Kademlia, fetched by Bitswap', async () => {
    const { multiaddrs } = await bootstrap.info()
    const reader = await HeliaReader.start(multiaddrs)
    try {
      const signal = AbortSignal.timeout(PROVIDED_MS)
      expect(await reader.untilProvided(share.cid, signal)).toBe(peer.identity.id)
      const bytes = await reader.read(share.cid, signal)
      expect(Buffer.compare(bytes, FILE)).toBe(0)
      expect(reader.waysTo(peer.identity.id)).toEqual([expect.stringContaining('/ws')])
    } finally {
      await reader.stop()
    }
  })

  it('lists a folder of a Node peer by its CID alone', async () => {
    const files = ['b/Größe.bin', 'a.bin'].map((path) => ({ path, cid: share.cid }))
    const folder = await peer.shareFolder('Things', files)
    const { multiaddrs } = await bootstrap.info()
    const reader = await HeliaReader.start(multiaddrs)
    try {
      const signal = AbortSignal.timeout(PROVIDED_MS)
      await reader.untilProvided(folder.cid, signal)
      expect(await reader.list(folder.cid, signal)).toEqual(['a.bin', 'b'])
    } finally {
      await reader.stop()
    }
  })

  it('reads a file of the bootstrap node through its gateway', async () => {
    const { port } = new URL(bootstrap.url)
    const gateway = multiaddr(`/ip4/127.0.0.1/tcp/${port}/http`)
    const id = CID.parse('bafzaajaiaejcbvcwm6c6fnrcxnlhrz3lwhxlbkd3mrzbvhkxqyuscaqrfs5uk4rv')
    const helia = createHeliaLight({
      blockBrokers: [trustlessGatewayBlockBroker({ allowInsecure: true, allowLocal: true })],
      routers: [
        {
          name: 'gateway',
          async *findProviders() {
            yield {
              id,
              multiaddrs: [gateway],
              protocols: ['transport-ipfs-gateway-http'],
              router: 'gateway',
              fallback: false,
            }
          },
        },
      ],
    })
    await helia.start()
    try {
      const { cid, size } = await demoFile(peer)
      const signal = AbortSignal.timeout(PROVIDED_MS)
      let length = 0
      // Whatever comes is verified by Helia, block by block.
      for await (const part of unixfs(helia).cat(CID.parse(cid), { signal })) length += part.length
      expect(length).toBe(size)
    } finally {
      await helia.stop()
    }
  })
})

/** A file that the bootstrap node shares. */
async function demoFile(asker: Servent): Promise<{ readonly cid: string; readonly size: number }> {
  for (;;) {
    for await (const hit of asker.search('')) if (hit.cid !== share.cid) return hit
  }
}
