import { describe, expect, it } from 'vitest'
import { CHUNK_BYTES, download, FileServer, identify, MemorySink, memoryContent } from '../src/index.ts'
import { patterned } from './bytes.ts'
import { startPair, type Transport } from './nodes.ts'

describe.each<Transport>(['memory', 'websocket', 'tcp'])('a download over %s', (transport) => {
  it.each([0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES - 3])('brings a file of %i bytes', async (size) => {
    const [client, server] = await startPair(transport)
    const bytes = patterned(size)
    const content = memoryContent('a.bin', bytes)
    const files = new FileServer(server)
    await files.start()
    const identity = await identify(content)
    files.add(identity, content)
    const sink = new MemorySink(size)
    const summary = await download(client, { cid: identity.cid, size, sources: [server.peerId], sink })
    expect(sink.bytes).toEqual(bytes)
    expect(summary.bytesBySource.get(server.peerId.toString())).toBe(size)
  })
})
