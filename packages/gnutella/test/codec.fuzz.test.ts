import { deflateSync } from 'node:zlib'
import {
  type Draw,
  drawFrom,
  draws,
  expectSameBytes,
  framesOf,
  mutate,
  outcomeOf,
  randomFrame,
  refusedStreams,
  testPeerCodec,
} from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codec } from '../src/codec.ts'
import { framing } from '../src/framing.ts'
import type { Guid } from '../src/guid.ts'
import type { Message, QrpPatch, QrpReset } from '../src/messages.ts'
import { patchesFor } from '../src/v06/qrp-patches.ts'
import { QueryRouteTable } from '../src/v06/query-route-table.ts'
import { TableReceiver } from '../src/v06/table-receiver.ts'
import { messages } from './arbitraries.ts'
import { fromHex, GENUINE } from './vectors/genuine.ts'
import { GENUINE_REQUEST } from './vectors/handshake.ts'

/** A frame with the length field set right: what is behind it is reached. */
function withLength(frame: Uint8Array): Uint8Array {
  if (frame.length >= 23) new DataView(frame.buffer, frame.byteOffset).setUint32(19, frame.length - 23, true)
  return frame
}

const seeds: readonly Uint8Array[] = [
  ...Object.values(GENUINE).map(fromHex),
  new Uint8Array(Buffer.from(GENUINE_REQUEST)),
  ...framesOf(codec, messages, 400),
]

const openings: readonly Uint8Array[] = [
  { type: 'Ok' } as const,
  { type: 'ConnectRequest', headers: new Map() } as const,
  { type: 'ConnectResponse', code: 200, reason: 'OK', headers: new Map(), tryUltrapeers: [] } as const,
].map((message) => codec.encode(message, testPeerCodec))

/** Values that break readers: ends of ranges, marks of formats. */
const POISON = [0x00, 0xff, 0x1c, 0xc3, 0x40, 0x7f, 0x80, 0x81, 0x0a, 0x0d, 0x3a, 0x78]

const spoiled = (draw: Draw) => mutate(drawFrom(seeds, draw), draw, POISON)

const FUNCTIONS = [0x00, 0x01, 0x02, 0x30, 0x31, 0x32, 0x40, 0x80, 0x81]

/** Whether what was read of a text is read again as the same: it may be written in other ways. */
function isSettled(read: Message): boolean {
  const again = codec.decode(codec.encode(read, testPeerCodec), testPeerCodec)
  return Buffer.compare(codec.encode(again, testPeerCodec), codec.encode(read, testPeerCodec)) === 0
}

const isText = ({ type }: Message) => /^(Connect|Ok)/.test(type)

describe('hostile bytes', () => {
  it('100,000 random and mutated frames give a message or a ProtocolError, and what was read is written as it came', () => {
    const draw = draws(1)
    const met = new Set<string>()
    for (let i = 0; i < 100_000; i++) {
      const kind = i % 3
      const frame = kind === 0 ? randomFrame(draw) : draw(8) > 0 ? spoiled(draw) : drawFrom(seeds, draw).slice()
      if (kind === 0 && frame.length > 18) {
        frame[16] = drawFrom(FUNCTIONS, draw)
        if (draw(2) === 0) frame.set([1, 0], 17)
      }
      const isMeantAsText = kind === 1 && frame[0] === 0x47
      const read = outcomeOf(codec, kind < 2 && !isMeantAsText ? withLength(frame) : frame)
      if (typeof read === 'string') {
        met.add(read)
        continue
      }
      met.add(read.type === 'Unknown' ? `dropped: ${read.reason}` : read.type)
      if (isText(read)) {
        expect(isSettled(read)).toBe(true)
        continue
      }
      expectSameBytes(codec.encode(read, testPeerCodec), frame)
    }
    // The frames go everywhere: each kind of message and each way to be none.
    const types = fc.sample(messages, { seed: 7, numRuns: 400 }).map(({ type }) => type)
    for (const type of types) if (type !== 'Unknown') expect(met).toContain(type)
    for (const expected of ['bad-handshake', 'bad-length']) expect(met).toContain(expected)
    for (const reason of [
      'bad-size',
      'malformed-query-hit',
      'query-without-nul',
      'malformed-sha1',
      'no-results',
      'unknown-type',
      'improper-hops-ttl',
    ]) {
      expect(met).toContain(`dropped: ${reason}`)
    }
  })

  it('the cutter takes 20,000 random and mutated chunks', () => {
    const chunksOf = (draw: Draw) => [
      ...(draw(4) > 0 ? [drawFrom(openings, draw)] : []),
      ...Array.from({ length: 1 + draw(4) }, () => spoiled(draw)),
    ]
    expect(refusedStreams(framing, chunksOf)).toBeGreaterThan(1000)
  })

  it('no frame costs more than its length: the longest of each kind, filled with what is slow to read, are done in one go', () => {
    const longest = (fn: number, fill: readonly number[], start: readonly number[]) => {
      const length = fn === 0x80 ? 256 : fn === 0x81 ? 65_535 : 1550
      const payload = [
        ...start,
        ...Array.from({ length: length - start.length }, (_, i) => fill[i % fill.length] as number),
      ]
      return withLength(Uint8Array.from([...new Array<number>(16).fill(1), fn, 7, 0, 0, 0, 0, 0, ...payload]))
    }
    const fills = [
      [0],
      [0xff],
      [0x1c],
      [0xc3, 0x01, 0x41, 0x40],
      [0x75, 0x72, 0x6e, 0x3a],
      [0xc3],
      [0xef, 0xb7, 0xba],
      [1, 0],
    ]
    // 500 of each is 240 MB of frames: at a cost that grew with the square of a length this would take minutes.
    for (const fn of FUNCTIONS) {
      for (const fill of fills) {
        const frame = longest(fn, fill, fn === 0x81 ? [255, ...new Array<number>(18).fill(1)] : [])
        for (let i = 0; i < (fn === 0x81 ? 20 : 100); i++) outcomeOf(codec, frame)
      }
    }
  })
})

