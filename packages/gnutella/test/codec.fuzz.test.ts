import { ProtocolError } from '@servent/machine'
import { testPeerCodec } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gnutella04, type Message } from '../src/index.ts'
import { messages } from './arbitraries.ts'
import { fromHex, GENUINE } from './vectors/genuine.ts'

const { codec, framing } = gnutella04

/** Pseudo-random whole numbers, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}

function outcome(frame: Uint8Array): Message | string {
  try {
    return codec.decode(frame, testPeerCodec)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return error.reason
  }
}

/** A frame with the length field set right: what is behind it is reached. */
function withLength(frame: Uint8Array): Uint8Array {
  if (frame.length >= 23) new DataView(frame.buffer, frame.byteOffset).setUint32(19, frame.length - 23, true)
  return frame
}

const seeds: readonly Uint8Array[] = [
  ...Object.values(GENUINE).map(fromHex),
  ...fc.sample(messages, { seed: 7, numRuns: 200 }).map((message) => codec.encode(message, testPeerCodec)),
]

/** Values that break readers: ends of ranges, marks of formats. */
const POISON = [0x00, 0xff, 0x1c, 0xc3, 0x40, 0x7f, 0x80, 0x81]

function mutate(frame: Uint8Array, draw: (below: number) => number): Uint8Array {
  let bytes = [...frame]
  for (let change = draw(4); change >= 0; change--) {
    const at = draw(bytes.length + 1)
    const value = draw(2) === 0 ? draw(256) : (POISON[draw(POISON.length)] as number)
    const put = draw(3) === 0 ? new Array<number>(draw(40)).fill(value) : [value]
    bytes = bytes.toSpliced(at, draw(3), ...put)
    if (draw(8) === 0) bytes = bytes.slice(0, draw(bytes.length + 1))
  }
  return Uint8Array.from(bytes)
}

describe('hostile bytes', () => {
  it('100,000 random and mutated frames give a message or a ProtocolError, and what was read is written as it came', () => {
    const draw = numbers(1)
    const met = new Set<string>()
    for (let i = 0; i < 100_000; i++) {
      const kind = i % 3
      const frame =
        kind === 0
          ? Uint8Array.from({ length: draw(120) }, () => draw(256))
          : mutate(seeds[draw(seeds.length)] as Uint8Array, draw)
      if (kind < 2 && frame.length > 16) frame[16] = [0, 1, 0x40, 0x80, 0x81, frame[16] as number][draw(6)] as number
      const read = outcome(kind < 2 ? withLength(frame) : frame)
      if (typeof read === 'string') {
        met.add(read)
        continue
      }
      met.add(read.type === 'Unknown' ? `dropped: ${read.reason}` : read.type)
      const written = codec.encode(read, testPeerCodec)
      if (Buffer.compare(written, frame) !== 0)
        expect(Buffer.from(written).toString('hex')).toBe(Buffer.from(frame).toString('hex'))
    }
    // The frames go everywhere: each kind of message and each way to be none.
    for (const expected of ['Ping', 'Pong', 'Query', 'QueryHit', 'Push', 'bad-handshake', 'bad-length']) {
      expect(met).toContain(expected)
    }
    for (const reason of [
      'bad-size',
      'malformed-query-hit',
      'query-without-nul',
      'malformed-sha1',
      'no-results',
      'unknown-type',
    ]) {
      expect(met).toContain(`dropped: ${reason}`)
    }
  })

  it('the cutter takes 20,000 random and mutated chunks', () => {
    const draw = numbers(2)
    let refusedCount = 0
    for (let i = 0; i < 20_000; i++) {
      const cutter = framing.cutter()
      try {
        if (draw(4) > 0) cutter.push(codec.encode({ type: 'Ok' }, testPeerCodec))
        for (let chunk = draw(4); chunk >= 0; chunk--)
          cutter.push(mutate(seeds[draw(seeds.length)] as Uint8Array, draw))
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
        refusedCount++
      }
    }
    expect(refusedCount).toBeGreaterThan(1000)
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
    for (const fn of [0x00, 0x01, 0x40, 0x80, 0x81]) {
      for (const fill of fills) {
        const frame = longest(fn, fill, fn === 0x81 ? [255, ...new Array<number>(18).fill(1)] : [])
        for (let i = 0; i < (fn === 0x81 ? 20 : 100); i++) outcome(frame)
      }
    }
  }, 20_000)
})
