import { describe, expect, it } from 'vitest'
import { availabilityOf, rangesOf } from '../src/dag/availability.ts'
import { ChunkPicker } from '../src/download/chunk-picker.ts'
import { formatAvailableRanges, parseAvailableRanges } from '../src/http/available-ranges.ts'
import { formatHead } from '../src/http/fields.ts'
import { ResponseError } from '../src/http/response.ts'
import { CHUNK_BYTES, download, identify, MemorySink, memoryContent, type PartialFile } from '../src/index.ts'
import { patterned } from './bytes.ts'
import { failureOf } from './failure-of.ts'
import { answerAs, honest, sendIfOpen } from './hostile-server.ts'
import { startPair } from './nodes.ts'
import { RawClient } from './raw-client.ts'
import { serve } from './shared.ts'
import { Swarm } from './swarm.ts'

const CHUNKS = 5
const BYTES = patterned((CHUNKS - 1) * CHUNK_BYTES + 10)
const IDENTITY = await identify(memoryContent('file', BYTES))
const FILE = { cid: IDENTITY.cid, size: BYTES.length }

/** The file, of which only some chunks are here. */
function part(...chunks: number[]): PartialFile {
  const available = new Uint8Array(CHUNKS)
  for (const index of chunks) available[index] = 1
  const read = async (start: number, end: number) => BYTES.subarray(start, end)
  return { ...FILE, name: 'file', leaves: IDENTITY.leaves, blocks: IDENTITY.blocks, available, read }
}

describe('available ranges', () => {
  it('are written and read as chunks, joined where they meet', () => {
    const available = Uint8Array.of(1, 1, 0, 0, 1)
    const ranges = rangesOf(available, BYTES.length)
    const field = formatAvailableRanges(ranges)
    expect(field).toBe(`bytes 0-${2 * CHUNK_BYTES - 1},${4 * CHUNK_BYTES}-${BYTES.length - 1}`)
    expect(availabilityOf(parseAvailableRanges(field, BYTES.length), BYTES.length)).toEqual(available)
  })

  it('may be none, and are cut to whole chunks', () => {
    expect(formatAvailableRanges([])).toBe('bytes')
    expect(parseAvailableRanges('bytes', 10)).toEqual([])
    const ranges = parseAvailableRanges(
      `bytes=1-${2 * CHUNK_BYTES}, ${4 * CHUNK_BYTES}-${4 * CHUNK_BYTES + 5}`,
      BYTES.length
    )
    expect([...availabilityOf(ranges, BYTES.length)]).toEqual([0, 1, 0, 0, 0])
  })

  it('fit a head, however many there are: the longest are told', () => {
    const ranges = Array.from({ length: 1000 }, (_, index) => ({
      start: index * 100,
      end: index * 100 + 1 + (index % 50),
    }))
    const field = formatAvailableRanges(ranges)
    expect(field.length).toBeLessThan(4096)
    expect(parseAvailableRanges(field, 1e6).every(({ start, end }) => end - start > 39)).toBe(true)
  })

  it.each([
    '',
    'bytes 5-1',
    'bytes -5',
    'bytes 0-99',
    'bytes 0-10',
    'bytes 1e3-2e3',
    'chunks 0-1',
    'bytes 0-1,,',
    'bytesx',
    `bytes ${'0-1,'.repeat(300)}0-1`,
  ])('%j is refused for a file of ten bytes', (field) => {
    expect(() => parseAvailableRanges(field, 10)).toThrow(ResponseError)
  })
})

