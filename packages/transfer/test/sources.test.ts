import { describe, expect, it } from 'vitest'
import { formatHead } from '../src/http/fields.ts'
import {
  Bans,
  CHUNK_BYTES,
  type Content,
  type DownloadProgress,
  download,
  identify,
  MemorySink,
  memoryContent,
  type SourcePeer,
} from '../src/index.ts'
import { patterned } from './bytes.ts'
import { failureOf } from './failure-of.ts'
import { answerAs, honest, partHead, sendIfOpen } from './hostile-server.ts'
import { Swarm } from './swarm.ts'

const CHUNKS = 7
const LAST_BYTES = 77
const BYTES = patterned((CHUNKS - 1) * CHUNK_BYTES + LAST_BYTES)
const WRONG = patterned(CHUNK_BYTES, 99)
const IDENTITY = await identify(memoryContent('file', BYTES))
const SIZE = BYTES.length
const FILE = { cid: IDENTITY.cid, size: SIZE }

/** The file, told of each chunk that is asked for; a chunk that the test gives is sent in its place. */
function watched(onRead: (chunk: number) => Promise<Uint8Array | undefined> | undefined): Content {
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const other = await onRead(Math.floor(start / CHUNK_BYTES))
    return other?.subarray(0, end - start) ?? BYTES.subarray(start, end)
  }
  return { name: 'file', size: SIZE, read }
}

const NEVER = new Promise<undefined>(() => undefined)

/** Lets other things happen, the number of turns given. */
async function turns(count: number): Promise<undefined> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
  return undefined
}

