import { base32Decode, base32Encode } from '@servent/wire'

/*
 * HUGE: `urn:sha1:` and 32 characters of base32 (RFC 4648, no padding, case of no matter), parts separated by 1c.
 */

/** What stands before the base32 of a SHA-1. */
const SHA1_URN = 'urn:sha1:'

/** Characters of `urn:sha1:` and a SHA-1. */
export const SHA1_URN_LENGTH = SHA1_URN.length + 32

/** 20 bytes as `urn:sha1:…`, in upper case as every servent writes it. */
export function sha1Urn(sha1: Uint8Array): string {
  return SHA1_URN + base32Encode(sha1).toUpperCase()
}

/** The bytes of 32 characters of base32; undefined if they are not that. */
export function sha1FromBase32(text: string): Uint8Array | undefined {
  return text.length === 32 ? base32Decode(text) : undefined
}
