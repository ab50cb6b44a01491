import { ProtocolError } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import { Reader, Writer } from '@servent/wire'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cobsDecode,
  cobsEncode,
  cobsSize,
  deflated,
  ggepSize,
  readGgep,
  readLength,
  writeGgep,
  writeLength,
} from '../src/ggep.ts'
import { sha1FromBase32, sha1Urn } from '../src/index.ts'
import { BASE32, fromHex, GENUINE_COBS } from './vectors/genuine.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('GGEP', () => {
  it.each([
    [0, '40'],
    [63, '7f'],
    [64, '8140'],
    [4095, 'bf7f'],
    [4096, '818040'],
    [262_143, 'bfbf7f'],
  ])('length %i is %s', (length, expected) => {
    const writer = new Writer(expected.length / 2)
    writeLength(writer, length)
    expect(hex(writer.finish())).toBe(expected)
    expect(readLength(new Reader(fromHex(expected)))).toBe(length)
  })

  it.each(['00', 'c040', '80', '81808040', '8000'])('length %s is refused', (bytes) => {
    expect(() => readLength(new Reader(fromHex(bytes)))).toThrow(ProtocolError)
  })

  const extension = fc.record({
    id: fc.string({ unit: fc.constantFrom(...'ABCxyz019'), minLength: 1, maxLength: 15 }),
    data: fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.array(fc.constantFrom(0, 1), { maxLength: 600 }).map((a) => Uint8Array.from(a))
    ),
  })

  it('reads what it wrote, with NULs and without', () => {
    forAll(fc.tuple(fc.array(extension, { minLength: 1, maxLength: 5 }), fc.boolean()), ([extensions, withoutNul]) => {
      const size = ggepSize(extensions, withoutNul)
      const writer = new Writer(size)
      writeGgep(writer, extensions, withoutNul)
      const bytes = writer.finish()
      if (withoutNul) expect(bytes.includes(0)).toBe(false)
      expect(readGgep(bytes)).toEqual({ extensions, length: size })
      expect(readGgep(Uint8Array.from([...bytes, 9, 9])).length).toBe(size)
    })
  })

  it('is nothing for no extensions', () => expect(ggepSize([], true)).toBe(0))

  it.each([
    ['no magic byte', '00'],
    ['nothing behind it', 'c3'],
    ['an id of no length', 'c38040'],
    ['a reserved flag', 'c391414040'],
    ['data that end early', 'c381414201'],
    ['no last extension', 'c3014140'],
    ['COBS with a NUL', 'c3c1414200ff'],
    ['COBS that points past the end', 'c3c141420901'],
  ])('with %s is refused', (_, bytes) => expect(() => readGgep(fromHex(bytes))).toThrow(ProtocolError))

  it('passes over what claims to be deflated and is not', () => {
    expect(readGgep(fromHex('c3215a41aa81414101')).extensions).toEqual([{ id: 'A', data: Uint8Array.of(1) }])
  })

  it('deflates what gets shorter by it, with NULs and without', () => {
    const long = { id: 'LONG', data: Uint8Array.from({ length: 3000 }, (_, i) => i >> 9) }
    const short = { id: 'S', data: Uint8Array.of(1, 0, 2) }
    for (const withoutNul of [true, false]) {
      const written = [deflated(long), deflated(short)]
      const size = ggepSize(written, withoutNul)
      expect(size).toBeLessThan(100)
      const writer = new Writer(size)
      writeGgep(writer, written, withoutNul)
      const bytes = writer.finish()
      if (withoutNul) expect(bytes.includes(0)).toBe(false)
      expect(readGgep(bytes)).toEqual({ extensions: [long, short], length: size })
    }
  })

  it('inflates 64 KB of one block, and passes over what is more', () => {
    const bomb = { ...deflated({ id: 'BOMB', data: new Uint8Array(65_537) }) }
    const most = deflated({ id: 'MOST', data: new Uint8Array(65_000) })
    const more = deflated({ id: 'MORE', data: new Uint8Array(600) })
    const last = deflated({ id: 'LAST', data: new Uint8Array(500) })
    const written = [bomb, most, more, last]
    const writer = new Writer(ggepSize(written, false))
    writeGgep(writer, written, false)
    expect(readGgep(writer.finish()).extensions.map(({ id }) => id)).toEqual(['MOST', 'LAST'])
  })
})

describe('COBS', () => {
  it.each(GENUINE_COBS)('%s', (coded, plain) => {
    expect(hex(cobsDecode(fromHex(coded)))).toBe(plain)
    expect(hex(cobsEncode(fromHex(plain)))).toBe(coded)
  })

  it('leaves no NUL, and comes back, also around runs of 254', () => {
    const runs = fc
      .array(fc.tuple(fc.constantFrom(0, 1, 253, 254, 255, 508, 509), fc.boolean()), { maxLength: 4 })
      .map((parts) =>
        Uint8Array.from(parts.flatMap(([length, nul]) => [...new Array<number>(length).fill(7), ...(nul ? [0] : [])]))
      )
    forAll(fc.oneof(fc.uint8Array(), runs), (data) => {
      const coded = cobsEncode(data)
      expect(coded.includes(0)).toBe(false)
      expect(coded.length).toBe(cobsSize(data))
      expect([...cobsDecode(coded)]).toEqual([...data])
    })
  })
})

describe('urn:sha1', () => {
  it.each(BASE32)('%s is %s', (bytes, text) => {
    expect(sha1Urn(fromHex(bytes))).toBe(`urn:sha1:${text}`)
    expect(sha1FromBase32(text.toLowerCase())).toEqual(fromHex(bytes))
  })

  it.each(['', 'A'.repeat(31), 'A'.repeat(33), `${'A'.repeat(31)}1`, 'ß'.repeat(32), `${'A'.repeat(31)} `])(
    '%j is no SHA-1',
    (text) => expect(sha1FromBase32(text)).toBeUndefined()
  )
})
