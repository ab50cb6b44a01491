import { type Draw, drawFrom, framesOf, mutate, readHostileFrames, refusedStreams } from '@servent/machine/testing'
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
    const met = readHostileFrames(codec, { seeds, poison: POISON, firstBelow: 20 })
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
  })

  it('the cutter takes 20,000 random and mutated chunks', () => {
    const chunksOf = (draw: Draw) => Array.from({ length: 1 + draw(4) }, () => spoiled(draw))
    expect(refusedStreams(framing, chunksOf)).toBeGreaterThan(100)
  })
})
