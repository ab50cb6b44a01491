/*
 * UTF-8 by hand, for the pure packages have no TextEncoder (it belongs to the platform, not to the language).
 * Lone surrogates are written, and malformed bytes read, as U+FFFD, as the platform's own would.
 */

const REPLACEMENT = 0xfffd

/** Bytes of ASCII that are read in one go: every one is an argument of a call, and an engine has room for some ten thousand. */
const ASCII_AT_ONCE_MAX = 1024

/** Bytes that `utf8Encode` gives for a text. */
export function utf8Size(text: string): number {
  // By units, not by characters: most are below 0x80, and a simulation measures millions of messages.
  let size = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) {
      size += 1
    } else if ((text.codePointAt(i) as number) > 0xffff) {
      // A pair: two units, four bytes.
      size += 2
      i++
    } else {
      size += 2
    }
  }
  return size
}

/** A text as UTF-8. */
export function utf8Encode(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Size(text))
  if (bytes.length === text.length) {
    // ASCII, as most that is written.
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
    return bytes
  }
  let at = 0
  for (const char of text) {
    let code = char.codePointAt(0) as number
    if (code >= 0xd800 && code < 0xe000) code = REPLACEMENT
    if (code < 0x80) {
      bytes[at++] = code
    } else if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6)
      bytes[at++] = 0x80 | (code & 0x3f)
    } else if (code < 0x10000) {
      bytes[at++] = 0xe0 | (code >> 12)
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f)
      bytes[at++] = 0x80 | (code & 0x3f)
    } else {
      bytes[at++] = 0xf0 | (code >> 18)
      bytes[at++] = 0x80 | ((code >> 12) & 0x3f)
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f)
      bytes[at++] = 0x80 | (code & 0x3f)
    }
  }
  return bytes
}

/** UTF-8 as a text, each malformed byte as U+FFFD: never throws, for names from the network are shown, not trusted. */
export function utf8Decode(bytes: Uint8Array): string {
  if (bytes.length <= ASCII_AT_ONCE_MAX && isAscii(bytes)) {
    return String.fromCharCode.apply(undefined, bytes as unknown as number[])
  }
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    text += String.fromCodePoint(length === 0 ? REPLACEMENT : codePoint(bytes, at, length))
    at += length === 0 ? 1 : length
  }
  return text
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] as number) >= 0x80) return false
  return true
}

/** Bytes of the well-formed sequence at `at` (RFC 3629 §4), or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0
  if (length === 0 || at + length > bytes.length) return 0
  for (let i = 1; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1] as number
  if (first === 0xe0 && second < 0xa0) return 0
  if (first === 0xed && second >= 0xa0) return 0
  if (first === 0xf0 && second < 0x90) return 0
  if (first === 0xf4 && second >= 0x90) return 0
  return length
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return bytes[at] as number
  let code = (bytes[at] as number) & (0xff >> (length + 1))
  for (let i = 1; i < length; i++) code = (code << 6) | ((bytes[at + i] as number) & 0x3f)
  return code
}
