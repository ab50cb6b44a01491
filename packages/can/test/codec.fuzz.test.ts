import { ProtocolError } from '@servent/machine'
import { testPeerCodec } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { can, type Message } from '../src/index.ts'
import { messages } from './arbitraries.ts'

const { codec, framing } = can

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

const seeds = fc.sample(messages, { seed: 7, numRuns: 400 }).map((message) => codec.encode(message, testPeerCodec))

/** Values that break readers: ends of ranges, and those next to a type. */
const POISON = [0x00, 0xff, 0x01, 0x7f, 0x80, 0x10, 0x11]

function mutate(frame: Uint8Array, draw: (below: number) => number): Uint8Array {
  let bytes = [...frame]
  for (let change = draw(4); change >= 0; change--) {
    const at = draw(bytes.length + 1)
    const value = draw(2) === 0 ? draw(256) : (POISON[draw(POISON.length)] as number)
    bytes = bytes.toSpliced(at, draw(3), ...(draw(3) === 0 ? new Array<number>(draw(40)).fill(value) : [value]))
    if (draw(8) === 0) bytes = bytes.slice(0, draw(bytes.length + 1))
  }
  return Uint8Array.from(bytes)
}

describe('hostile bytes', () => {
  it('100,000 random and mutated frames give a message or a ProtocolError, and what was read is written as it came', () => {
    const draw = numbers(1)
    const met = new Set<string>()
    for (let i = 0; i < 100_000; i++) {
      const random = Uint8Array.from({ length: 1 + draw(120) }, (_, at) => (at === 0 ? draw(20) : draw(256)))
      const frame = i % 3 === 0 ? random : mutate(seeds[draw(seeds.length)] as Uint8Array, draw)
      const read = outcome(frame)
      if (typeof read === 'string') {
        met.add(read)
        continue
      }
      met.add(read.type)
      const written = codec.encode(read, testPeerCodec)
      if (Buffer.compare(written, frame) !== 0)
        expect(Buffer.from(written).toString('hex')).toBe(Buffer.from(frame).toString('hex'))
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
    expect(refusedCount).toBeGreaterThan(100)
  })
})
