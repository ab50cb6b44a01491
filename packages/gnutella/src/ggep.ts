import { ProtocolError } from '@servent/machine'
import { Reader, type Writer } from '@servent/wire'
import { deflateRuns } from './deflate.ts'
import { inflate } from './inflate.ts'

/*
 * GGEP, the Gnutella Generic Extension Protocol:
 *
 *   block      c3, then extensions
 *   extension  flags | id | length | data
 *   flags      80 last, 40 COBS, 20 deflate, 10 reserved (0), 0f length of the id, 1 to 15
 *   length     1 to 3 chunks of 6 bits, most significant first: bit 7 = more follow, bit 6 = last
 */

/** First byte of a block. */
export const GGEP_MAGIC = 0xc3

const LAST = 0x80
const COBS = 0x40
const DEFLATE = 0x20
const RESERVED = 0x10
const ID_LENGTH = 0x0f
const DATA_BYTES_MAX = 2 ** 18 - 1

/** Ours: bytes that the deflated extensions of one block come to. A genuine one is a few hundred bytes long. */
const INFLATED_BYTES_MAX = 65_536

/** Extensions of one block that are read; the rest is not looked at. */
const EXTENSIONS_MAX = 64

export interface GgepExtension {
  /** 1 to 15 characters of ASCII. */
  readonly id: string
  readonly data: Uint8Array
  /** To be written only: that `data` is a zlib stream, see {@link deflated}. What was read is inflated. */
  readonly isDeflated?: boolean
}

/** The extension as a zlib stream, if that is shorter: once, for a block is measured before it is written. */
export function deflated({ id, data }: GgepExtension): GgepExtension {
  const stream = deflateRuns(data)
  return stream.length < data.length ? { id, data: stream, isDeflated: true } : { id, data }
}

/** Bytes that `writeGgep` takes; 0 for no extensions. */
export function ggepSize(extensions: readonly GgepExtension[], withoutNul: boolean): number {
  if (extensions.length === 0) return 0
  let size = 1
  for (const { id, data } of extensions) {
    const dataSize = withoutNul && data.includes(0) ? cobsSize(data) : data.length
    size += extensionSize(id, dataSize)
  }
  return size
}

/**
 * Writes a block, or nothing for no extensions.
 *
 * @param withoutNul - whether data that has a NUL is COBS-encoded, as between the NULs of a Query or a result
 */
export function writeGgep(writer: Writer, extensions: readonly GgepExtension[], withoutNul: boolean): void {
  if (extensions.length === 0) return
  writer.u8(GGEP_MAGIC)
  extensions.forEach(({ id, data, isDeflated = false }, i) => {
    const isCobs = withoutNul && data.includes(0)
    const written = isCobs ? cobsEncode(data) : data
    const flags = (isCobs ? COBS : 0) | (isDeflated ? DEFLATE : 0)
    writer.u8((i === extensions.length - 1 ? LAST : 0) | flags | id.length)
    for (const char of id) writer.u8(char.charCodeAt(0))
    writeLength(writer, written.length)
    writer.bytes(written)
  })
}

/** The extensions of a block and where it ends. */
export interface GgepRead {
  readonly extensions: readonly GgepExtension[]
  /** Bytes that the block takes. */
  readonly length: number
}

/**
 * Reads the block that begins at the first byte. Deflated extensions are inflated, COBS being undone first; one that cannot
 * be, or would be longer than all that is inflated of one block may be, is passed over.
 *
 * @throws ProtocolError if the bytes are no block
 */
export function readGgep(bytes: Uint8Array): GgepRead {
  const reader = new Reader(bytes)
  if (reader.u8() !== GGEP_MAGIC) throw new ProtocolError('bad-ggep', 'no magic byte')
  const extensions: GgepExtension[] = []
  let inflatedMax = INFLATED_BYTES_MAX
  for (;;) {
    const flags = reader.u8()
    if ((flags & RESERVED) !== 0 || (flags & ID_LENGTH) === 0) throw new ProtocolError('bad-ggep', 'flags')
    const id = String.fromCharCode(...reader.bytes(flags & ID_LENGTH))
    const written = reader.bytes(readLength(reader))
    if (extensions.length < EXTENSIONS_MAX) {
      const plain = (flags & COBS) !== 0 ? cobsDecode(written) : written
      const data = (flags & DEFLATE) !== 0 ? tryInflate(plain, inflatedMax) : plain
      if (data !== undefined) {
        extensions.push({ id, data })
        if (data !== plain) inflatedMax -= data.length
      }
    }
    if ((flags & LAST) !== 0) return { extensions, length: reader.offset }
  }
}

function tryInflate(stream: Uint8Array, bytesMax: number): Uint8Array | undefined {
  try {
    return inflate(stream, bytesMax)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

/** Bytes that an extension takes in a block. */
export function extensionSize(id: string, dataSize: number): number {
  return 1 + id.length + lengthSize(dataSize) + dataSize
}

function lengthSize(length: number): number {
  return length < 0x40 ? 1 : length < 0x1000 ? 2 : 3
}

/** Writes a length in [0, 2^18). */
export function writeLength(writer: Writer, length: number): void {
  if (length > DATA_BYTES_MAX) throw new RangeError(`an extension takes ${DATA_BYTES_MAX} bytes, not ${length}`)
  if (length >= 0x1000) writer.u8(0x80 | (length >> 12))
  if (length >= 0x40) writer.u8(0x80 | ((length >> 6) & 0x3f))
  writer.u8(0x40 | (length & 0x3f))
}

/** @throws ProtocolError if it takes more than three bytes or a byte is neither the last nor one before others */
export function readLength(reader: Reader): number {
  let length = 0
  for (let i = 0; i < 3; i++) {
    const byte = reader.u8()
    length = (length << 6) | (byte & 0x3f)
    const mark = byte & 0xc0
    if (mark === 0x40) return length
    if (mark !== 0x80) break
  }
  throw new ProtocolError('bad-ggep', 'length')
}

/** Bytes of the COBS form: one code per run of up to 254 bytes that are not NUL. */
export function cobsSize(data: Uint8Array): number {
  let size = 1
  let run = 0
  for (const byte of data) {
    // A code ff, which 254 bytes fill, is closed only when something follows: as gtk-gnutella writes it (lib/cobs.c).
    if (run === 254) {
      size++
      run = 0
    }
    if (byte === 0) run = 0
    else run++
    size++
  }
  return size
}

/** Consistent overhead byte stuffing: no NUL is left. Code n stands for n - 1 bytes and a NUL, ff for 254 bytes and none. */
export function cobsEncode(data: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(cobsSize(data))
  let codeAt = 0
  let at = 1
  for (const byte of data) {
    if (at - codeAt === 0xff) {
      encoded[codeAt] = 0xff
      codeAt = at++
    }
    if (byte === 0) {
      encoded[codeAt] = at - codeAt
      codeAt = at++
    } else {
      encoded[at++] = byte
    }
  }
  encoded[codeAt] = at - codeAt
  return encoded
}

/** @throws ProtocolError if a code is 0 or points past the end */
export function cobsDecode(encoded: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(encoded.length)
  let from = 0
  let to = 0
  while (from < encoded.length) {
    const code = encoded[from] as number
    const end = from + code
    if (code === 0 || end > encoded.length) throw new ProtocolError('bad-ggep', 'COBS')
    decoded.set(encoded.subarray(from + 1, end), to)
    to += code - 1
    if (code !== 0xff && end < encoded.length) to++
    from = end
  }
  return decoded.slice(0, to)
}
