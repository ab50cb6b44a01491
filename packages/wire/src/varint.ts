import { ProtocolError } from '@servent/machine'

/** The longest varint we write or read: four bytes carry lengths to 2^28 - 1, more than any frame may have. */
export const VARINT_BYTES_MAX = 4

/** Bytes that `writeVarint` takes for a value in [0, 2^28). */
export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4
}

/** Writes an unsigned LEB128 varint, as libp2p prefixes lengths. Returns the offset behind it. */
export function writeVarint(value: number, into: Uint8Array, at: number): number {
  while (value >= 0x80) {
    into[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  into[at++] = value
  return at
}

/** A varint that was read and the offset behind it. */
export interface VarintRead {
  readonly value: number
  readonly end: number
}

/**
 * Reads the varint at `at`; undefined if the bytes end within it.
 *
 * @throws ProtocolError if it is longer than four bytes or not in its shortest form
 */
export function readVarint(bytes: Uint8Array, at: number): VarintRead | undefined {
  let value = 0
  for (let i = 0; i < VARINT_BYTES_MAX; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return undefined
    value |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) {
      if (byte === 0 && i > 0) throw new ProtocolError('bad-varint', 'not the shortest form')
      return { value, end: at + i + 1 }
    }
  }
  throw new ProtocolError('bad-varint', 'too long')
}
