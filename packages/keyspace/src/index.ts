/**
 * Where keys live: 160-bit identifiers. Nodes and keys have identifiers from the same set, by SHA-256 truncated.
 *
 * @packageDocumentation
 */
export { digitAt, KEY_BITS, sharedBits, sharedDigits } from './digits.ts'
export { isBetween, isInSpan, plusPowerOfTwo } from './interval.ts'
export { KEY_BYTES, KEY_WORDS, type Key, keyFromBytes, keyFromWords, keysEqual, keyToBytes, keyToHex } from './key.ts'
export { compareClockwise, compareKeys, compareRingDistance, isClockwise } from './ring-distance.ts'
