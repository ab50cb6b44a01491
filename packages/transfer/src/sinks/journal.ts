import { CID } from 'multiformats/cid'
import { DIGEST_BYTES, isFileSize, leafCount } from '../dag/shape.ts'
import type { KeptChunks, SinkFile } from '../types.ts'

/*
 * What stands beside an unfinished download, and says what of it is there. Every part has its place from the beginning, so that a
 * write cut short harms only what it was about; and nothing of it is trusted.
 *
 * | offset | bytes | what |
 * | --- | --- | --- |
 * | 0 | 8 | "servent" and the version, 1 |
 * | 8 | 8 | bytes of the file, big-endian |
 * | 16 | 4 | process that writes it, 0 for none, big-endian |
 * | 20 | 36 | CID, version 1, SHA-256 |
 * | 56 | 32 n | SHA-256 of each of its n chunks, zeros while they are not known |
 * | 56 + 32 n | n | 1 for each chunk that is there, else 0 |
 * | 56 + 33 n | rest | file name, UTF-8 |
 */

const MAGIC = Uint8Array.of(0x73, 0x65, 0x72, 0x76, 0x65, 0x6e, 0x74, 1)
const CID_BYTES = 36

/** Where the hashes are. */
export const LEAVES_AT = 20 + CID_BYTES

/** Where a writer leaves its number, so that two do not write the same file. */
export const OWNER_AT = 16

/** The file that a journal is about. */
export interface JournalHead {
  readonly cid: CID
  /** Bytes. */
  readonly size: number
  /** The process that writes it; 0 for none. */
  readonly owner: number
}

/** A journal of a file of which nothing is there yet. */
export function newJournal({ cid, size }: SinkFile, owner: number, name: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(name)
  const nameAt = chunkAt(size, leafCount(size))
  const bytes = new Uint8Array(nameAt + text.length)
  bytes.set(MAGIC)
  bytes.set(uint64(size), 8)
  bytes.set(uint32(owner), OWNER_AT)
  bytes.set(cidOf({ cid, size }).bytes, 20)
  bytes.set(text, nameAt)
  return bytes
}

/** What a journal is about; undefined when it is none. */
export function readHead(bytes: Uint8Array): JournalHead | undefined {
  if (bytes.length < LEAVES_AT || MAGIC.some((byte, at) => bytes[at] !== byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const size = Number(view.getBigUint64(8))
  if (!isFileSize(size)) return undefined
  try {
    return { cid: CID.decode(bytes.slice(20, LEAVES_AT)), size, owner: view.getUint32(OWNER_AT) }
  } catch {
    // Whatever wrote this, it is no journal of ours.
    return undefined
  }
}

/** Whether a journal is about this file. */
export function isOf(head: JournalHead, file: SinkFile): boolean {
  return head.size === file.size && head.cid.equals(cidOf(file))
}

/** The CID of a file, in its one spelling here. */
export function cidOf({ cid }: SinkFile): CID {
  return (typeof cid === 'string' ? CID.parse(cid) : cid).toV1()
}

/** What a journal says is there. One that was cut short says less. */
export function readKept(bytes: Uint8Array, size: number): KeptChunks {
  const count = leafCount(size)
  const leaves = bytes.slice(LEAVES_AT, LEAVES_AT + count * DIGEST_BYTES)
  const first = chunkAt(size, 0)
  const chunks: number[] = []
  for (let index = 0; index < count; index++) if (bytes[first + index] === 1) chunks.push(index)
  return { chunks, leaves: leaves.some((byte) => byte !== 0) ? leaves : undefined }
}

/** The name that a journal has; empty when it was cut short. */
export function readName(bytes: Uint8Array, size: number): string {
  return new TextDecoder().decode(bytes.subarray(chunkAt(size, leafCount(size))))
}

/** Where the byte of a chunk is. */
export function chunkAt(size: number, index: number): number {
  return LEAVES_AT + leafCount(size) * DIGEST_BYTES + index
}

/** Four bytes, big-endian. */
export function uint32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

function uint64(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
