import { ProtocolError } from '@servent/machine'
import { testPeerCodec } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chord } from '../src/index.ts'
import { messages } from './arbitraries.ts'

const { codec, framing } = chord

/** Pseudo-random whole numbers, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}

const seeds = fc.sample(messages, { seed: 7, numRuns: 300 }).map((message) => codec.encode(message, testPeerCodec))

/** Values that break readers: ends of ranges, counts that are too high. */
const POISON = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x40, 0x41]

function mutate(frame: Uint8Array, draw: (below: number) => number): Uint8Array {
  let bytes = [...frame]
  for (let change = draw(4); change >= 0; change--) {
    const at = draw(bytes.length + 1)
    const byte = draw(2) === 0 ? draw(256) : (POISON[draw(POISON.length)] as number)
    const put = draw(3) === 0 ? new Array<number>(draw(40)).fill(byte) : [byte]
    bytes = bytes.toSpliced(at, draw(3), ...put)
    if (draw(8) === 0) bytes = bytes.slice(0, draw(bytes.length + 1))
  }
  return Uint8Array.from(bytes)
}

function outcome(frame: Uint8Array): string {
  try {
    const message = codec.decode(frame, testPeerCodec)
    const written = codec.encode(message, testPeerCodec)
    if (Buffer.compare(written, frame) !== 0) {
      expect(Buffer.from(written).toString('hex')).toBe(Buffer.from(frame).toString('hex'))
    }
    return message.type
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return error.reason
  }
}

describe('hostile bytes', () => {
  it('100,000 random and mutated frames give a message or a ProtocolError, and what was read is written as it came', () => {
    const draw = numbers(1)
    const met = new Set<string>()
    for (let i = 0; i < 100_000; i++) {
      const random = Uint8Array.from({ length: draw(120) }, () => draw(256))
      if (random.length > 0) random[0] = draw(16)
      met.add(outcome(i % 3 === 0 ? random : mutate(seeds[draw(seeds.length)] as Uint8Array, draw)))
    }
    for (const type of [
      'FindSuccessor',
      'Found',
      'NextHop',
      'Neighbors',
      'Store',
      'Stored',
      'Offer',
      'Want',
      'Leave',
    ]) {
      expect(met).toContain(type)
    }
    for (const reason of ['truncated', 'too-long', 'unknown-type', 'unknown-outcome', 'bad-reach', 'too-many-peers']) {
      expect(met).toContain(reason)
    }
  })

  it('the cutter takes 20,000 random and mutated chunks', () => {
    const draw = numbers(2)
    let refusedCount = 0
    for (let i = 0; i < 20_000; i++) {
      const cutter = framing.cutter()
      try {
        for (let chunk = draw(4); chunk >= 0; chunk--) {
          const frame = seeds[draw(seeds.length)] as Uint8Array
          cutter.push(mutate(draw(2) === 0 ? framing.frame(frame) : frame, draw))
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
        refusedCount++
      }
    }
    expect(refusedCount).toBeGreaterThan(100)
  })
})
