import { type Draw, drawFrom, framesOf, mutate, readHostileFrames, refusedStreams } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { chord } from '../src/index.ts'
import { messages } from './arbitraries.ts'

const { codec, framing } = chord

const seeds = framesOf(codec, messages, 300)

/** Values that break readers: ends of ranges, counts that are too high. */
const POISON = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x40, 0x41]

const spoiled = (draw: Draw) => mutate(drawFrom(seeds, draw), draw, POISON)

describe('hostile bytes', () => {
  it('100,000 random and mutated frames give a message or a ProtocolError, and what was read is written as it came', () => {
    const met = readHostileFrames(codec, { seeds, poison: POISON, firstBelow: 16 })
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
    const chunk = (draw: Draw) =>
      draw(2) === 0 ? spoiled(draw) : mutate(framing.frame(drawFrom(seeds, draw)), draw, POISON)
    const chunksOf = (draw: Draw) => Array.from({ length: 1 + draw(4) }, () => chunk(draw))
    expect(refusedStreams(framing, chunksOf)).toBeGreaterThan(100)
  })
})