/** The same numbers in every run. */
function random(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

function isRight(sink: MemorySink): boolean {
  return sink.bytes !== undefined && Buffer.compare(sink.bytes, BYTES) === 0
}

describe('three sources of which one lies', () => {
  it.each([
    ['first', 0],
    ['middle', 3],
    ['last', CHUNKS - 1],
  ])(
    'about the %s chunk: 34 of 34 times the file is right, a chunk is wasted a lie, and the liar is named',
    async (_, lie) => {
      for (let seed = 1; seed <= 34; seed++) {
        const pick = random(seed)
        const swarm = await Swarm.create()
        const lied = Promise.withResolvers<undefined>()
        let lies = 0
        const slow = () => turns(pick(8))
        const liar = await swarm.share(
          IDENTITY,
          watched(async (chunk) => {
            await slow()
            if (chunk !== lie) return undefined
            lies++
            lied.resolve(undefined)
            return WRONG
          })
        )
        const honestOnes = [await swarm.share(IDENTITY, watched(slow)), await swarm.share(IDENTITY, watched(slow))]
        // Whoever is honest is slow to be reached, so that the liar is asked for the chunk that it lies about.
        swarm.reach = async (peer) => (peer.equals(liar.peerId) ? undefined : lied.promise)
        const sources = honestOnes.map(({ peerId }) => peerId)
        sources.splice(pick(3), 0, liar.peerId)
        const sink = new MemorySink(SIZE)
        const bans = new Bans()
        // Without the endgame, which has a waste of its own.
        const config = { fetchersMax: 1 }
        const { progress } = await download(swarm, { ...FILE, sources, sink }, { bans, config })
        expect(isRight(sink)).toBe(true)
        expect([lies, progress.wastedBytes]).toEqual([1, lie === CHUNKS - 1 ? LAST_BYTES : CHUNK_BYTES])
        expect(progress.sources.filter(({ state }) => state === 'banned')).toMatchObject([
          {
            peer: liar.peerId,
            problem: 'The peer sent something that is not this file. What it sent was thrown away.',
          },
        ])
        expect([bans.size, bans.has(liar.peerId)]).toEqual([1, true])
      }
    }
  )

  it('is asked for nothing in the next download of the session', async () => {
    const swarm = await Swarm.create()
    const liar = await swarm.share(
      IDENTITY,
      watched(async () => WRONG)
    )
    const good = await swarm.share(
      IDENTITY,
      watched(async () => undefined)
    )
    const bans = new Bans()
    const fetch = async (sources: SourcePeer[]) => {
      const sink = new MemorySink(SIZE)
      return (await download(swarm, { ...FILE, sources, sink }, { bans })).progress
    }
    await fetch([liar.peerId, good.peerId])
    swarm.streams.length = 0
    const { sources } = await fetch([liar.peerId, good.peerId])
    expect(sources.find(({ peer }) => peer.equals(liar.peerId))?.state).toBe('banned')
    expect(swarm.streams.filter(({ peer }) => peer.equals(liar.peerId))).toEqual([])
    expect((await failureOf(fetch([liar.peerId]))).reason).toBe('corrupt')
  })

  it('about the tree: another is asked for it', async () => {
    const swarm = await Swarm.create()
    const liar = await swarm.answerWith(
      answerAs((asked) =>
        sendIfOpen(asked.stream, formatHead('HTTP/1.1 200 OK', [['Content-Length', 99]]), WRONG.subarray(0, 99))
      )
    )
    const good = await swarm.share(
      IDENTITY,
      watched(async () => undefined)
    )
    swarm.reach = (peer) => turns(peer.equals(good.peerId) ? 20 : 0)
    const sink = new MemorySink(SIZE)
    const { progress } = await download(swarm, { ...FILE, sources: [liar, good.peerId], sink })
    expect(isRight(sink)).toBe(true)
    expect(progress.sources.find(({ peer }) => peer.equals(liar))?.state).toBe('banned')
  })

  it('none, but the size is wrong: nobody is blamed', async () => {
    const swarm = await Swarm.create()
    const good = await swarm.share(
      IDENTITY,
      watched(async () => undefined)
    )
    const bans = new Bans()
    const request = { cid: IDENTITY.cid, size: SIZE + 1, sources: [good.peerId], sink: new MemorySink(SIZE + 1) }
    expect((await failureOf(download(swarm, request, { bans }))).reason).toBe('corrupt')
    expect(bans.size).toBe(0)
  })
})

describe('several sources', () => {
  it('join while it runs, and the one that was first may leave', async () => {
    const swarm = await Swarm.create()
    const half = Promise.withResolvers<void>()
    const first = await swarm.share(
      IDENTITY,
      watched(async (chunk) => (chunk < 3 ? undefined : NEVER))
    )
    const late = await swarm.share(
      IDENTITY,
      watched(async () => undefined)
    )
    async function* sources(): AsyncGenerator<SourcePeer> {
      yield first.peerId
      await half.promise
      yield late.peerId
      swarm.leave(first.peerId)
    }
    const sink = new MemorySink(SIZE)
    const seen: DownloadProgress[] = []
    const onProgress = (progress: DownloadProgress) => {
      seen.push(progress)
      if (progress.chunksDone >= 3) half.resolve()
    }
    const { bytesBySource } = await download(swarm, { ...FILE, sources: sources(), sink }, { onProgress })
    expect(isRight(sink)).toBe(true)
    expect(bytesBySource.get(first.peerId.toString())).toBe(3 * CHUNK_BYTES)
    expect(seen.at(-1)).toMatchObject({ chunksDone: CHUNKS, chunksTotal: CHUNKS, keptBytes: 0 })
  })

  it('are waited for while more may come, and the download ends when nobody comes', async () => {
    const swarm = await Swarm.create()
    const listed = Promise.withResolvers<void>()
    async function* sources(): AsyncGenerator<SourcePeer> {
      await listed.promise
      yield* []
    }
    let isOver = false
    const run = download(swarm, { ...FILE, sources: sources(), sink: new MemorySink(SIZE) }).finally(() => {
      isOver = true
    })
    const failure = failureOf(run)
    await turns(50)
    expect(isOver).toBe(false)
    listed.resolve()
    expect((await failure).reason).toBe('unreachable')
  })

  it('one of which stalls: it is left after a while, and another brings the rest', async () => {
    const swarm = await Swarm.create()
    const stalled = await swarm.share(
      IDENTITY,
      watched(async (chunk) => (chunk < 2 ? undefined : NEVER))
    )
    const good = await swarm.share(
      IDENTITY,
      watched(async () => undefined)
    )
    const left = Promise.withResolvers<string | undefined>()
    async function* sources(): AsyncGenerator<SourcePeer> {
      yield stalled.peerId
      await left.promise
      yield good.peerId
    }
    const onProgress = ({ sources: [first] }: DownloadProgress) => {
      if (first?.state === 'left') left.resolve(first.problem)
    }
    const sink = new MemorySink(SIZE)
    const config = { stallMs: 200, retryMs: 10_000 }
    const { bytesBySource } = await download(swarm, { ...FILE, sources: sources(), sink }, { onProgress, config })
    expect(isRight(sink)).toBe(true)
    expect(await left.promise).toBe('The peer stopped sending.')
    expect(bytesBySource.get(stalled.peerId.toString())).toBe(2 * CHUNK_BYTES)
  })

  it('end with a race for the last chunks: who is slow is not waited for', async () => {
    const swarm = await Swarm.create()
    // Sends one chunk, and then begins others that it never ends.
    let sent = 0
    const slow = await swarm.answerWith(
      answerAs((asked) => {
        const { head, body } = honest(asked, IDENTITY, BYTES)
        const isWhole = asked.start === undefined || sent++ === 0
        sendIfOpen(asked.stream, head, isWhole ? body : body.subarray(0, 1000))
      })
    )
    const good = await swarm.share(
      IDENTITY,
      watched(async () => undefined)
    )
    const sink = new MemorySink(SIZE)
    const config = { stallMs: 600_000 }
    const { progress, bytesBySource } = await download(
      swarm,
      { ...FILE, sources: [slow, good.peerId], sink },
      { config }
    )
    expect(isRight(sink)).toBe(true)
    expect(bytesBySource.get(slow.toString())).toBeLessThanOrEqual(CHUNK_BYTES + LAST_BYTES)
    expect(progress.wastedBytes).toBeLessThanOrEqual(2 * CHUNK_BYTES)
  })

  it('that were left are tried again when nobody else is there', async () => {
    const swarm = await Swarm.create()
    let isBack = false
    let refused = 0
    const busy = await swarm.answerWith(
      answerAs((asked) => {
        if (!isBack && asked.start !== undefined && asked.start >= 2 * CHUNK_BYTES) {
          refused++
          isBack = refused > 3
          sendIfOpen(asked.stream, partHead(asked.start, SIZE, SIZE).slice(0, 40))
          return asked.stream.abort(new Error('lost'))
        }
        const { head, body } = honest(asked, IDENTITY, BYTES)
        sendIfOpen(asked.stream, head, body)
      })
    )
    const sink = new MemorySink(SIZE)
    await download(swarm, { ...FILE, sources: [busy], sink }, { config: { retryMs: 1, attemptsMax: 1 } })
    expect(isRight(sink)).toBe(true)
  })

  it('that give no more than one stream are asked over that', async () => {
    const swarm = await Swarm.create()
    const { peerId, server } = await swarm.join({ streamsPerPeerMax: 1 })
    server.add(
      IDENTITY,
      watched(() => turns(5))
    )
    const sink = new MemorySink(SIZE)
    const { progress } = await download(swarm, { ...FILE, sources: [peerId], sink })
    expect(isRight(sink)).toBe(true)
    expect([progress.wastedBytes, server.refusals.get('status-429')]).toEqual([0, 2])
    expect(progress.sources[0]?.problem).toBeUndefined()
  })

  it('beyond those that are fetched from at once wait, and come to it', async () => {
    const swarm = await Swarm.create()
    const mute = await Promise.all(
      [1, 2].map(() =>
        swarm.share(
          IDENTITY,
          watched(() => NEVER)
        )
      )
    )
    const good = await swarm.share(
      IDENTITY,
      watched(async () => undefined)
    )
    const sink = new MemorySink(SIZE)
    const sources = [...mute.map(({ peerId }) => peerId), good.peerId]
    const most: number[] = []
    const { bytesBySource } = await download(
      swarm,
      { ...FILE, sources, sink },
      {
        config: { sourcesActiveMax: 2, sourcesMax: 3, stallMs: 30 },
        onProgress: (progress) =>
          most.push(progress.sources.filter(({ state }) => !['waiting', 'left'].includes(state)).length),
      }
    )
    expect(isRight(sink)).toBe(true)
    expect(bytesBySource.get(good.peerId.toString())).toBe(SIZE)
    expect(Math.max(...most)).toBeLessThanOrEqual(2)
  })
})
