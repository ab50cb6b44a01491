import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEY_BYTES, KEY_WORDS, keyFromBytes, keyFromWords, keysEqual, keyToBytes, keyToHex } from '../src/index.ts'

/** Three hundred of a kind, the same ones in every run. */
function drawn<T>(arbitrary: fc.Arbitrary<T>): T[] {
  return fc.sample(arbitrary, { numRuns: 300, seed: 1 })
}

const bytes = fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES })

describe('keys', () => {
  it('are the leading 160 bits of a digest, most significant byte first', () => {
    const digest = Uint8Array.from({ length: 32 }, (_, i) => i)
    const key = keyFromBytes(digest)
    expect([...key]).toEqual([0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f, 0x10111213])
    expect(keyToHex(key)).toBe('000102030405060708090a0b0c0d0e0f10111213')
    expect([...keyToBytes(key)]).toEqual([...digest.subarray(0, 20)])
  })

  it('go to bytes and back', () => {
    for (const digest of drawn(bytes)) expect([...keyToBytes(keyFromBytes(digest))]).toEqual([...digest])
  })

  it('are read from where a view begins', () => {
    for (const [digest, offset] of drawn(fc.tuple(bytes, fc.nat(9)))) {
      const larger = new Uint8Array(offset + KEY_BYTES + 3).fill(0xee)
      larger.set(digest, offset)
      expect([...keyToBytes(keyFromBytes(larger.subarray(offset)))]).toEqual([...digest])
    }
  })

  it('have forty hexadecimal digits, the sign of no word showing', () => {
    for (const digest of drawn(bytes)) expect(keyToHex(keyFromBytes(digest))).toBe(Buffer.from(digest).toString('hex'))
  })

  it('are equal when every word is', () => {
    for (const [a, b] of drawn(fc.tuple(bytes, bytes))) {
      expect(keysEqual(keyFromBytes(a), keyFromBytes(a))).toBe(true)
      expect(keysEqual(keyFromBytes(a), keyFromBytes(b))).toBe(Buffer.compare(a, b) === 0)
    }
    const key = keyFromWords(Int32Array.of(1, 2, 3, 4, 5))
    for (let i = 0; i < KEY_WORDS; i++) {
      const other = Int32Array.of(1, 2, 3, 4, 5)
      other[i] = 9
      expect(keysEqual(key, keyFromWords(other))).toBe(false)
    }
  })

  it('are views of the words they are made of', () => {
    const table = Int32Array.from({ length: 10 }, (_, i) => i)
    const key = keyFromWords(table.subarray(5, 10))
    table[5] = 42
    expect(key[0]).toBe(42)
  })

  it('are of one length only', () => {
    expect(() => keyFromBytes(new Uint8Array(19))).toThrow(RangeError)
    expect(() => keyFromWords(new Int32Array(4))).toThrow(RangeError)
    expect(() => keyFromWords(new Int32Array(6))).toThrow(RangeError)
  })
})
