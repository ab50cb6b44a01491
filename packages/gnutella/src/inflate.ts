import { ProtocolError } from '@servent/machine'

/*
 * zlib (RFC 1950) around DEFLATE (RFC 1951), read by hand, for a remote says how much comes out of it: 40 KB can hold
 * 40 MB. What libraries have either grows its buffer or goes on until the input is spent; this stops at the byte that is
 * too many. Codes are read bit by bit, as in the reference decoder of Mark Adler: a table of routes has few of them.
 */

const BITS_MAX = 15
const END_OF_BLOCK = 256
const ADLER_MODULUS = 65_521
/** Bytes that can be summed before a sum of RFC 1950 goes beyond 32 bits. */
const ADLER_RUN = 3800

/** Lengths of matches: what their symbols stand for, from 257 on, and how many bits follow (RFC 1951 §3.2.5). */
export const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]
export const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
]
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13]
/** The order in which the lengths of the code length code stand. */
export const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** A canonical Huffman code: how many codes of each length, and their symbols in order. */
interface HuffmanCode {
  readonly counts: Uint16Array
  readonly symbols: Uint16Array
}

/**
 * What a zlib stream holds.
 *
 * @param bytesMax - the most that may come out of it: no more is ever held
 * @throws ProtocolError `too-large` at the first byte beyond, `bad-zlib` for what is no whole stream and nothing else
 */
export function inflate(stream: Uint8Array, bytesMax: number): Uint8Array {
  const [method = 0, flags = 0] = stream
  const hasDictionary = (flags & 0x20) !== 0
  if ((method & 0x0f) !== 8 || method >> 4 > 7 || ((method << 8) | flags) % 31 !== 0 || hasDictionary)
    throw bad('header')
  const inflater = new Inflater(stream, 2, bytesMax)
  const end = inflater.run()
  const bytes = inflater.output()
  if (stream.length !== end + 4) throw bad('length')
  const sum = new DataView(stream.buffer, stream.byteOffset + end, 4).getUint32(0)
  if (sum !== adler32(bytes)) throw bad('checksum')
  return bytes
}

class Inflater {
  readonly #input: Uint8Array
  readonly #bytesMax: number
  #output: Uint8Array
  #at: number
  #held = 0
  #heldBits = 0
  #length = 0

  constructor(input: Uint8Array, at: number, bytesMax: number) {
    this.#input = input
    this.#at = at
    this.#bytesMax = bytesMax
    this.#output = new Uint8Array(Math.min(bytesMax, 4096))
  }

  output(): Uint8Array {
    return this.#output.subarray(0, this.#length)
  }

  /** Reads all blocks. Returns where they end in the input. */
  run(): number {
    let isLast = false
    while (!isLast) {
      isLast = this.#bits(1) === 1
      const kind = this.#bits(2)
      if (kind === 0) this.#stored()
      else if (kind === 1) this.#codes(fixedLengths, fixedDistances)
      else if (kind === 2) this.#dynamic()
      else throw bad('block')
    }
    return this.#at
  }

