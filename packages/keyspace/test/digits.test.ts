import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digitAt, KEY_BITS, keyFromBytes, keyToHex, sharedBits, sharedDigits } from '../src/index.ts'

const keys = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(keyFromBytes)
const settings = { seed: 1, numRuns: 500 }

describe('digits', () => {
  it('of four bits are the hexadecimal ones', () => {
    for (const key of fc.sample(keys, settings)) {
      const digits = Array.from({ length: 40 }, (_, place) => digitAt(key, 4, place).toString(16))
      expect(digits.join('')).toBe(keyToHex(key))
    }
  })

  it.each([1, 2, 8, 16])('of %i bits make up the whole key', (bits) => {
    for (const key of fc.sample(keys, settings)) {
      let number = 0n
      for (let place = 0; place < KEY_BITS / bits; place++) {
        number = (number << BigInt(bits)) | BigInt(digitAt(key, bits, place))
      }
      expect(number).toBe(BigInt(`0x${keyToHex(key)}`))
    }
  })

  it('are shared as far as the texts are the same', () => {
    const pairs = fc.tuple(keys, fc.nat(159)).map(([key, bit]) => {
      const words = new Int32Array(key)
      words[bit >>> 5] = (words[bit >>> 5] as number) ^ (1 << (31 - (bit & 31)))
      return { key, other: words as unknown as typeof key, bit }
    })
    for (const { key, other, bit } of fc.sample(pairs, settings)) {
      expect(sharedBits(key, other)).toBe(bit)
      expect(sharedDigits(key, other, 4)).toBe(Math.floor(bit / 4))
      expect(sharedBits(key, key)).toBe(KEY_BITS)
    }
  })
})