describe('hostile tables', () => {
  const guid = '\0'.repeat(16) as Guid
  const words = (count: number) =>
    QueryRouteTable.of(
      Array.from({ length: count }, (_, i) => `word${i}`),
      1024
    )
  const sequences: readonly (QrpReset | QrpPatch)[][] = [1, 4, 8].flatMap((entryBits) =>
    [3, 40, 500].flatMap((count) =>
      [7, 60, 4096].map((bytesMax) => [
        ...patchesFor(undefined, words(count), { guid, bytesMax, entryBits: entryBits as 1 | 4 | 8 }),
        ...patchesFor(words(count), words(2 * count), { guid, bytesMax, entryBits: entryBits as 1 | 4 | 8 }),
      ])
    )
  )

  /** Bytes changed, messages left out, sent twice or taken from another sequence. */
  function spoil(sequence: readonly (QrpReset | QrpPatch)[], draw: Draw): Message[] {
    const sent: Message[] = []
    for (const message of sequence) {
      const fate = draw(12)
      if (fate === 0) continue
      if (fate === 1) sent.push(message)
      if (fate === 2) {
        sent.push(drawFrom(drawFrom(sequences, draw), draw))
      }
      if (fate === 11 && message.type === 'QrpReset') sent.push({ ...message, infinity: draw(3) })
      const read =
        fate < 5 ? outcomeOf(codec, withLength(mutate(codec.encode(message, testPeerCodec), draw, POISON))) : message
      if (typeof read !== 'string') sent.push(read)
    }
    return sent
  }

  it('10,000 spoiled sequences give a table or an error by name', () => {
    const draw = draws(3)
    const met = new Set<string>()
    for (let i = 0; i < 10_000; i++) {
      const receiver = new TableReceiver()
      for (const message of spoil(drawFrom(sequences, draw), draw)) {
        let result: ReturnType<TableReceiver['onPatch']> = 'pending'
        if (message.type === 'QrpReset') result = receiver.onReset(message)
        else if (message.type === 'QrpPatch') result = receiver.onPatch(message)
        met.add(result instanceof QueryRouteTable ? 'a table' : result)
        if (receiver.table !== undefined) expect(receiver.table.fill).toBeLessThanOrEqual(1)
        if (typeof result === 'string' && result !== 'pending') break
      }
    }
    expect([...met].sort()).toEqual([
      'a table',
      'pending',
      'qrp-bad-compressor',
      'qrp-bad-entry-bits',
      'qrp-bad-infinity',
      'qrp-bad-length',
      'qrp-changed-size',
      'qrp-incomplete',
      'qrp-inflate',
      'qrp-no-reset',
      'qrp-overflow',
      'qrp-wrong-sequence',
    ])
  })

  it('a bomb gives no byte more than its table has, in one piece or in many', () => {
    const bomb = new Uint8Array(deflateSync(new Uint8Array(30_000_000)))
    const reset: QrpReset = { type: 'QrpReset', guid, ttl: 1, hops: 0, slots: 65_536, infinity: 7 }
    const piece = (sequence: number, sequenceSize: number, data: Uint8Array): QrpPatch => ({
      ...{ type: 'QrpPatch', guid, ttl: 1, hops: 0, compressor: 1, entryBits: 4 },
      ...{ sequence, sequenceSize, data },
    })
    // Inflated in full, these would be 30 GB.
    for (let i = 0; i < 1000; i++) {
      const receiver = new TableReceiver()
      receiver.onReset(reset)
      const pieces = 1 + (i % 3)
      const results = Array.from({ length: pieces }, (_, at) => {
        const length = Math.ceil(bomb.length / pieces)
        return receiver.onPatch(piece(at + 1, pieces, bomb.subarray(at * length, (at + 1) * length)))
      })
      expect(results.at(-1)).toBe('qrp-overflow')
      expect(receiver.table?.count).toBe(0)
    }
  })
})
