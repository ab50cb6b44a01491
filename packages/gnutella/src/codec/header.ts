import type { Writer } from '@servent/wire'
import { GUID_BYTES, type Guid, idFromBytes, idToBytes } from '../guid.ts'
import type { DescriptorHeader } from '../messages.ts'

/*
 * The descriptor header. Integers are little endian, here and in payloads, but for IPv4 addresses.
 *
 *   0   16  descriptor id
 *   16  1   payload descriptor (function)
 *   17  1   TTL
 *   18  1   hops
 *   19  4   payload length, the header not counted
 */
export const HEADER_BYTES = 23

/** Where the function stands. */
export const FUNCTION_AT = 16

/** Where the payload length stands. */
export const LENGTH_AT = 19

export const PING = 0x00
export const PONG = 0x01
export const BYE = 0x02
export const QRP = 0x30
export const VENDOR = 0x31
export const STANDARD_VENDOR = 0x32
export const PUSH = 0x40
export const QUERY = 0x80
export const QUERY_HIT = 0x81

/** A longer payload of any kind ends the connection (gtk-gnutella: size field above 65535). */
const PAYLOAD_BYTES_MAX = 65_535

/** The longest payload of a function; a longer one ends the connection (gtk-gnutella nodes.c). */
export function payloadBytesMax(fn: number): number {
  if (fn === QUERY) return 1024
  if (fn === BYE) return 4096
  return fn === QUERY_HIT ? PAYLOAD_BYTES_MAX : 40_960
}

export interface Header extends DescriptorHeader {
  readonly function: number
  readonly payloadLength: number
}

/** @param bytes - a header at the least */
export function readHeader(bytes: Uint8Array): Header {
  let payloadLength = 0
  for (let i = 3; i >= 0; i--) payloadLength = payloadLength * 256 + (bytes[LENGTH_AT + i] as number)
  return {
    guid: idFromBytes(bytes.subarray(0, GUID_BYTES)) as Guid,
    function: bytes[FUNCTION_AT] as number,
    ttl: bytes[FUNCTION_AT + 1] as number,
    hops: bytes[FUNCTION_AT + 2] as number,
    payloadLength,
  }
}

export function writeHeader(writer: Writer, fn: number, header: DescriptorHeader, payloadLength: number): void {
  writer.bytes(idToBytes(header.guid)).u8(fn).u8(header.ttl).u8(header.hops).u32le(payloadLength)
}
