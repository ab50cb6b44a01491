import { forAll, testPeerCodec } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codec } from '../../src/codec.ts'
import type { Guid } from '../../src/guid.ts'
import type { QrpPatch, QrpReset } from '../../src/messages.ts'
import { type PatchOptions, patchesFor } from '../../src/v06/qrp-patches.ts'
import { QueryRouteTable } from '../../src/v06/query-route-table.ts'
import { TableReceiver } from '../../src/v06/table-receiver.ts'
import { fromHex } from '../vectors/genuine.ts'
import {
  GENUINE_EMPTY_PATCH,
  GENUINE_TABLE,
  PUBLISHED_FRAME,
  PUBLISHED_PATCHES,
  PUBLISHED_RESET,
  TABLE_TAKEN,
} from '../vectors/qrp.ts'

const guid = '\0'.repeat(16) as Guid

/** A QRP message of the payload given. */
function qrp(payload: string): QrpReset | QrpPatch {
  const bytes = fromHex(payload)
  const frame = new Uint8Array(23 + bytes.length)
  frame.set([0x30, 1, 0, bytes.length & 255, bytes.length >> 8], 16)
  frame.set(bytes, 23)
  return codec.decode(frame, testPeerCodec) as QrpReset | QrpPatch
}

function feed(receiver: TableReceiver, messages: Iterable<QrpReset | QrpPatch>) {
  let last: ReturnType<TableReceiver['onPatch']> = 'pending'
  for (const message of messages) {
    last = message.type === 'QrpReset' ? receiver.onReset(message) : receiver.onPatch(message)
    if (typeof last === 'string' && last !== 'pending') return last
  }
  return last
}

/** The same messages as other objects, as a wire gives them. */
const overTheWire = (messages: readonly (QrpReset | QrpPatch)[]) =>
  messages.map((message) => codec.decode(codec.encode(message, testPeerCodec), testPeerCodec) as QrpReset | QrpPatch)

const slotsOf = (table: QueryRouteTable | undefined): number[] => {
  const slots: number[] = []
  table?.eachSlot((slot) => slots.push(slot))
  return slots
}

describe('genuine tables', () => {
  it('of two files', () => {
    const receiver = new TableReceiver()
    feed(receiver, [qrp(GENUINE_TABLE.reset), qrp(GENUINE_TABLE.patch)])
    expect(slotsOf(receiver.table)).toEqual(Object.values(GENUINE_TABLE.slots))
  })

  it('of nothing', () => {
    const receiver = new TableReceiver()
    expect(feed(receiver, [qrp(GENUINE_TABLE.reset), qrp(GENUINE_EMPTY_PATCH)])).toBe(QueryRouteTable.empty(16_384))
  })

  it('of ours, that it took', () => {
    const receiver = new TableReceiver()
    feed(receiver, [qrp(TABLE_TAKEN.reset), qrp(TABLE_TAKEN.patch)])
    expect(receiver.table?.equals(QueryRouteTable.of(['zulu', 'yankee']))).toBe(true)
  })
})

describe('the published examples', () => {
  it('give the published tables', () => {
    const receiver = new TableReceiver()
    for (const [form, slots, pieces] of PUBLISHED_PATCHES) {
      if (slots.length === 1 && slots[0] === 2) feed(receiver, [qrp(PUBLISHED_RESET)])
      feed(receiver, pieces.map(qrp))
      expect(slotsOf(receiver.table), form).toEqual(slots)
    }
  })

  it('are what we write', () => {
    const write = (previous: QueryRouteTable | undefined, next: QueryRouteTable, entryBits: 4 | 8, bytesMax = 4096) =>
      patchesFor(previous, next, { guid, bytesMax, entryBits }).map((message) =>
        Buffer.from(codec.encode(message, testPeerCodec).subarray(23)).toString('hex')
      )
    const test = QueryRouteTable.of(['test'], 8)
    const both = QueryRouteTable.of(['test', 'qrp'], 8)
    const last = QueryRouteTable.of(['qrp'], 8)
    expect(write(undefined, test, 8)).toEqual([PUBLISHED_RESET, '01010100080000fa0000000000'])
    expect(write(test, both, 8)).toEqual(['010101000800000000000000fa'])
    expect(write(both, last, 8)).toEqual(['01010100080000060000000000'])
    expect(write(undefined, test, 4)).toEqual([PUBLISHED_RESET, '010101000400a00000'])
    expect(write(both, last, 4)).toEqual(['010101000400600000'])
    expect(write(undefined, test, 4, 2)).toEqual([PUBLISHED_RESET, '010102000400a0', '01020200040000'])
    expect(write(both, both, 4)).toEqual([])
  })

  it('have the header that they are published with', () => {
    const patch = codec.decode(fromHex(PUBLISHED_FRAME), testPeerCodec)
    expect(patch).toMatchObject({ type: 'QrpPatch', ttl: 1, hops: 0, sequence: 1, sequenceSize: 1, entryBits: 8 })
    expect(Buffer.from(codec.encode(patch, testPeerCodec)).toString('hex')).toBe(PUBLISHED_FRAME)
  })
})

