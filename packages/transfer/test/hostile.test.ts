import { describe, expect, it } from 'vitest'
import { formatHead } from '../src/http/fields.ts'
import {
  CHUNK_BYTES,
  type DownloadConfig,
  type DownloadError,
  download,
  type Identity,
  identify,
  MemorySink,
  memoryContent,
} from '../src/index.ts'
import { patterned } from './bytes.ts'
import { failureOf } from './failure-of.ts'
import { type Answerer, type Asked, answerWith, honest, partHead, sendIfOpen } from './hostile-server.ts'
import { startPair } from './nodes.ts'

const CHUNKS = 5
const SIZE = CHUNKS * CHUNK_BYTES - 99
const BYTES = patterned(SIZE)

/** Remembers what it was given, and that nothing of it was wrong. */
class CheckingSink extends MemorySink {
  readonly offsets: number[] = []

  override async write(offset: number, bytes: Uint8Array): Promise<void> {
    expect(Buffer.compare(bytes, BYTES.subarray(offset, offset + bytes.length))).toBe(0)
    this.offsets.push(offset)
    await super.write(offset, bytes)
  }
}

type Lie = (asked: Asked, identity: Identity) => void

/** Downloads from a server that lies as told; returns why it failed. */
async function lieFailure(
  lie: Lie,
  config: Partial<DownloadConfig> = {},
  size = SIZE
): Promise<DownloadError & { sink: CheckingSink }> {
  const [client, node] = await startPair('memory')
  const identity = await identify(memoryContent('a', BYTES))
  await answerWith(node, (asked) => lie(asked, identity))
  const sink = new CheckingSink(size)
  const request = { cid: identity.cid, size, sources: [node.peerId], sink }
  const error = await failureOf(download(client, request, { config: { retriesMax: 0, ...config } }))
  expect(sink.state).toBe('suspended')
  expect(error.message).toMatch(/^[A-Z].*\.$/)
  return Object.assign(error, { sink })
}

/** An honest server but for one chunk. */
function lieAbout(chunk: number, lie: Answerer): Lie {
  return (asked, identity) => {
    if (asked.start === chunk * CHUNK_BYTES) return lie(asked)
    const { head, body } = honest(asked, identity, BYTES)
    sendIfOpen(asked.stream, head, body)
  }
}

const noise = patterned(CHUNK_BYTES, 99)

describe('a source that sends wrong bytes', () => {
  it.each([
    ['first', 0],
    ['middle', 2],
    ['last', CHUNKS - 1],
  ])('in the %s chunk is corrupt, and nothing of them is written', async (_, chunk) => {
    const lie = lieAbout(chunk, ({ stream, start = 0 }) => {
      const end = Math.min(SIZE, start + CHUNK_BYTES)
      sendIfOpen(stream, partHead(start, end, SIZE), noise.subarray(0, end - start))
    })
    const error = await lieFailure(lie)
    expect(error.reason).toBe('corrupt')
    expect(error.sink.offsets).not.toContain(chunk * CHUNK_BYTES)
  })

  it('with one bit turned over is corrupt', async () => {
    const lie = lieAbout(3, ({ stream, start = 0 }) => {
      const body = BYTES.slice(start, start + CHUNK_BYTES)
      body[500_000] = (body[500_000] ?? 0) ^ 1
      sendIfOpen(stream, partHead(start, start + CHUNK_BYTES, SIZE), body)
    })
    expect((await lieFailure(lie)).reason).toBe('corrupt')
  })

  it.each<[string, (block: Uint8Array) => Uint8Array]>([
    ['other bytes', () => patterned(100)],
    ['nothing', () => new Uint8Array(0)],
    ['a byte more', (block) => Buffer.concat([block, Buffer.from([0])])],
    ['more than a block can have', () => patterned(70_000)],
  ])('for a block above the leaves (%s) is corrupt before any content is asked for', async (_, change) => {
    const asked: string[] = []
    const error = await lieFailure(({ request, stream }, identity) => {
      asked.push(request.path)
      const block = change(identity.blocks.get(identity.cid.toString()) ?? new Uint8Array(0))
      sendIfOpen(stream, formatHead('HTTP/1.1 200 OK', [['Content-Length', block.length]]), block)
    })
    expect(error.reason).toBe('corrupt')
    expect(asked.length).toBe(1)
  })

  it.each([SIZE - 1, SIZE + 1, SIZE - CHUNK_BYTES, SIZE + CHUNK_BYTES])(
    'is found out when the file is said to have %i bytes',
    async (size) => {
      const error = await lieFailure(
        (asked, identity) => {
          const { head, body } = honest(asked, identity, BYTES)
          sendIfOpen(asked.stream, head, body)
        },
        {},
        size
      )
      expect(error.reason).toBe('corrupt')
      expect(error.sink.offsets).toEqual([])
    }
  )
})

