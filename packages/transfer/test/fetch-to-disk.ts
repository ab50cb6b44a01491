// Run by resume.test.ts in a process of its own: fetches a file to disk and prints how far it has come, a line for each chunk.
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { DownloadError, download } from '../src/index.ts'
import { fileSink } from '../src/node.ts'

const [address = '', text = '', bytes = '', path = ''] = process.argv.slice(2)
const file = { cid: CID.parse(text), size: Number(bytes) }
const node = await createLibp2p({
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
})
const { remotePeer } = await node.dial(multiaddr(address))
const sink = await fileSink(path, file)
let told = -1
try {
  await download(
    node,
    { ...file, sources: [remotePeer], sink },
    {
      onProgress: ({ chunksDone }) => {
        if (chunksDone !== told) process.stdout.write(`${chunksDone}\n`)
        told = chunksDone
      },
    }
  )
  process.stdout.write('whole\n')
} catch (error) {
  if (!(error instanceof DownloadError)) throw error
  process.stdout.write(`${error.reason}: ${error.message}\n`)
}
await node.stop()