describe('a sequence', () => {
  const table = (slots: number) =>
    fc.array(fc.nat(slots - 1), { maxLength: 200 }).map((set) => QueryRouteTable.ofMap(mapOf(set, slots), slots))
  const mapOf = (set: readonly number[], slots: number) => {
    const map = new Uint32Array(slots / 32)
    for (const slot of set) map[slot >>> 5] = (map[slot >>> 5] as number) | (1 << (slot & 31))
    return map
  }
  const options = fc.record({
    bytesMax: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 100, max: 40_000 })),
    entryBits: fc.constantFrom(1, 4, 8),
    infinity: fc.integer({ min: 2, max: 8 }),
  }) as fc.Arbitrary<Omit<PatchOptions, 'guid'>>

  it('gives the same tables however each is cut, packed and coded', () => {
    const steps = fc.array(fc.record({ next: table(512), options }), { minLength: 1, maxLength: 5 })
    forAll(
      steps,
      (drawn) => {
        const receiver = new TableReceiver()
        let previous: QueryRouteTable | undefined
        for (const { next, options } of drawn) {
          feed(receiver, overTheWire(patchesFor(previous, next, { ...options, guid })))
          expect(slotsOf(receiver.table)).toEqual(slotsOf(next))
          previous = next
        }
      },
      { seed: 6, runs: 300 }
    )
  })

  it('gives the same table at whichever bytes a stream is cut in two or three', () => {
    const next = QueryRouteTable.of(['alpha', 'song', 'zulu', 'yankee', 'mp3'], 2048)
    const [reset, whole] = patchesFor(undefined, next, { guid, bytesMax: 4096 }) as [QrpReset, QrpPatch]
    const cut = (ends: readonly number[]) =>
      ends.map((end, i) => ({
        ...whole,
        sequence: i + 1,
        sequenceSize: ends.length,
        data: whole.data.subarray(ends[i - 1] ?? 0, end),
      }))
    const { length } = whole.data
    for (let a = 0; a <= length; a++) {
      for (const ends of [
        [a, length],
        [Math.floor(a / 2), a, length],
      ]) {
        const receiver = new TableReceiver()
        expect(next.equals(feed(receiver, [reset, ...cut(ends)]) as QueryRouteTable)).toBe(true)
      }
    }
  })

  it('gives the very table that was sent where no wire is between', () => {
    const [a, b] = [QueryRouteTable.of(['alpha']), QueryRouteTable.of(['alpha', 'song'])]
    const receiver = new TableReceiver()
    expect(feed(receiver, patchesFor(undefined, a, { guid, bytesMax: 10 }))).toBe(a)
    const patches = patchesFor(a, b, { guid, bytesMax: 4096 })
    expect(patches).toHaveLength(1)
    expect(feed(receiver, patches)).toBe(b)
    // On another table the same objects are another difference.
    const other = new TableReceiver()
    feed(other, overTheWire(patchesFor(undefined, QueryRouteTable.of(['zulu']), { guid, bytesMax: 4096 })))
    feed(other, patches)
    expect(slotsOf(other.table)).toEqual(slotsOf(QueryRouteTable.of(['zulu', 'song'])))
  })

  it('is never longer than 255 pieces', () => {
    const words = Array.from({ length: 20_000 }, (_, i) => `word${i}`)
    const messages = patchesFor(undefined, QueryRouteTable.of(words), { guid, bytesMax: 1 })
    expect(messages.length).toBeLessThanOrEqual(256)
    expect(feed(new TableReceiver(), overTheWire(messages))).toBeInstanceOf(QueryRouteTable)
  })

  it('changes the table when it is whole, and a RESET empties it in between', () => {
    const receiver = new TableReceiver()
    const first = QueryRouteTable.of(['alpha'], 64)
    feed(receiver, patchesFor(undefined, first, { guid, bytesMax: 4096 }))
    const [a, b] = patchesFor(first, QueryRouteTable.of(['song'], 64), { guid, bytesMax: 10 }) as QrpPatch[]
    expect([receiver.onPatch(a as QrpPatch), receiver.table]).toEqual(['pending', first])
    expect(b).toBeDefined()
    receiver.onReset({ type: 'QrpReset', guid, ttl: 1, hops: 0, slots: 64, infinity: 7 })
    expect(receiver.table).toBe(QueryRouteTable.empty(64))
    expect(receiver.onPatch(b as QrpPatch)).toBe('qrp-wrong-sequence')
  })
})

