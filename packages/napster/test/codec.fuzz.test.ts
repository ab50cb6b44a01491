import {
  type Draw,
  drawFrom,
  draws,
  framesOf,
  mutate,
  outcomeOf,
  randomFrame,
  refusedStreams,
  testPeerCodec,
} from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { napster } from '../src/index.ts'
import { messages } from './arbitraries.ts'
import { GENUINE } from './vectors/genuine.ts'

const { codec, framing } = napster

/** A frame with the length field set right: what is behind it is reached. */
function withLength(frame: Uint8Array): Uint8Array {
  if (frame.length >= 4) new DataView(frame.buffer, frame.byteOffset).setUint16(0, frame.length - 4, true)
  return frame
}

const seeds: readonly Uint8Array[] = [
  ...Object.values(GENUINE).map(({ frame }) => frame),
  ...framesOf(codec, messages, 300),
]

/** Bytes that break readers of text: what ends fields, what begins them, what is no UTF-8. */
const POISON = [0x22, 0x20, 0x00, 0x2d, 0x2e, 0x39, 0xc3, 0xff, 0x3a]

const spoiled = (draw: Draw) => mutate(drawFrom(seeds, draw), draw, POISON)

describe('hostile bytes', () => {
  it('100,000 random and mutated frames give a message or a ProtocolError, and what was read is read again as it was', () => {
    const draw = draws(1)
    const met = new Set<string>()
    for (let i = 0; i < 100_000; i++) {
      const frame = i % 4 === 0 ? randomFrame(draw) : spoiled(draw)
      const read = outcomeOf(codec, i % 8 === 1 ? frame : withLength(frame))
      if (typeof read === 'string') {
        met.add(read)
        continue
      }
      met.add(read.type === 'Unreadable' ? read.reason : read.type)
      const written = codec.encode(read, testPeerCodec)
      expect(codec.size(read, testPeerCodec)).toBe(written.length)
      // Bytes that are no UTF-8 take three when they are written again: what is too long then is told apart.
      if (written.length > 2052) continue
      const again = outcomeOf(codec, written)
      if (JSON.stringify(again) !== JSON.stringify(read)) expect(again).toEqual(read)
    }
    for (const seed of seeds) {
      const read = outcomeOf(codec, seed)
      if (typeof read !== 'string' && read.type !== 'Unreadable') expect(met).toContain(read.type)
    }
    for (const reason of ['bad-length', 'truncated', 'bad-peer', 'unparsable', 'unknown-command']) {
      expect(met).toContain(reason)
    }
  })

  it('the cutter takes 20,000 random and mutated chunks', () => {
    const chunksOf = (draw: Draw) => Array.from({ length: 1 + draw(4) }, () => spoiled(draw))
    expect(refusedStreams(framing, chunksOf)).toBeGreaterThan(1000)
  })

  it('no command costs more than its length: the longest of each kind, filled with what is slow to read', () => {
    const fills = ['"', '""', ' ', '" "', '"a" ', 'FILENAME CONTAINS ', 'cid:b', '9', '\u00ff', '"a" 0 1 1 1 1 ']
    for (const code of [2, 100, 200, 201, 203, 204, 212, 604, 870]) {
      for (const fill of fills) {
        const data = Buffer.from(fill.repeat(2048), 'latin1').subarray(0, 2048)
        const frame = withLength(Uint8Array.from([0, 0, code & 0xff, code >> 8, ...data]))
        for (let i = 0; i < 100; i++) outcomeOf(codec, frame)
      }
    }
  })
})
