import { ProtocolError } from '@servent/machine'
import { testPeerCodec } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Message, napster } from '../src/index.ts'
import { messages } from './arbitraries.ts'
import { GENUINE } from './vectors/genuine.ts'

const { codec, framing } = napster

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
  if (frame.length >= 4) new DataView(frame.buffer, frame.byteOffset).setUint16(0, frame.length - 4, true)
  return frame
}

const seeds: readonly Uint8Array[] = [
  ...Object.values(GENUINE).map(({ frame }) => frame),
  ...fc.sample(messages, { seed: 7, numRuns: 300 }).map((message) => codec.encode(message, testPeerCodec)),
]

/** Bytes that break readers of text: what ends fields, what begins them, what is no UTF-8. */
const POISON = [0x22, 0x20, 0x00, 0x2d, 0x2e, 0x39, 0xc3, 0xff, 0x3a]

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
  it('100,000 random and mutated frames give a message or a ProtocolError, and what was read is read again as it was', () => {
    const draw = numbers(1)
    const met = new Set<string>()
    for (let i = 0; i < 100_000; i++) {
      const frame =
        i % 4 === 0
          ? Uint8Array.from({ length: draw(120) }, () => draw(256))
          : mutate(seeds[draw(seeds.length)] as Uint8Array, draw)
      const read = outcome(i % 8 === 1 ? frame : withLength(frame))
      if (typeof read === 'string') {
        met.add(read)
        continue
      }
      met.add(read.type === 'Unreadable' ? read.reason : read.type)
      const written = codec.encode(read, testPeerCodec)
      expect(codec.size(read, testPeerCodec)).toBe(written.length)
      // Bytes that are no UTF-8 take three when they are written again: what is too long then is told apart.
      if (written.length > 2052) continue
      const again = outcome(written)
      if (JSON.stringify(again) !== JSON.stringify(read)) expect(again).toEqual(read)
    }
    for (const seed of seeds) {
      const read = outcome(seed)
      if (typeof read !== 'string' && read.type !== 'Unreadable') expect(met).toContain(read.type)
    }
    for (const reason of ['bad-length', 'truncated', 'bad-peer', 'unparsable', 'unknown-command']) {
      expect(met).toContain(reason)
    }
  }, 60_000)

  it('the cutter takes 20,000 random and mutated chunks', () => {
    const draw = numbers(2)
    let refusedCount = 0
    for (let i = 0; i < 20_000; i++) {
      const cutter = framing.cutter()
      try {
        for (let chunk = draw(4); chunk >= 0; chunk--)
          cutter.push(mutate(seeds[draw(seeds.length)] as Uint8Array, draw))
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
        refusedCount++
      }
    }
    expect(refusedCount).toBeGreaterThan(1000)
  })

  it('no command costs more than its length: the longest of each kind, filled with what is slow to read', () => {
    const fills = ['"', '""', ' ', '" "', '"a" ', 'FILENAME CONTAINS ', 'cid:b', '9', '\u00ff', '"a" 0 1 1 1 1 ']
    for (const code of [2, 100, 200, 201, 203, 204, 212, 604, 870]) {
      for (const fill of fills) {
        const data = Buffer.from(fill.repeat(2048), 'latin1').subarray(0, 2048)
        const frame = withLength(Uint8Array.from([0, 0, code & 0xff, code >> 8, ...data]))
        for (let i = 0; i < 100; i++) outcome(frame)
      }
    }
  }, 20_000)
})