describe('what is wrong is told by name', () => {
  const reset = (slots: number, infinity = 7): QrpReset => ({
    type: 'QrpReset',
    guid,
    ttl: 1,
    hops: 0,
    slots,
    infinity,
  })
  const patch = (fields: Partial<QrpPatch>): QrpPatch => ({
    type: 'QrpPatch',
    guid,
    ttl: 1,
    hops: 0,
    sequence: 1,
    sequenceSize: 1,
    compressor: 0,
    entryBits: 8,
    data: new Uint8Array(64),
    ...fields,
  })
  const two = (a: Partial<QrpPatch>, b: Partial<QrpPatch>) => [
    patch({ sequenceSize: 2, data: new Uint8Array(32), ...a }),
    patch({ sequence: 2, sequenceSize: 2, data: new Uint8Array(32), ...b }),
  ]

  it.each<[string, (QrpReset | QrpPatch)[]]>([
    ['qrp-no-reset', [patch({})]],
    ['qrp-bad-length', [reset(0)]],
    ['qrp-bad-length', [reset(4)]],
    ['qrp-bad-length', [reset(65_535)]],
    ['qrp-bad-length', [reset(2 ** 18)]],
    ['qrp-bad-length', [reset(2 ** 31)]],
    ['qrp-bad-infinity', [reset(64, 0)]],
    ['qrp-wrong-sequence', [reset(64), patch({ sequence: 0 })]],
    ['qrp-wrong-sequence', [reset(64), patch({ sequence: 2, sequenceSize: 2 })]],
    ['qrp-wrong-sequence', [reset(64), patch({ sequenceSize: 0 })]],
    ['qrp-wrong-sequence', [reset(64), ...two({}, { sequence: 1 })]],
    ['qrp-wrong-sequence', [reset(64), ...two({}, { sequence: 3, sequenceSize: 3 })]],
    ['qrp-changed-size', [reset(64), ...two({}, { sequenceSize: 3 })]],
    ['qrp-bad-entry-bits', [reset(64), patch({ entryBits: 3 })]],
    ['qrp-bad-entry-bits', [reset(64), patch({ entryBits: 0 })]],
    ['qrp-bad-entry-bits', [reset(64), ...two({}, { entryBits: 4 })]],
    ['qrp-bad-compressor', [reset(64), patch({ compressor: 2 })]],
    ['qrp-bad-compressor', [reset(64), ...two({}, { compressor: 1 })]],
    ['qrp-overflow', [reset(64), patch({ data: new Uint8Array(65) })]],
    ['qrp-overflow', [reset(64), ...two({}, { data: new Uint8Array(33) })]],
    ['qrp-overflow', [reset(64), patch({ compressor: 1, data: new Uint8Array(200) })]],
    ['qrp-incomplete', [reset(64), patch({ data: new Uint8Array(63) })]],
    ['qrp-inflate', [reset(64), patch({ compressor: 1, data: Uint8Array.of(1, 2, 3) })]],
  ])('%s', (error, messages) => {
    expect(feed(new TableReceiver(), messages)).toBe(error)
  })
})