  #bits(count: number): number {
    while (this.#heldBits < count) {
      const byte = this.#input[this.#at++]
      if (byte === undefined) throw bad('truncated')
      this.#held |= byte << this.#heldBits
      this.#heldBits += 8
    }
    const value = this.#held & ((1 << count) - 1)
    this.#held >>>= count
    this.#heldBits -= count
    return value
  }

  #symbol({ counts, symbols }: HuffmanCode): number {
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length <= BITS_MAX; length++) {
      code |= this.#bits(1)
      const count = counts[length] as number
      if (code - count < first) return symbols[index + code - first] as number
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw bad('code')
  }

  /** Makes room for so many bytes more. */
  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed > this.#bytesMax) throw new ProtocolError('too-large', 'inflated')
    if (needed <= this.#output.length) return
    const grown = new Uint8Array(Math.min(this.#bytesMax, Math.max(needed, 8 * this.#output.length)))
    grown.set(this.#output.subarray(0, this.#length))
    this.#output = grown
  }

  #stored(): void {
    this.#held = 0
    this.#heldBits = 0
    const input = this.#input
    const from = this.#at + 4
    if (from > input.length) throw bad('truncated')
    const length = (input[this.#at] as number) | ((input[this.#at + 1] as number) << 8)
    const complement = (input[this.#at + 2] as number) | ((input[this.#at + 3] as number) << 8)
    if (length !== (~complement & 0xffff)) throw bad('stored length')
    if (from + length > input.length) throw bad('truncated')
    this.#reserve(length)
    this.#output.set(input.subarray(from, from + length), this.#length)
    this.#length += length
    this.#at = from + length
  }

  #codes(lengths: HuffmanCode, distances: HuffmanCode): void {
    for (;;) {
      const symbol = this.#symbol(lengths)
      if (symbol === END_OF_BLOCK) return
      if (symbol < END_OF_BLOCK) {
        this.#reserve(1)
        this.#output[this.#length++] = symbol
      } else {
        this.#copy(symbol - END_OF_BLOCK - 1, distances)
      }
    }
  }

  #copy(lengthSymbol: number, distances: HuffmanCode): void {
    const base = LENGTH_BASE[lengthSymbol]
    if (base === undefined) throw bad('length symbol')
    const length = base + this.#bits(LENGTH_BITS[lengthSymbol] as number)
    const distanceSymbol = this.#symbol(distances)
    const distanceBase = DISTANCE_BASE[distanceSymbol]
    if (distanceBase === undefined) throw bad('distance symbol')
    const distance = distanceBase + this.#bits(DISTANCE_BITS[distanceSymbol] as number)
    if (distance > this.#length) throw bad('distance')
    this.#reserve(length)
    const output = this.#output
    const end = this.#length + length
    if (distance === 1) output.fill(output[this.#length - 1] as number, this.#length, end)
    else for (let to = this.#length; to < end; to++) output[to] = output[to - distance] as number
    this.#length = end
  }

  #dynamic(): void {
    const lengthCount = this.#bits(5) + 257
    const distanceCount = this.#bits(5) + 1
    const codeCount = this.#bits(4) + 4
    if (lengthCount > 286 || distanceCount > 30) throw bad('code counts')
    const codeLengths = new Uint8Array(CODE_ORDER.length)
    for (let i = 0; i < codeCount; i++) codeLengths[CODE_ORDER[i] as number] = this.#bits(3)
    const widths = this.#widths(huffman(codeLengths), lengthCount + distanceCount)
    if (widths[END_OF_BLOCK] === 0) throw bad('no end of block')
    this.#codes(huffman(widths.subarray(0, lengthCount)), huffman(widths.subarray(lengthCount)))
  }

  /** The lengths of both codes, run-length encoded by a third. */
  #widths(code: HuffmanCode, count: number): Uint8Array {
    const widths = new Uint8Array(count)
    let at = 0
    while (at < count) {
      const symbol = this.#symbol(code)
      if (symbol < 16) {
        widths[at++] = symbol
        continue
      }
      if (symbol === 16 && at === 0) throw bad('nothing to repeat')
      const repeated = symbol === 16 ? (widths[at - 1] as number) : 0
      const times = symbol === 16 ? 3 + this.#bits(2) : symbol === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7)
      if (at + times > count) throw bad('too many lengths')
      widths.fill(repeated, at, at + times)
      at += times
    }
    return widths
  }
}

/** @throws ProtocolError if more codes are given than there are. Fewer is allowed: a code of one distance is common. */
function huffman(widths: Uint8Array): HuffmanCode {
  const counts = new Uint16Array(BITS_MAX + 1)
  for (const width of widths) counts[width] = (counts[width] as number) + 1
  const offsets = new Uint16Array(BITS_MAX + 2)
  let left = 1
  for (let width = 1; width <= BITS_MAX; width++) {
    const count = counts[width] as number
    left = 2 * left - count
    if (left < 0) throw bad('too many codes')
    offsets[width + 1] = (offsets[width] as number) + count
  }
  const symbols = new Uint16Array(widths.length)
  for (let symbol = 0; symbol < widths.length; symbol++) {
    const width = widths[symbol] as number
    if (width === 0) continue
    const at = offsets[width] as number
    symbols[at] = symbol
    offsets[width] = at + 1
  }
  return { counts, symbols }
}

const fixedLengths = huffman(
  Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8))
)
const fixedDistances = huffman(new Uint8Array(30).fill(5))

export function adler32(bytes: Uint8Array): number {
  let a = 1
  let b = 0
  for (let from = 0; from < bytes.length; from += ADLER_RUN) {
    const end = Math.min(from + ADLER_RUN, bytes.length)
    for (let at = from; at < end; at++) {
      a += bytes[at] as number
      b += a
    }
    a %= ADLER_MODULUS
    b %= ADLER_MODULUS
  }
  return b * 65_536 + a
}

function bad(detail: string): ProtocolError {
  return new ProtocolError('bad-zlib', detail)
}
