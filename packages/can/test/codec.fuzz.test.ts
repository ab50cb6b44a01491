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
import { describe, expect, it } from 'vitest'
import { can } from '../src/index.ts'
import { messages } from './arbitraries.ts'

const { codec, framing } = can

const seeds = framesOf(codec, messages, 400)

/** Values that break readers: ends of ranges, and those next to a type. */
const POISON = [0x00, 0xff, 0x01, 0x7f, 0x80, 0x10, 0x11]

const spoiled = (draw: Draw) => mutate(drawFrom(seeds, draw), draw, POISON)

describe('hostile bytes', () => {
  it('100,000 random and mutated frames give a message or a ProtocolError, and what was read is written as it came', () => {
    const draw = draws(1)
    const met = new Set<string>()
    for (let i = 0; i < 100_000; i++) {
      const frame = i % 3 === 0 ? randomFrame(draw) : spoiled(draw)
      if (i % 3 === 0 && frame.length > 0) frame[0] = draw(20)
      const read = outcomeOf(codec, frame)
      if (typeof read === 'string') {
        met.add(read)
        continue
      }
      met.add(read.type)
      expectSameBytes(codec.encode(read, testPeerCodec), frame)
    }
    const types = [
      'Route',
      'RouteAck',
      'Answer',
      'Grant',
      'GrantAck',
      'Update',
      'Ping',
      'Pong',
      'Reassign',
      'Volunteer',
    ]
    const others = ['Store', 'Stored', 'Inventory', 'Want', 'Fetch', 'Fetched']
    for (const type of [...types, ...others]) expect(met).toContain(type)
    const reasons = [
      'truncated',
      'trailing-bytes',
      'unknown-type',
      'unknown-request',
      'bad-flag',
      'bad-zone',
      'no-value',
    ]
    for (const reason of [...reasons, 'no-provider', 'unknown-refusal', 'unknown-record', 'bad-peer']) {
      expect(met).toContain(reason)
    }
  }, 30_000)

  it('the cutter takes 20,000 random and mutated chunks', () => {
    const chunksOf = (draw: Draw) => Array.from({ length: 1 + draw(4) }, () => spoiled(draw))
    expect(refusedStreams(framing, chunksOf)).toBeGreaterThan(100)
  })
})
