import { adler32, LENGTH_BASE, LENGTH_BITS } from './inflate.ts'

/** A window of 32 KiB, compressed fast: what a zlib stream begins with (RFC 1950). */
const ZLIB_HEADER = [0x78, 0x01] as const

const MATCH_MIN = 3
const MATCH_MAX = 258
const FIRST_LENGTH_SYMBOL = 257

/**
 * A zlib stream of bytes that are nearly all zero: fixed codes, and each run of zeros as matches with the byte before
 * (RFC 1951 §3.2.6). Good for nothing else; but the table of a leaf is such a thing, and a compressor for everything takes
 * 300 KB of memory and fifty times as long for it.
 */
export function deflateSparse(bytes: Uint8Array): Uint8Array {
  const out = new BitWriter()
  for (const byte of ZLIB_HEADER) out.write(byte, 8)
  // One block, the last, of fixed codes.
  out.write(0b011, 3)
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at++] as number
    writeLiteral(out, byte)
    if (byte !== 0) continue
    let end = at
    while (bytes[end] === 0) end++
    while (at < end) {
      const length = Math.min(end - at, MATCH_MAX)
      if (length < MATCH_MIN) for (let i = 0; i < length; i++) writeLiteral(out, 0)
      else writeMatch(out, length)
      at += length
    }
  }
  writeSymbol(out, 256)
  out.align()
  const sum = adler32(bytes)
  for (let shift = 24; shift >= 0; shift -= 8) out.write((sum >>> shift) & 0xff, 8)
  return out.bytes()
}

function writeLiteral(out: BitWriter, byte: number): void {
  if (byte < 144) out.writeCode(0x30 + byte, 8)
  else out.writeCode(0x190 + byte - 144, 9)
}

/** A length, and the distance 1, whose code is five zeros. */
function writeMatch(out: BitWriter, length: number): void {
  let index = LENGTH_BASE.length - 1
  while ((LENGTH_BASE[index] as number) > length) index--
  writeSymbol(out, FIRST_LENGTH_SYMBOL + index)
  out.write(length - (LENGTH_BASE[index] as number), LENGTH_BITS[index] as number)
  out.write(0, 5)
}

/** The end of the block, or a length. */
function writeSymbol(out: BitWriter, symbol: number): void {
  if (symbol < 280) out.writeCode(symbol - 256, 7)
  else out.writeCode(0xc0 + symbol - 280, 8)
}

/** Bits from the lowest of each byte on. */
class BitWriter {
  #buffer = new Uint8Array(512)
  #length = 0
  #held = 0
  #heldBits = 0

  /** @param bits - 0 to 16 */
  write(value: number, bits: number): void {
    this.#held |= value << this.#heldBits
    this.#heldBits += bits
    for (; this.#heldBits >= 8; this.#heldBits -= 8) {
      this.#put(this.#held & 0xff)
      this.#held >>>= 8
    }
  }

  /** A Huffman code goes with its highest bit first. */
  writeCode(code: number, bits: number): void {
    let reversed = 0
    for (let i = 0; i < bits; i++) reversed |= ((code >> i) & 1) << (bits - 1 - i)
    this.write(reversed, bits)
  }

  /** Fills up the last byte. */
  align(): void {
    if (this.#heldBits > 0) this.write(0, 8 - this.#heldBits)
  }

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length)
  }

  #put(byte: number): void {
    if (this.#length === this.#buffer.length) {
      const grown = new Uint8Array(2 * this.#length)
      grown.set(this.#buffer)
      this.#buffer = grown
    }
    this.#buffer[this.#length++] = byte
  }
}
