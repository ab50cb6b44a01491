import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareClockwise, compareKeys, compareRingDistance, type Key, keyFromBytes, keyToHex } from '../src/index.ts'

const RING = 1n << 160n
const settings = { seed: 1, numRuns: 2000 }

/** Keys anywhere, and keys that lie near each other. */
const keys = fc
  .oneof(
    fc.bigInt({ min: 0n, max: RING - 1n }),
    fc.bigInt({ min: -5n, max: 5n }),
    fc.bigInt({ min: (RING >> 1n) - 5n, max: (RING >> 1n) + 5n })
  )
  .map((number) => toKey(number))

function toKey(number: bigint): Key {
  const hex = (((number % RING) + RING) % RING).toString(16).padStart(40, '0')
  return keyFromBytes(Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)))
}

function numberOf(key: Key): bigint {
  return BigInt(`0x${keyToHex(key)}`)
}

function clockwise(from: Key, to: Key): bigint {
  return (numberOf(to) - numberOf(from) + RING) % RING
}

function distance(a: Key, b: Key): bigint {
  const [there, back] = [clockwise(a, b), clockwise(b, a)]
  return [there, back].sort((x, y) => (x < y ? -1 : 1))[0] as bigint
}

describe('distance on the ring', () => {
  it('is the shorter way round', () => {
    for (const [target, a, b] of fc.sample(fc.tuple(keys, keys, keys), settings)) {
      const [toA, toB] = [distance(target, a), distance(target, b)]
      const found = Math.sign(compareRingDistance(target, a, b))
      if (toA !== toB) expect(found).toBe(toA < toB ? -1 : 1)
      else if (numberOf(a) === numberOf(b)) expect(found).toBe(0)
    }
  })

  it('takes the clockwise one of two that are equally far', () => {
    expect(compareRingDistance(toKey(100n), toKey(110n), toKey(90n))).toBeLessThan(0)
    expect(compareRingDistance(toKey(100n), toKey(90n), toKey(110n))).toBeGreaterThan(0)
    expect(compareRingDistance(toKey(3n), toKey(-2n), toKey(8n))).toBeGreaterThan(0)
  })

  it('looks at as many words as it is told', () => {
    const [a, b] = [toKey(1n), toKey(2n)]
    expect(compareRingDistance(toKey(0n), a, b)).toBeLessThan(0)
    expect(compareRingDistance(toKey(0n), a, b, 4)).toBe(0)
    expect(compareKeys(a, b, 4)).toBe(0)
  })

  it('clockwise is what is left when going round', () => {
    for (const [from, a, b] of fc.sample(fc.tuple(keys, keys, keys), settings)) {
      const difference = clockwise(from, a) - clockwise(from, b)
      expect(Math.sign(compareClockwise(from, a, b))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0)
      expect(Math.sign(compareKeys(a, b))).toBe(numberOf(a) < numberOf(b) ? -1 : numberOf(a) > numberOf(b) ? 1 : 0)
    }
  })
})
