import { adler32, CODE_ORDER, LENGTH_BASE, LENGTH_BITS } from './inflate.ts'

/*
 * zlib (RFC 1950) around one block of DEFLATE (RFC 1951), whose only repetitions are runs of one byte (distance 1), as zlib's
 * strategy Z_RLE. A query route table is 32 KB of zeros with something here and there: a search for longer repetitions takes
 * ten times as long and finds none.
 */

const END_OF_BLOCK = 256
const SYMBOLS = 286
const CODE_BITS_MAX = 15
const CODE_LENGTH_BITS_MAX = 7
const RUN_MIN = 3
const RUN_MAX = 258
/** A token is a byte, or a run: this and its length. */
const RUN = 256
/** zlib, window of 32 KB, compressed in the quickest way. */
const HEADER = [0x78, 0x01]
/** A literal or a run takes 15 bits, 5 more and one of distance; the codes at the front less than this. */
const TOKEN_BYTES_MAX = 3
const FRONT_BYTES_MAX = 512

/** The symbol of each length of a run, from 3 to 258. */
const lengthSymbols = Uint16Array.from({ length: RUN_MAX + 1 }, (_, length) => {
  const at = LENGTH_BASE.findLastIndex((base) => base <= length)
  return END_OF_BLOCK + 1 + Math.max(at, 0)
})

/** The bytes as a zlib stream. */
export function deflateRuns(bytes: Uint8Array): Uint8Array {
  const tokens = tokensOf(bytes)
  const counts = new Uint32Array(SYMBOLS)
  for (const token of tokens) count(counts, symbolOf(token))
  counts[END_OF_BLOCK] = 1
  // A code has two symbols at the least.
  if (tokens.length === 0) counts[0] = 1
  const widths = codeWidths(counts, CODE_BITS_MAX)
  const codes = codesOf(widths)
  const writer = new BitWriter(TOKEN_BYTES_MAX * tokens.length + FRONT_BYTES_MAX)
  for (const byte of HEADER) writer.bits(byte, 8)
  // The last block, with codes of its own.
  writer.bits(1, 1)
  writer.bits(2, 2)
  writeCodes(writer, widths)
  for (const token of tokens) {
    const symbol = symbolOf(token)
    writer.bits(codes[symbol] as number, widths[symbol] as number)
    if (token < RUN) continue
    const at = symbol - END_OF_BLOCK - 1
    writer.bits(token - RUN - (LENGTH_BASE[at] as number), LENGTH_BITS[at] as number)
    // The one distance there is.
    writer.bits(0, 1)
  }
  writer.bits(codes[END_OF_BLOCK] as number, widths[END_OF_BLOCK] as number)
  return writer.finish(adler32(bytes))
}

function tokensOf(bytes: Uint8Array): number[] {
  const tokens: number[] = []
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at++] as number
    tokens.push(byte)
    let end = at
    while (end < bytes.length && bytes[end] === byte) end++
    while (end - at >= RUN_MIN) {
      const length = Math.min(end - at, RUN_MAX)
      tokens.push(RUN + length)
      at += length
    }
  }
  return tokens
}

function symbolOf(token: number): number {
  return token < RUN ? token : (lengthSymbols[token - RUN] as number)
}

function count(counts: Uint32Array, symbol: number): void {
  counts[symbol] = (counts[symbol] as number) + 1
}

/** The widths of a Huffman code for symbols that occur so often, none wider than `widthMax`. Two of them occur. */
function codeWidths(counts: Uint32Array, widthMax: number): Uint8Array {
  const widths = huffmanWidths(counts)
  if (widths.every((width) => width <= widthMax)) return widths
  // The rarer ones count for more, until the code is flat enough.
  return codeWidths(
    counts.map((times) => (times === 0 ? 0 : (times >> 1) + 1)),
    widthMax
  )
}

/** Huffman's own: the two lightest are joined, until one is left. With the leaves in order, two queues do. */
function huffmanWidths(counts: Uint32Array): Uint8Array {
  const leaves: number[] = []
  for (let symbol = 0; symbol < counts.length; symbol++) if (counts[symbol] !== 0) leaves.push(symbol)
  leaves.sort((a, b) => (counts[a] as number) - (counts[b] as number))
  const weights = leaves.map((symbol) => counts[symbol] as number)
  const parents: number[] = []
  let leaf = 0
  let joined = leaves.length
  const lightest = (): number => {
    const isLeaf =
      leaf < leaves.length && (joined >= weights.length || (weights[leaf] as number) <= (weights[joined] as number))
    return isLeaf ? leaf++ : joined++
  }
  while (weights.length < 2 * leaves.length - 1) {
    const [a, b] = [lightest(), lightest()]
    parents[a] = weights.length
    parents[b] = weights.length
    weights.push((weights[a] as number) + (weights[b] as number))
  }
  const depths = new Uint8Array(weights.length)
  for (let node = weights.length - 2; node >= 0; node--) depths[node] = (depths[parents[node] as number] as number) + 1
  const widths = new Uint8Array(counts.length)
  leaves.forEach((symbol, i) => {
    widths[symbol] = depths[i] as number
  })
  return widths
}

