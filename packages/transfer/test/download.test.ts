import { describe, expect, it } from 'vitest'
import {
  CHUNK_BYTES,
  download,
  FileServer,
  identify,
  MemorySink,
  memoryContent,
  type Sink,
  SinkFailedError,
  SinkFullError,
  type TransferProgress,
} from '../src/index.ts'
import { patterned } from './bytes.ts'
import { failureOf } from './failure-of.ts'
import { answerWith, honest, partHead, sendIfOpen } from './hostile-server.ts'
import { startNode, startPair, type Transport } from './nodes.ts'
import { serve } from './shared.ts'

async function reasonOf(run: Promise<unknown>): Promise<string> {
  return (await failureOf(run)).reason
}

describe.each<Transport>(['memory', 'websocket', 'tcp'])('a download over %s', (transport) => {
  it.each([0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 9 * CHUNK_BYTES - 3])('brings a file of %i bytes', async (size) => {
    const [client, node] = await startPair(transport)
    const { identity, bytes } = await serve(node, size)
    const sink = new MemorySink(size)
    const summary = await download(client, { cid: identity.cid, size, sources: [node.peerId], sink })
    expect(Buffer.compare(sink.bytes ?? Buffer.of(0), bytes)).toBe(0)
    expect(summary.bytesBySource.get(node.peerId.toString()) ?? 0).toBe(size)
  })
})

describe('a download', () => {
  it('opens three streams and closes them', async () => {
    const [client, node] = await startPair()
    const { identity } = await serve(node, 8 * CHUNK_BYTES)
    let opened = 0
    const dialProtocol: typeof client.dialProtocol = (...args) => {
      opened++
      return client.dialProtocol(...args)
    }
    const size = identity.size
    await download({ dialProtocol }, { cid: identity.cid, size, sources: [node.peerId], sink: new MemorySink(size) })
    expect(opened).toBe(3)
    await expect
      .poll(
        () =>
          client.getConnections().flatMap(({ streams }) => streams.filter(({ protocol }) => protocol === '/http/1.1'))
            .length
      )
      .toBe(0)
  })

  it('never has more than a chunk outstanding on a stream', async () => {
    const [client, node] = await startPair()
    const bytes = patterned(8 * CHUNK_BYTES)
    const identity = await identify(memoryContent('a', bytes))
    const outstanding = new Map<unknown, number>()
    let most = 0
    await answerWith(node, (asked) => {
      const { head, body } = honest(asked, identity, bytes)
      outstanding.set(asked.stream, (outstanding.get(asked.stream) ?? 0) + body.length)
      most = Math.max(most, outstanding.get(asked.stream) ?? 0)
      sendIfOpen(asked.stream, head, body)
      outstanding.set(asked.stream, (outstanding.get(asked.stream) ?? 0) - body.length)
    })
    await download(client, {
      cid: identity.cid,
      size: bytes.length,
      sources: [node.peerId],
      sink: new MemorySink(bytes.length),
    })
    expect(most).toBe(CHUNK_BYTES)
  })

  it('writes one chunk at a time, and each once', async () => {
    const [client, node] = await startPair()
    const { identity } = await serve(node, 8 * CHUNK_BYTES)
    const offsets: number[] = []
    let writing = 0
    const sink: Sink = {
      write: async (offset) => {
        expect(++writing).toBe(1)
        offsets.push(offset)
        await new Promise((resolve) => setImmediate(resolve))
        writing--
      },
      close: async () => undefined,
      suspend: async () => undefined,
      abort: async () => undefined,
    }
    await download(client, { cid: identity.cid, size: identity.size, sources: [node.peerId], sink })
    expect(offsets.sort((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, index) => index * CHUNK_BYTES))
  })

  it('tells how far it has come, ending with all', async () => {
    const [client, node] = await startPair()
    const { identity } = await serve(node, 4 * CHUNK_BYTES)
    const seen: TransferProgress[] = []
    const request = {
      cid: identity.cid,
      size: identity.size,
      sources: [node.peerId],
      sink: new MemorySink(identity.size),
    }
    await download(client, request, { onProgress: (progress) => seen.push(progress) })
    expect(seen.at(-1)).toMatchObject({ doneBytes: 4 * CHUNK_BYTES, totalBytes: 4 * CHUNK_BYTES, leftMs: 0 })
    expect(seen.map(({ doneBytes }) => doneBytes)).toEqual(
      seen.map(({ doneBytes }) => doneBytes).toSorted((a, b) => a - b)
    )
  })

  it('goes on over fresh streams when some are lost', async () => {
    const [client, node] = await startPair()
    const bytes = patterned(6 * CHUNK_BYTES)
    const identity = await identify(memoryContent('a', bytes))
    await answerWith(node, (asked) => {
      const { head, body } = honest(asked, identity, bytes)
      if (asked.number % 3 !== 2) return sendIfOpen(asked.stream, head, body)
      sendIfOpen(asked.stream, head, body.subarray(0, 100_000))
      setImmediate(() => asked.stream.abort(new Error('lost')))
    })
    const sink = new MemorySink(bytes.length)
    await download(client, { cid: identity.cid, size: bytes.length, sources: [node.peerId], sink })
    expect(Buffer.compare(sink.bytes ?? Buffer.of(0), bytes)).toBe(0)
  })

  it('takes what it can get from several sources, one of which lies and one of which is not there', async () => {
    const [client, good] = await startPair()
    const [bad, gone] = await Promise.all([startNode('memory'), startNode('memory')])
    await client.dial(bad.getMultiaddrs())
    const { identity, bytes } = await serve(good, 9 * CHUNK_BYTES)
    await answerWith(bad, (asked) => {
      if (asked.start === undefined) {
        const { head, body } = honest(asked, identity, bytes)
        return sendIfOpen(asked.stream, head, body)
      }
      sendIfOpen(
        asked.stream,
        partHead(asked.start, asked.start + CHUNK_BYTES, bytes.length),
        patterned(CHUNK_BYTES, 5)
      )
    })
    const sink = new MemorySink(bytes.length)
    const sources = [gone.peerId, bad.peerId, good.peerId]
    const summary = await download(client, { cid: identity.cid, size: bytes.length, sources, sink })
    expect(Buffer.compare(sink.bytes ?? Buffer.of(0), bytes)).toBe(0)
    expect(summary.bytesBySource.get(bad.peerId.toString())).toBe(0)
    expect(summary.bytesBySource.get(good.peerId.toString())).toBe(bytes.length)
  })
})

