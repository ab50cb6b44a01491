/*
 * HUGE: `urn:sha1:` and 32 characters of base32 (RFC 4648, no padding, case of no matter), parts separated by 1c.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What stands before the base32 of a SHA-1. */
const SHA1_URN = 'urn:sha1:'

/** Characters of `urn:sha1:` and a SHA-1. */
export const SHA1_URN_LENGTH = SHA1_URN.length + 32

/** 20 bytes as `urn:sha1:…`. */
export function sha1Urn(sha1: Uint8Array): string {
  return SHA1_URN + base32(sha1)
}

/** Bytes as base32 without padding. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(held >> bits) & 31]
    }
    held &= 0xff
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31]
}

/** The bytes of 32 characters of base32; undefined if they are not that. */
export function sha1FromBase32(text: string): Uint8Array | undefined {
  return text.length === 32 ? bytesFromBase32(text) : undefined
}

/** The bytes of base32 without padding, in any case; undefined if it is not that. */
export function bytesFromBase32(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z2-7]*$/.test(text)) return undefined
  const bytes = new Uint8Array((text.length * 5) >> 3)
  let held = 0
  let bits = 0
  let at = 0
  for (const char of text.toUpperCase()) {
    held = ((held << 5) | ALPHABET.indexOf(char)) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (held >> bits) & 0xff
    }
  }
  return bytes
}
