import { ProtocolError } from '@servent/machine'
import { testPeerCodec } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codec } from '../src/codec.ts'
import { FRAME_BYTES_MAX, framing } from '../src/framing.ts'
import { messages } from './arbitraries.ts'

const FRAMES = 100_000

/** Pseudo-random whole numbers, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}

const seeds = fc.sample(messages, { seed: 7, numRuns: 500 }).map((message) => codec.encode(message, testPeerCodec))

/** A frame of ours with bytes changed, cut, put in or left out, or bytes from nowhere. */
function frame(next: (below: number) => number): Uint8Array {
  if (next(4) === 0) return Uint8Array.from({ length: next(120) }, (_, i) => (i === 0 ? next(20) : next(256)))
  const bytes = [...(seeds[next(seeds.length)] as Uint8Array)]
  for (let changes = 1 + next(4); changes > 0; changes--) {
    const put = Array.from({ length: next(3) }, () => [0, 1, 255, next(256)][next(4)] as number)
    bytes.splice(next(bytes.length + 1), next(4), ...put)
  }
  return Uint8Array.from(bytes.slice(0, next(8) === 0 ? next(bytes.length + 1) : bytes.length))
}

describe('the codec', () => {
  it(`gives a message or a ProtocolError for ${FRAMES} random and mutated frames, and reads again what it would write`, () => {
    const next = numbers(1)
    const outcomes = new Map<string, number>()
    for (let i = 0; i < FRAMES; i++) {
      let outcome: string
      try {
        const message = codec.decode(frame(next), testPeerCodec)
        outcome = 'message'
        const again = codec.encode(message, testPeerCodec)
        if (again.length !== codec.size(message, testPeerCodec)) throw new Error('size and encode disagree')
        codec.decode(again, testPeerCodec)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        outcome = error.reason
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect([...outcomes.keys()]).toEqual(
      expect.arrayContaining([
        'message',
        'truncated',
        'bad-length',
        'unknown-type',
        'unknown-payload',
        'too-many-peers',
      ])
    )
    expect(outcomes.get('message')).toBeGreaterThan(FRAMES / 20)
  })

  it('holds no frame that is too long', () => {
    const tooLong = Uint8Array.of(0x81, 0x80, 0x10)
    expect(FRAME_BYTES_MAX).toBeLessThan(0x40001)
    expect(() => framing.cutter().push(tooLong)).toThrow(ProtocolError)
  })
})