describe('a file of which only part is here', () => {
  it('is served as far as it is here, and never said to be missing', async () => {
    const [client, node] = await startPair()
    const { server } = await serve(node, 10)
    const partial = part(1, 2)
    const serving = server.addPartial(partial)
    const raw = await RawClient.connect(client, node.peerId)
    const path = `/ipfs/${IDENTITY.cid}`
    const chunk = (index: number) => ({ Range: `bytes=${index * CHUNK_BYTES}-${(index + 1) * CHUNK_BYTES - 1}` })
    const told = `bytes ${CHUNK_BYTES}-${3 * CHUNK_BYTES - 1}`
    const head = await raw.ask(path, {}, 'HEAD')
    expect([head.status, head.fields.get('x-available-ranges')]).toEqual([200, told])
    const here = await raw.ask(path, chunk(1))
    expect([here.status, here.body.length, here.fields.get('x-available-ranges')]).toEqual([206, CHUNK_BYTES, told])
    const missing = await raw.ask(path, chunk(0))
    expect([missing.status, missing.fields.get('x-available-ranges')]).toEqual([416, told])
    expect((await raw.ask(path)).status).toBe(503)
    const root = await raw.ask(path, { Accept: 'application/vnd.ipld.raw' })
    expect(root.status).toBe(200)
    serving.pause()
    const paused = await raw.ask(path, chunk(1))
    expect([paused.status, paused.fields.get('x-available-ranges')]).toEqual([416, 'bytes'])
    serving.end()
    expect((await raw.ask(path, chunk(1))).status).toBe(404)
    const again = server.addPartial(partial)
    partial.available.fill(1)
    const whole = await raw.ask(path)
    expect([whole.status, whole.body.length, whole.fields.get('x-available-ranges')]).toEqual([
      200,
      BYTES.length,
      undefined,
    ])
    server.add(IDENTITY, memoryContent('file', BYTES))
    again.end()
    expect((await raw.ask(path, {}, 'HEAD')).status).toBe(200)
    server.delete(IDENTITY.cid)
    expect((await raw.ask(path, {}, 'HEAD')).status).toBe(404)
  })

  it('is fetched from whoever has which part', async () => {
    const swarm = await Swarm.create()
    const peers = [await swarm.join(), await swarm.join(), await swarm.join()]
    peers[0]?.server.addPartial(part(0, 1, 2))
    peers[1]?.server.addPartial(part(2, 3))
    peers[2]?.server.addPartial(part(1, 4))
    const sink = new MemorySink(BYTES.length)
    const sources = peers.map(({ peerId }) => peerId)
    const { bytesBySource, progress } = await download(swarm, { ...FILE, sources, sink })
    expect(Buffer.compare(sink.bytes ?? Buffer.of(0), BYTES)).toBe(0)
    expect([...bytesBySource.values()].every((bytes) => bytes > 0)).toBe(true)
    expect(progress.sources.every(({ problem }) => problem === undefined)).toBe(true)
  })

  it('is passed on while it comes: two fetch it from one who gives each chunk once', async () => {
    const swarm = await Swarm.create()
    const given = new Set<number>()
    const more: (() => void)[] = []
    const seed = await swarm.share(IDENTITY, {
      name: 'file',
      size: BYTES.length,
      read: async (start, end) => {
        const index = Math.floor(start / CHUNK_BYTES)
        // Whoever asks for a chunk a second time has to get it from the other.
        if (given.has(index)) await new Promise<void>((resolve) => more.push(resolve))
        given.add(index)
        return BYTES.subarray(start, end)
      },
    })
    const [a, b] = [await swarm.join(), await swarm.join()]
    const fetch = async (self: typeof a, other: typeof a) => {
      const sink = new MemorySink(BYTES.length)
      const config = { pollMs: 5, pollsMax: 1e6, stallMs: 60_000, lanesPerSource: 1 }
      const sources = [seed.peerId, other.peerId]
      // The other may not have begun.
      other.server.addPartial(part())
      const { endServing } = await download(swarm, { ...FILE, sources, sink }, { server: self.server, config })
      // The other may ask while the file is moved to its place and hashed.
      await new Promise((resolve) => setImmediate(resolve))
      self.server.add(IDENTITY, memoryContent('file', BYTES))
      endServing()
      return sink.bytes
    }
    const got = await Promise.all([fetch(a, b), fetch(b, a)])
    for (const bytes of got) expect(Buffer.compare(bytes ?? Buffer.of(0), BYTES)).toBe(0)
    expect(given.size).toBe(CHUNKS)
    for (const resolve of more) resolve()
  })

  it('of which nothing missing ever comes is given up, in words', async () => {
    const swarm = await Swarm.create()
    const { peerId, server } = await swarm.join()
    server.addPartial(part(0, 1))
    const request = { ...FILE, sources: [peerId], sink: new MemorySink(BYTES.length) }
    const error = await failureOf(download(swarm, request, { config: { pollMs: 1, pollsMax: 3 } }))
    expect(error.reason).toBe('not-found')
    expect(error.message).toMatch(/^The peer has only part of this file/)
  })

  it.each([
    ['says so and refuses what it said it had', 'bytes 0-5242879', 416],
    ['names ranges that cannot be', 'bytes 99999999999-0', 206],
  ])('a source that %s is asked no more', async (_, field, status) => {
    const swarm = await Swarm.create()
    let asked = 0
    const liar = await swarm.answerWith(
      answerAs((one) => {
        const { head, body } = honest(one, IDENTITY, BYTES)
        if (one.start === undefined) return sendIfOpen(one.stream, head, body)
        asked++
        const ranges = field.replace('5242879', String(BYTES.length - 1))
        const length = status === 206 ? body.length : 0
        const range = `bytes ${one.start}-${one.start + body.length - 1}/${BYTES.length}`
        const fields: [string, string | number][] = [
          ['Content-Length', length],
          ['X-Available-Ranges', ranges],
        ]
        if (status === 206) fields.push(['Content-Range', range])
        sendIfOpen(one.stream, formatHead(`HTTP/1.1 ${status} x`, fields), body.subarray(0, length))
      })
    )
    const request = { ...FILE, sources: [liar], sink: new MemorySink(BYTES.length) }
    const error = await failureOf(download(swarm, request, { config: { retriesMax: 0 } }))
    expect(error.reason).toBe(status === 206 ? 'corrupt' : 'refused')
    expect(asked).toBeLessThanOrEqual(3)
  })
})

