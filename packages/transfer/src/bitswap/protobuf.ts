import { ProtocolError } from '@servent/machine'
import { Reader } from '@servent/wire'

/** Wire types of protocol buffers that are read here: a number, eight bytes, bytes of stated length, four bytes. */
const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** A varint of 64 bits has ten bytes at most. */
const VARINT_BYTES_MAX = 10

/** One field of a message: a number, or bytes, which are a view. */
export interface Field {
  readonly number: number
  readonly value: number | Uint8Array
}

/**
 * Goes through the fields of a message in the order they came. Fields of fixed length, which no message here has, are
 * passed over.
 *
 * @throws ProtocolError for whatever is no message
 */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const reader = new Reader(bytes)
  while (reader.remaining > 0) {
    const tag = readVarint(reader)
    const number = tag >>> 3
    if (number === 0) throw new ProtocolError('bad-field')
    const type = tag & 7
    if (type === VARINT) yield { number, value: readVarint(reader) }
    else if (type === BYTES) yield { number, value: reader.bytes(readVarint(reader) >>> 0) }
    else if (type === FIXED64) reader.bytes(8)
    else if (type === FIXED32) reader.bytes(4)
    else throw new ProtocolError('bad-wire-type')
  }
}

/** The bytes of a field. Throws `ProtocolError` when it is a number. */
export function bytesOf({ value }: Field): Uint8Array {
  if (typeof value === 'number') throw new ProtocolError('bad-wire-type')
  return value
}

/** The number of a field, as `int32` has it. Throws `ProtocolError` when it is bytes. */
export function numberOf({ value }: Field): number {
  if (typeof value !== 'number') throw new ProtocolError('bad-wire-type')
  return value
}

/** A field of bytes, also if there are none: in a list an empty one counts. */
export function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return joined([varint((number << 3) | BYTES), varint(bytes.length), bytes])
}

/** A field of a number as `int32`, `bool` or an enumeration has it. Zero, which is what a missing field means, is not written. */
export function numberField(number: number, value: number): Uint8Array {
  if (value === 0) return new Uint8Array(0)
  // A negative one goes as if it had 64 bits: five ones more than 32 bits take.
  const tail = value < 0 ? [0xff, 0xff, 0xff, 0xff, 0x01] : []
  const head = varint(value >>> 0)
  if (value < 0) head[4] = (head[4] as number) | 0xf0
  return joined([varint((number << 3) | VARINT), head, Uint8Array.from(tail)])
}

/** Byte strings one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The lowest 32 bits of a varint, which are all that tags, lengths and `int32` have; the others are read and left. */
function readVarint(reader: Reader): number {
  let value = 0
  for (let at = 0; at < VARINT_BYTES_MAX; at++) {
    const byte = reader.u8()
    if (at < 5) value |= (byte & 0x7f) << (7 * at)
    if (byte < 0x80) return value
  }
  throw new ProtocolError('bad-varint')
}

/** A number of up to 32 bits, unsigned. */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
