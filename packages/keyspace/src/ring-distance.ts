import { KEY_WORDS, type Key } from './key.ts'

/** Where two distances are worked out: one after the other, so that none of millions of comparisons allocates. */
const first = new Uint32Array(KEY_WORDS)
const second = new Uint32Array(KEY_WORDS)

/**
 * Which of two keys is numerically closer to a target on the ring, where the highest identifier is followed by 0: below
 * zero if `a`, above if `b`. Of two that are equally far, on either side, the one clockwise of the target is taken for the
 * closer one, so that everybody agrees.
 *
 * @param words - how many leading words count: 4 for identifiers of 128 bits, 5 for 160
 */
export function compareRingDistance(target: Key, a: Key, b: Key, words: number = KEY_WORDS): number {
  const isClockwiseA = ringDistance(first, target, a, words)
  const isClockwiseB = ringDistance(second, target, b, words)
  for (let i = 0; i < words; i++) {
    const difference = (first[i] as number) - (second[i] as number)
    if (difference !== 0) return difference
  }
  return Number(isClockwiseB) - Number(isClockwiseA)
}

/** Compares two keys as numbers: negative, zero or positive. */
export function compareKeys(a: Key, b: Key, words: number = KEY_WORDS): number {
  for (let i = 0; i < words; i++) {
    const difference = ((a[i] as number) >>> 0) - ((b[i] as number) >>> 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * Compares how far clockwise two keys are of a third: negative if one walking clockwise from `from` meets `a` first. The
 * key itself is met at once.
 */
export function compareClockwise(from: Key, a: Key, b: Key, words: number = KEY_WORDS): number {
  subtract(first, a, from, words)
  subtract(second, b, from, words)
  for (let i = 0; i < words; i++) {
    const difference = (first[i] as number) - (second[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether the shorter way round from one key to another goes clockwise; so it does if both ways are as long. */
export function isClockwise(from: Key, to: Key, words: number = KEY_WORDS): boolean {
  subtract(first, to, from, words)
  return (first[0] as number) < 0x8000_0000
}

/** The shorter way round between two keys; true if it goes clockwise from `target`. */
function ringDistance(into: Uint32Array, target: Key, key: Key, words: number): boolean {
  subtract(into, key, target, words)
  if ((into[0] as number) < 0x8000_0000) return true
  negate(into, words)
  return false
}

/** `a - b`, modulo the size of the ring. */
function subtract(into: Uint32Array, a: Key, b: Key, words: number): void {
  let borrow = 0
  for (let i = words - 1; i >= 0; i--) {
    const difference = ((a[i] as number) >>> 0) - ((b[i] as number) >>> 0) - borrow
    into[i] = difference
    borrow = difference < 0 ? 1 : 0
  }
}

function negate(number: Uint32Array, words: number): void {
  let borrow = 0
  for (let i = words - 1; i >= 0; i--) {
    const difference = -(number[i] as number) - borrow
    number[i] = difference
    borrow = difference < 0 ? 1 : 0
  }
}
