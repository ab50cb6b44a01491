import { crc32 } from 'node:zlib'

/** What is known of the file at one path. */
export interface Entry {
  /** Absolute. */
  readonly path: string
  /** Milliseconds since 1970, as the file system has it. */
  readonly mtimeMs: number
  readonly ino: number
  /** Of `encodeIdentity`: holds the size too, and is not looked into before it is asked for. */
  readonly record: Uint8Array
}

const HEAD_BYTES = 8
const STATE_BYTES = 18

/**
 * One entry after the other, numbers big-endian:
 *
 * | bytes | content |
 * | --- | --- |
 * | 4 | bytes of the body |
 * | 4 | CRC-32 of the body |
 * | 8 | time of change, float |
 * | 8 | inode, float |
 * | 2 | bytes of the path |
 * | … | path, UTF-8 |
 * | … | identity |
 *
 * Undefined for a path of more than 65,535 bytes.
 */
export function encodeEntry({ path, mtimeMs, ino, record }: Entry): Uint8Array | undefined {
  const pathBytes = Buffer.from(path)
  if (pathBytes.length > 0xffff) return undefined
  const bytes = Buffer.alloc(HEAD_BYTES + STATE_BYTES + pathBytes.length + record.length)
  bytes.writeDoubleBE(mtimeMs, HEAD_BYTES)
  bytes.writeDoubleBE(ino, HEAD_BYTES + 8)
  bytes.writeUInt16BE(pathBytes.length, HEAD_BYTES + 16)
  bytes.set(pathBytes, HEAD_BYTES + STATE_BYTES)
  bytes.set(record, HEAD_BYTES + STATE_BYTES + pathBytes.length)
  const body = bytes.subarray(HEAD_BYTES)
  bytes.writeUInt32BE(body.length, 0)
  bytes.writeUInt32BE(crc32(body), 4)
  return bytes
}

/** The entries up to the first that is damaged or cut off, and how many bytes they have. */
export function decodeEntries(all: Uint8Array): { entries: Entry[]; goodBytes: number } {
  const bytes = Buffer.from(all.buffer, all.byteOffset, all.length)
  const entries: Entry[] = []
  let at = 0
  while (at + HEAD_BYTES <= bytes.length) {
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at)
    const body = bytes.subarray(at + HEAD_BYTES, end)
    if (end > bytes.length || body.length < STATE_BYTES || crc32(body) !== bytes.readUInt32BE(at + 4)) break
    entries.push(entryOf(body))
    at = end
  }
  return { entries, goodBytes: at }
}

function entryOf(body: Buffer): Entry {
  const recordAt = STATE_BYTES + body.readUInt16BE(16)
  return {
    path: body.toString('utf8', STATE_BYTES, recordAt),
    mtimeMs: body.readDoubleBE(0),
    ino: body.readDoubleBE(8),
    record: body.subarray(recordAt),
  }
}
