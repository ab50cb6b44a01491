import { ProtocolError } from '@servent/machine'
import { type Draw, drawFrom, draws, mutate, randomFrame } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { type BitswapMessage, decodeMessage, encodeMessage } from '../src/bitswap/message.ts'

const MESSAGES = 500
const FRAMES = 50_000

/** Values that break readers: ends of ranges. */
const POISON = [0x00, 0x01, 0x02, 0x7f, 0x80, 0xff]

function bytesFrom(draw: Draw, lengthMax: number): Uint8Array {
  return Uint8Array.from({ length: draw(lengthMax + 1) }, () => draw(256))
}

function messageFrom(draw: Draw): BitswapMessage {
  const some = <Value>(make: () => Value) => Array.from({ length: draw(4) }, make)
  const entry = () => ({
    block: bytesFrom(draw, 40),
    priority: drawFrom([0, 1, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31)], draw),
    cancel: draw(2) === 1,
    wantType: drawFrom(['Block', 'Have'] as const, draw),
    sendDontHave: draw(2) === 1,
  })
  return {
    wantlist: draw(4) === 0 ? undefined : { entries: some(entry), full: draw(2) === 1 },
    payload: some(() => ({ prefix: bytesFrom(draw, 6), data: bytesFrom(draw, 200) })),
    blockPresences: some(() => ({
      cid: bytesFrom(draw, 40),
      type: drawFrom(['Have', 'DontHave'] as const, draw),
    })),
    pendingBytes: drawFrom([0, 1, 300, 2 ** 31 - 1], draw),
  }
}

/** What the bytes say, or the rule that they break. Whatever else is thrown fails the test. */
function outcomeOf(bytes: Uint8Array): BitswapMessage | string {
  try {
    return decodeMessage(bytes)
  } catch (error) {
    if (error instanceof ProtocolError) return error.reason
    throw error
  }
}

describe('messages of Bitswap', () => {
  it('are read as they were written', () => {
    const draw = draws(1)
    for (let i = 0; i < 5_000; i++) {
      const message = messageFrom(draw)
      expect(decodeMessage(encodeMessage(message))).toEqual(message)
    }
  })

  it('come out of 50,000 random and mutated frames, or a ProtocolError does', () => {
    const draw = draws(2)
    const seeds = Array.from({ length: MESSAGES }, () => encodeMessage(messageFrom(draw)))
    const met = new Set<string>()
    for (let i = 0; i < FRAMES; i++) {
      const frame = i % 4 === 0 ? randomFrame(draw) : mutate(drawFrom(seeds, draw), draw, POISON)
      const read = outcomeOf(frame)
      met.add(typeof read === 'string' ? read : 'message')
      if (typeof read !== 'string') expect(outcomeOf(encodeMessage(read))).toEqual(read)
    }
    for (const outcome of ['message', 'truncated', 'bad-field', 'bad-wire-type', 'bad-varint', 'unknown-type'])
      expect(met).toContain(outcome)
  })

  it('have no more items than are kept', () => {
    // Two bytes each: an entry of a wantlist, a presence.
    const entries = new Uint8Array(40_000).fill(0x0a).map((_, at) => (at % 2 === 0 ? 0x0a : 0x00))
    const wantlist = Uint8Array.of(0x0a, 0xc0, 0xb8, 0x02, ...entries)
    expect(outcomeOf(wantlist)).toBe('too-many-items')
    expect(outcomeOf(entries.map((byte) => (byte === 0x0a ? 0x22 : byte)))).toBe('too-many-items')
  })
})