describe('a source that breaks HTTP', () => {
  const start = 2 * CHUNK_BYTES
  const end = start + CHUNK_BYTES
  const right = BYTES.subarray(start, end)

  it.each<[string, readonly Uint8Array[]]>([
    ['another range', [partHead(0, CHUNK_BYTES, SIZE), BYTES.subarray(0, CHUNK_BYTES)]],
    ['another size', [partHead(start, end, SIZE + 1), right]],
    ['a shorter length', [partHead(start, end, SIZE, 10), right.subarray(0, 10)]],
    ['a longer length', [partHead(start, end, SIZE, CHUNK_BYTES + 1), right, new Uint8Array(1)]],
    ['all of the file', [formatHead('HTTP/1.1 200 OK', [['Content-Length', SIZE]]), BYTES]],
    ['no length', [formatHead('HTTP/1.1 206 OK', [['Content-Range', `bytes ${start}-${end - 1}/${SIZE}`]]), right]],
    ['chunks', [formatHead('HTTP/1.1 206 OK', [['Transfer-Encoding', 'chunked']]), right]],
    ['no HTTP', [patterned(100)]],
    ['a head without end', [Buffer.alloc(9_000, 'x')]],
    ['an endless error', [formatHead('HTTP/1.1 404 Not Found', [['Content-Length', 1e15]]), right]],
    [
      'a redirect',
      [
        formatHead('HTTP/1.1 302 Found', [
          ['Content-Length', 0],
          ['Location', 'http://10.0.0.1/'],
        ]),
      ],
    ],
  ])('with %s is corrupt', async (_, parts) => {
    const error = await lieFailure(lieAbout(2, ({ stream }) => sendIfOpen(stream, ...parts)))
    expect(error.reason).toBe('corrupt')
    expect(error.sink.offsets).not.toContain(start)
  })

  it('by ending its answer early is unreachable: no byte of it was wrong', async () => {
    const lie = lieAbout(2, ({ stream }) => {
      sendIfOpen(stream, partHead(start, end, SIZE), right.subarray(0, 1_000))
      void stream.close()
    })
    expect((await lieFailure(lie)).reason).toBe('unreachable')
  })

  it('by talking before it is asked is corrupt', async () => {
    const lie: Lie = (asked, identity) => {
      const { head, body } = honest(asked, identity, BYTES)
      sendIfOpen(asked.stream, head, body, head, body)
    }
    expect((await lieFailure(lie)).reason).toBe('corrupt')
  })

  it('by never ending its body holds no more than a chunk of it', async () => {
    let sent = 0
    const lie = lieAbout(2, ({ stream }) => {
      sendIfOpen(stream, partHead(start, end, SIZE))
      while (stream.writeStatus === 'writable' && sent < 64 * CHUNK_BYTES) {
        sent += noise.length
        sendIfOpen(stream, noise)
      }
    })
    expect((await lieFailure(lie)).reason).toBe('corrupt')
  })
})

describe('a source that does not serve', () => {
  const status =
    (code: number): Lie =>
    ({ stream }) =>
      sendIfOpen(stream, formatHead(`HTTP/1.1 ${code} x`, [['Content-Length', 0]]))

  it.each([
    [404, 'not-found'],
    [410, 'not-found'],
    [429, 'busy'],
    [503, 'busy'],
    [403, 'refused'],
    [500, 'refused'],
    [204, 'corrupt'],
  ])('by status %i ends the download as %s', async (code, reason) => {
    expect((await lieFailure(status(code))).reason).toBe(reason)
  })

  it('by resetting every stream at once is busy, after a few tries', async () => {
    let streams = 0
    const error = await lieFailure(({ stream }) => {
      streams++
      stream.abort(new Error('no'))
    })
    expect(error.reason).toBe('busy')
    expect(streams).toBe(3)
  })

  it('by resetting amid every answer is unreachable, after a few tries', async () => {
    const lie = lieAbout(2, ({ stream }) => {
      sendIfOpen(stream, partHead(2 * CHUNK_BYTES, 3 * CHUNK_BYTES, SIZE), BYTES.subarray(0, 10_000))
      setImmediate(() => stream.abort(new Error('no')))
    })
    expect((await lieFailure(lie)).reason).toBe('unreachable')
  })

  it('by saying nothing has stalled', async () => {
    expect((await lieFailure(() => undefined, { stallMs: 30, attemptsMax: 2 })).reason).toBe('stalled')
  })

  it('by trickling has stalled', async () => {
    const lie = lieAbout(2, ({ stream }) => {
      sendIfOpen(stream, partHead(2 * CHUNK_BYTES, 3 * CHUNK_BYTES, SIZE))
      const trickle = setInterval(() => sendIfOpen(stream, new Uint8Array(1)), 5)
      stream.addEventListener('close', () => clearInterval(trickle))
    })
    expect((await lieFailure(lie, { stallMs: 60, attemptsMax: 1 })).reason).toBe('stalled')
  })
})
