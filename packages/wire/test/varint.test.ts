import { ProtocolError } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readVarint, VARINT_BYTES_MAX, varintSize, writeVarint } from '../src/index.ts'

function encode(value: number): Uint8Array {
  const bytes = new Uint8Array(varintSize(value))
  expect(writeVarint(value, bytes, 0)).toBe(bytes.length)
  return bytes
}

describe('varints', () => {
  it('are those of the multiformats specification', () => {
    expect([...encode(1)]).toEqual([0x01])
    expect([...encode(127)]).toEqual([0x7f])
    expect([...encode(128)]).toEqual([0x80, 0x01])
    expect([...encode(255)]).toEqual([0xff, 0x01])
    expect([...encode(300)]).toEqual([0xac, 0x02])
    expect([...encode(16384)]).toEqual([0x80, 0x80, 0x01])
  })

  it('read back what was written, wherever it stands', () => {
    forAll(fc.tuple(fc.nat(2 ** 28 - 1), fc.nat(5)), ([value, at]) => {
      const bytes = new Uint8Array(at + varintSize(value) + 2).fill(0xff)
      const end = writeVarint(value, bytes, at)
      expect(readVarint(bytes, at)).toEqual({ value, end })
    })
  })

  it('wait for the rest when bytes end within one', () => {
    forAll(fc.nat(2 ** 28 - 1), (value) => {
      const bytes = encode(value)
      for (let length = 0; length < bytes.length; length++) {
        expect(readVarint(bytes.subarray(0, length), 0)).toBeUndefined()
      }
    })
  })

  it('are refused when longer than need be, or than four bytes', () => {
    for (const bytes of [
      [0x80, 0],
      [0xff, 0x80, 0],
      [0xff, 0xff, 0xff, 0xff],
      [0x80, 0x80, 0x80, 0x80, 0x01],
    ]) {
      expect(() => readVarint(Uint8Array.from(bytes), 0)).toThrow(ProtocolError)
    }
    expect(VARINT_BYTES_MAX).toBe(4)
  })

  it('have one form each: what is read is written the same', () => {
    forAll(fc.uint8Array({ maxLength: 6 }), (bytes) => {
      try {
        const read = readVarint(bytes, 0)
        if (read !== undefined) expect([...encode(read.value)]).toEqual([...bytes.subarray(0, read.end)])
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
      }
    })
  })
})
