import { KEY_WORDS, type Key } from './key.ts'
import { compareKeys } from './ring-distance.ts'

/**
 * Whether `key` is in the open interval (`from`, `to`) of the ring, going clockwise. From a key to itself the interval is
 * the whole ring but for that key.
 */
export function isBetween(from: Key, key: Key, to: Key): boolean {
  const isAfter = compareKeys(from, key) < 0
  const isBefore = compareKeys(key, to) < 0
  return compareKeys(from, to) < 0 ? isAfter && isBefore : isAfter || isBefore
}

/**
 * Whether `key` is in the half-open interval (`from`, `to`] of the ring, going clockwise. From a key to itself the interval
 * is the whole ring.
 */
export function isInSpan(from: Key, key: Key, to: Key): boolean {
  const isAfter = compareKeys(from, key) < 0
  const isNotBehind = compareKeys(key, to) <= 0
  return compareKeys(from, to) < 0 ? isAfter && isNotBehind : isAfter || isNotBehind
}

/** The key that is 2^`exponent` further along the ring. `exponent` is a whole number from 0 to 159. */
export function plusPowerOfTwo(key: Key, exponent: number): Key {
  const sum = Int32Array.from(key)
  let word = KEY_WORDS - 1 - (exponent >> 5)
  let carry = 2 ** (exponent & 31)
  while (carry > 0 && word >= 0) {
    const total = ((sum[word] as number) >>> 0) + carry
    sum[word] = total | 0
    carry = total >= 2 ** 32 ? 1 : 0
    word--
  }
  return sum as unknown as Key
}
