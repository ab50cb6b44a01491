const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** Bytes as base32 (RFC 4648), lower case, without padding. */
export function base32Encode(bytes: Uint8Array): string {
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

/** The bytes of base32 in either case, without padding; undefined if it is none. */
export function base32Decode(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(base32Bytes(text.length))
  let held = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = digitOf(text.charCodeAt(i))
    if (value === undefined) return undefined
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (held >> bits) & 0xff
    }
  }
  // One text a value: no character too many, and nothing in the bits that are left over.
  const isWhole = base32Length(at) === text.length && (held & ((1 << bits) - 1)) === 0
  return isWhole ? bytes : undefined
}

/** Characters that so many bytes take. */
export function base32Length(byteCount: number): number {
  return Math.ceil((byteCount * 8) / 5)
}

function base32Bytes(length: number): number {
  return Math.floor((length * 5) / 8)
}

function digitOf(code: number): number | undefined {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61
  if (code >= 0x41 && code <= 0x5a) return code - 0x41
  return code >= 0x32 && code <= 0x37 ? code - 0x32 + 26 : undefined
}
