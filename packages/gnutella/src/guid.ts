import type { Key } from '@servent/keyspace'
import type { Random } from '@servent/machine'

declare const guidBrand: unique symbol
declare const serventIdBrand: unique symbol

/**
 * A descriptor id: 16 bytes as 16 characters U+0000 to U+00FF. A string is a Map's key as it stands, is hashed once, and
 * a simulated flood shares one of them by reference.
 */
export type Guid = string & { readonly [guidBrand]: true }

/** Who answers, for Push: 16 bytes as 16 characters, as a {@link Guid}. */
export type ServentId = string & { readonly [serventIdBrand]: true }

/** Bytes of a descriptor id and of a servent id. */
export const GUID_BYTES = 16

/** Reserved: messages of a link's own have it, no servent may. */
export const BLANK_ID = '\0'.repeat(GUID_BYTES)

/** A new descriptor id: random, with byte 8 ff and byte 15 00, the mark of a modern servent (RFC-Gnutella 0.6 §2.2.1). */
export function newGuid(random: Random): Guid {
  const codes = new Array<number>(GUID_BYTES)
  for (let i = 0; i < GUID_BYTES; i++) codes[i] = Math.floor(random() * 256)
  codes[8] = 0xff
  codes[15] = 0
  return String.fromCharCode(...codes) as Guid
}

/** The servent id of whoever has this key: its leading 16 bytes, so that it outlives a restart and nobody can choose it. */
export function serventIdOf(key: Key): ServentId {
  // Filled again each time, for every hit on its way is checked by every servent it passes.
  for (let i = 0; i < GUID_BYTES; i++) codes[i] = ((key[i >> 2] as number) >>> (24 - 8 * (i & 3))) & 0xff
  return String.fromCharCode.apply(undefined, codes) as ServentId
}

const codes = new Array<number>(GUID_BYTES).fill(0)

/** The id in the 16 bytes given. */
export function idFromBytes(bytes: Uint8Array): string {
  // Not spread: every descriptor that comes has one, and what is array-like need not be iterated.
  return String.fromCharCode.apply(undefined, bytes as unknown as number[])
}

/** The 16 bytes of an id. */
export function idToBytes(id: Guid | ServentId): Uint8Array {
  const bytes = new Uint8Array(GUID_BYTES)
  for (let i = 0; i < GUID_BYTES; i++) bytes[i] = id.charCodeAt(i)
  return bytes
}

/** Thirty-two lower-case hexadecimal digits. */
export function idToHex(id: Guid | ServentId): string {
  let hex = ''
  for (let i = 0; i < GUID_BYTES; i++) hex += id.charCodeAt(i).toString(16).padStart(2, '0')
  return hex
}