describe('which chunk is fetched next', () => {
  const whole = (bytesPerSecond = 0) => ({ available: undefined, bytesPerSecond })

  it('is the first of those that the fewest have, and that the source has', () => {
    const picker = new ChunkPicker(5, 2)
    const [a, b] = [
      { available: Uint8Array.of(1, 1, 1, 0, 0), bytesPerSecond: 0 },
      { available: Uint8Array.of(1, 1, 0, 1, 0), bytesPerSecond: 0 },
    ]
    picker.update(a)
    picker.update(b)
    expect([picker.take(a), picker.take(b), picker.take(whole()), picker.take(b)]).toEqual([2, 3, 4, 0])
    b.available = Uint8Array.of(0, 0, 0, 0, 0)
    picker.update(b)
    expect(picker.take(b)).toBeUndefined()
    picker.remove(a)
    expect(picker.take(whole())).toBe(1)
  })

  it('is one that another fetches only when none is left, the slowest first, and no third time', () => {
    const picker = new ChunkPicker(3, 2)
    const [slow, slower, idle, late] = [whole(20), whole(10), whole(99), whole(5)]
    expect([picker.take(slow), picker.take(slower), picker.take(slow)]).toEqual([0, 1, 2])
    expect([picker.take(idle), picker.take(idle), picker.take(idle), picker.take(idle)]).toEqual([1, 0, 2, undefined])
    expect(picker.take(late)).toBeUndefined()
    picker.giveBack(1, slower)
    expect(picker.take(late)).toBe(1)
    picker.finish(1)
    picker.giveBack(1, idle)
    picker.giveBack(1, late)
    expect([picker.take(slower), picker.doneCount]).toEqual([undefined, 1])
    picker.giveBack(0, slow)
    picker.giveBack(0, idle)
    expect(picker.take(late)).toBe(0)
  })
})