/** The canonical code of the widths given, each turned round, for a code begins with its highest bit. */
function codesOf(widths: Uint8Array): Uint16Array {
  const next = new Uint16Array(CODE_BITS_MAX + 2)
  for (const width of widths) if (width > 0) next[width + 1] = (next[width + 1] as number) + 1
  for (let width = 1; width <= CODE_BITS_MAX; width++) {
    next[width + 1] = ((next[width] as number) + (next[width + 1] as number)) << 1
  }
  // `next[width]` is now the first code of that width.
  const codes = new Uint16Array(widths.length)
  widths.forEach((width, symbol) => {
    if (width === 0) return
    const code = next[width] as number
    next[width] = code + 1
    codes[symbol] = turnedRound(code, width)
  })
  return codes
}

function turnedRound(code: number, width: number): number {
  let turned = 0
  for (let bit = 0; bit < width; bit++) turned |= ((code >> bit) & 1) << (width - 1 - bit)
  return turned
}

/** Writes the widths of both codes: lengths and literals, and the one distance, one bit wide. */
function writeCodes(writer: BitWriter, widths: Uint8Array): void {
  const last = widths.findLastIndex((width) => width > 0)
  const lengthCount = Math.max(last + 1, END_OF_BLOCK + 1)
  const runs = widthRuns([...widths.subarray(0, lengthCount), 1])
  const counts = new Uint32Array(CODE_ORDER.length)
  for (const [symbol] of runs) count(counts, symbol)
  // Of this code two symbols have to be there, too.
  if (counts[0] === 0) counts[0] = 1
  const codeLengths = codeWidths(counts, CODE_LENGTH_BITS_MAX)
  const codes = codesOf(codeLengths)
  const ordered = CODE_ORDER.map((symbol) => codeLengths[symbol] as number)
  const codeCount = ordered.findLastIndex((width) => width > 0) + 1
  writer.bits(lengthCount - 257, 5)
  writer.bits(0, 5)
  writer.bits(codeCount - 4, 4)
  for (const width of ordered.slice(0, codeCount)) writer.bits(width, 3)
  for (const [symbol, extra, extraBits] of runs) {
    writer.bits(codes[symbol] as number, codeLengths[symbol] as number)
    writer.bits(extra, extraBits)
  }
}

/** A symbol of the code length code, and the bits behind it. */
type WidthRun = readonly [symbol: number, extra: number, extraBits: number]

function widthRuns(widths: readonly number[]): WidthRun[] {
  const runs: WidthRun[] = []
  let at = 0
  while (at < widths.length) {
    const width = widths[at] as number
    let length = 1
    while (at + length < widths.length && length < 138 && widths[at + length] === width) length++
    if (width === 0 && length >= 11) runs.push([18, length - 11, 7])
    else if (width === 0 && length >= 3) runs.push([17, length - 3, 3])
    else {
      length = 1
      runs.push([width, 0, 0])
    }
    at += length
  }
  return runs
}

/** Bits from the lowest of each byte on. */
class BitWriter {
  readonly #bytes: Uint8Array
  #at = 0
  #held = 0
  #heldBits = 0

  constructor(bytesMax: number) {
    this.#bytes = new Uint8Array(bytesMax)
  }

  /** Adds up to 16 bits. */
  bits(value: number, width: number): void {
    this.#held |= value << this.#heldBits
    this.#heldBits += width
    while (this.#heldBits >= 8) {
      this.#bytes[this.#at++] = this.#held & 0xff
      this.#held >>>= 8
      this.#heldBits -= 8
    }
  }

  /** Fills the last byte, and ends with a checksum. */
  finish(sum: number): Uint8Array {
    this.bits(0, (8 - this.#heldBits) % 8)
    for (let shift = 24; shift >= 0; shift -= 8) this.bits((sum >>> shift) & 0xff, 8)
    return this.#bytes.slice(0, this.#at)
  }
}
