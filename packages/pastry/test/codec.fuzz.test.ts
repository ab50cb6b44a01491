import { ProtocolError } from '@servent/machine'
import { framesOf, outcomeOf, readHostileFrames } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { codec } from '../src/codec.ts'
import { FRAME_BYTES_MAX, framing } from '../src/framing.ts'
import type { Message } from '../src/messages.ts'
import { messages } from './arbitraries.ts'

const seeds = framesOf(codec, messages, 500)

/** Values that break readers: ends of ranges. */
const POISON = [0x00, 0x01, 0x7f, 0x80, 0xff]

describe('hostile bytes', () => {
  it('100,000 random and mutated frames give a message or a ProtocolError, and what was read is written as it came', () => {
    const met = readHostileFrames(codec, { seeds, poison: POISON, firstBelow: 20 })
    for (const seed of seeds) expect(met).toContain((outcomeOf(codec, seed) as Message).type)
    for (const reason of ['truncated', 'bad-length', 'unknown-type', 'unknown-payload', 'too-many-peers']) {
      expect(met).toContain(reason)
    }
  })

  it('holds no frame that is too long', () => {
    const tooLong = Uint8Array.of(0x81, 0x80, 0x10)
    expect(FRAME_BYTES_MAX).toBeLessThan(0x40001)
    expect(() => framing.cutter().push(tooLong)).toThrow(ProtocolError)
  })
})
