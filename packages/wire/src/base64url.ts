const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const VALUES = new Map([...ALPHABET].map((char, value) => [char.charCodeAt(0), value]))

/** Bytes as base64url (RFC 4648 §5), without padding. */
export function base64urlEncode(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] as number, bytes[i + 1], bytes[i + 2]]
    const held = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    text += (ALPHABET[held >> 18] as string) + (ALPHABET[(held >> 12) & 63] as string)
    if (b !== undefined) text += ALPHABET[(held >> 6) & 63]
    if (c !== undefined) text += ALPHABET[held & 63]
  }
  return text
}

/** The bytes of base64url without padding; undefined if it is none. */
export function base64urlDecode(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8))
  let held = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = VALUES.get(text.charCodeAt(i))
    if (value === undefined) return undefined
    held = ((held << 6) | value) & 0x3fff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (held >> bits) & 0xff
    }
  }
  const isWhole = base64urlLength(at) === text.length && (held & ((1 << bits) - 1)) === 0
  return isWhole ? bytes : undefined
}

/** Characters that so many bytes take. */
export function base64urlLength(byteCount: number): number {
  return Math.ceil((byteCount * 8) / 6)
}