describe('a download fails', () => {
  it('as unreachable when the source is not there, or none is named', async () => {
    const [client, node] = await startPair()
    const { identity } = await serve(node, 10)
    await node.stop()
    const request = { cid: identity.cid, size: 10, sink: new MemorySink(10) }
    expect(await reasonOf(download(client, { ...request, sources: [node.peerId] }))).toBe('unreachable')
    expect(await reasonOf(download(client, { ...request, sources: [] }))).toBe('unreachable')
  })

  it('as refused when the source serves no files', async () => {
    const [client, node] = await startPair()
    const identity = await identify(memoryContent('a', patterned(10)))
    const request = { cid: identity.cid, size: 10, sources: [node.peerId], sink: new MemorySink(10) }
    expect(await reasonOf(download(client, request))).toBe('refused')
  })

  it('as not found when the source no longer shares the file', async () => {
    const [client, node] = await startPair()
    const { identity, server } = await serve(node, 2 * CHUNK_BYTES)
    server.delete(identity.cid)
    const request = {
      cid: identity.cid,
      size: identity.size,
      sources: [node.peerId],
      sink: new MemorySink(identity.size),
    }
    expect(await reasonOf(download(client, request))).toBe('not-found')
  })

  it('as busy when the source has no slot left', async () => {
    const [client, node] = await startPair()
    const { identity } = await serve(node, 100, { uploadSlotsMax: 0 })
    const request = { cid: identity.cid, size: 100, sources: [node.peerId], sink: new MemorySink(100) }
    expect(await reasonOf(download(client, request, { config: { retriesMax: 0 } }))).toBe('busy')
  })

  it.each([
    [new SinkFullError('full'), 'sink-full'],
    [new SinkFailedError('gone'), 'sink-failed'],
    [new Error('other'), 'sink-failed'],
  ])('when the sink fails (%s), and asks for no more', async (problem, reason) => {
    const [client, node] = await startPair()
    const { identity } = await serve(node, 30 * CHUNK_BYTES)
    let writes = 0
    let suspends = 0
    const sink: Sink = {
      write: async () => {
        if (++writes === 3) throw problem
      },
      close: () => Promise.reject(new Error('closed')),
      suspend: async () => void suspends++,
      abort: () => Promise.reject(new Error('aborted')),
    }
    expect(
      await reasonOf(download(client, { cid: identity.cid, size: identity.size, sources: [node.peerId], sink }))
    ).toBe(reason)
    expect([writes, suspends]).toEqual([3, 1])
  })

  it('when the sink cannot be closed, or cannot even be suspended', async () => {
    const [client, node] = await startPair()
    const { identity } = await serve(node, 10)
    const sink: Sink = {
      write: async () => undefined,
      close: () => Promise.reject(new SinkFullError('full')),
      suspend: () => Promise.reject(new Error('no way')),
      abort: async () => undefined,
    }
    const run = download(client, { cid: identity.cid, size: 10, sources: [node.peerId], sink })
    await expect(run).rejects.toMatchObject({
      reason: 'sink-full',
      cause: { errors: [{ reason: 'sink-full' }, { message: 'no way' }] },
    })
  })

  it('as aborted when the signal fires, before or amid', async () => {
    const [client, node] = await startPair()
    const { identity } = await serve(node, 30 * CHUNK_BYTES)
    const sink = new MemorySink(identity.size)
    const request = { cid: identity.cid, size: identity.size, sources: [node.peerId], sink }
    expect(await reasonOf(download(client, request, { signal: AbortSignal.abort() }))).toBe('aborted')
    const controller = new AbortController()
    const onProgress = () => controller.abort(new Error('enough'))
    expect(await reasonOf(download(client, request, { signal: controller.signal, onProgress }))).toBe('aborted')
    expect(sink.state).toBe('suspended')
  })

  it('as corrupt without asking anyone when no file has that CID and size', async () => {
    const sink = new MemorySink(0)
    const dialProtocol = () => Promise.reject(new Error('asked'))
    const { cid } = await identify(memoryContent('a', patterned(10)))
    for (const size of [0, CHUNK_BYTES + 1, -1, 1.5, Number.NaN, 2 ** 41]) {
      const sources = [(await startNode('memory')).peerId]
      expect(await reasonOf(download({ dialProtocol }, { cid, size, sources, sink }))).toBe('corrupt')
    }
  })

  it('when the file changes while it is fetched, with nothing wrong written', async () => {
    const [client, node] = await startPair()
    const size = 6 * CHUNK_BYTES
    const first = patterned(size)
    const second = patterned(size, 7)
    const identity = await identify(memoryContent('a', first))
    const server = new FileServer(node)
    await server.start()
    let reads = 0
    const read = async (start: number, end: number) => (reads++ < 3 ? first : second).subarray(start, end)
    server.add(identity, { name: 'a', size, read })
    const request = { cid: identity.cid, size, sources: [node.peerId], sink: new MemorySink(size) }
    expect(await reasonOf(download(client, request))).toBe('corrupt')
  })
})
