import { KEY_WORDS, type Key } from './key.ts'

/** Bits in the longest identifier. */
export const KEY_BITS = 32 * KEY_WORDS

/**
 * The digit of a key at a place, counted from the most significant one, with `bits` bits a digit.
 *
 * @param bits - 1, 2, 4, 8 or 16, so that no digit lies across two words
 * @param place - 0 up to `KEY_BITS / bits`, exclusive
 */
export function digitAt(key: Key, bits: number, place: number): number {
  const first = place * bits
  const word = key[first >>> 5] as number
  return (word >>> (32 - bits - (first & 31))) & ((1 << bits) - 1)
}

/** How many leading bits two keys have in common, up to `KEY_BITS`. */
export function sharedBits(a: Key, b: Key): number {
  for (let i = 0; i < KEY_WORDS; i++) {
    const difference = (a[i] as number) ^ (b[i] as number)
    if (difference !== 0) return 32 * i + Math.clz32(difference)
  }
  return KEY_BITS
}

/** How many leading digits two keys have in common: the papers' shl(A, B). */
export function sharedDigits(a: Key, b: Key, bits: number): number {
  return Math.floor(sharedBits(a, b) / bits)
}
