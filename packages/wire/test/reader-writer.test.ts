import { ProtocolError } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader, Writer } from '../src/index.ts'

describe('Reader and Writer', () => {
  it('read back every width in both orders of bytes', () => {
    const fields = fc.record({
      u8: fc.nat(0xff),
      u16: fc.nat(0xffff),
      u32: fc.nat(0xffffffff),
      u48: fc.nat(2 ** 48 - 1),
      bytes: fc.uint8Array(),
    })
    forAll(fields, ({ u8, u16, u32, u48, bytes }) => {
      const writer = new Writer(19 + bytes.length).u8(u8).u16le(u16).u16be(u16).u32le(u32).u32be(u32).u48be(u48)
      const reader = new Reader(writer.bytes(bytes).finish())
      expect([reader.u8(), reader.u16le(), reader.u16be()]).toEqual([u8, u16, u16])
      expect([reader.u32le(), reader.u32be(), reader.u48be()]).toEqual([u32, u32, u48])
      expect(reader.offset).toBe(19)
      expect(reader.remaining).toBe(bytes.length)
      expect(reader.rest()).toEqual(bytes)
    })
  })

  it('put the least significant byte where its name says', () => {
    const bytesOf = (length: number, write: (writer: Writer) => Writer) => [...write(new Writer(length)).finish()]
    expect(bytesOf(4, (writer) => writer.u16le(0x0102).u16be(0x0102))).toEqual([2, 1, 1, 2])
    expect(bytesOf(8, (writer) => writer.u32le(0x01020304).u32be(0x01020304))).toEqual([4, 3, 2, 1, 1, 2, 3, 4])
    expect(bytesOf(6, (writer) => writer.u48be(0x010203040506))).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('never read past the end: whatever is asked for, it is there or a ProtocolError', () => {
    const asks = fc.array(fc.constantFrom('u8', 'u16le', 'u16be', 'u32le', 'u32be', 'u48be', 'rest'))
    forAll(fc.tuple(fc.uint8Array({ maxLength: 20 }), asks), ([bytes, drawn]) => {
      const reader = new Reader(bytes)
      for (const ask of drawn) {
        const before = reader.offset
        try {
          reader[ask as 'u8']()
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          expect(reader.offset).toBe(before)
        }
        expect(reader.offset + reader.remaining).toBe(bytes.length)
      }
    })
  })

  it('refuse a count that is negative or too large', () => {
    const reader = new Reader(new Uint8Array(4))
    for (const count of [5, -1, 2 ** 32, Number.POSITIVE_INFINITY]) {
      expect(() => reader.bytes(count)).toThrow(new ProtocolError('truncated'))
    }
    expect(reader.remaining).toBe(4)
  })

  it('read up to a terminator, and throw when there is none', () => {
    const reader = new Reader(Uint8Array.of(0x61, 0x62, 0, 0, 0x63))
    expect([...reader.until(0)]).toEqual([0x61, 0x62])
    expect([...reader.until(0)]).toEqual([])
    expect(() => reader.until(0)).toThrow(new ProtocolError('unterminated'))
    expect([...reader.rest()]).toEqual([0x63])
  })

  it('read a view within a larger buffer from its own beginning', () => {
    const reader = new Reader(Uint8Array.of(9, 9, 1, 0, 0, 0, 9).subarray(2, 6))
    expect(reader.u32le()).toBe(1)
    expect(() => reader.u8()).toThrow(ProtocolError)
  })

  it('tell a codec whose size was wrong', () => {
    expect(() => new Writer(1).u16le(1)).toThrow(RangeError)
    expect(() => new Writer(2).bytes(new Uint8Array(3))).toThrow(RangeError)
    expect(() => new Writer(2).u8(1).finish()).toThrow(RangeError)
  })
})
