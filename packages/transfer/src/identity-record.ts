import { CID } from 'multiformats/cid'
import { areEqual, sha256 } from './dag/cids.ts'
import { DIGEST_BYTES, isFileSize, leafCount } from './dag/shape.ts'
import { buildTree } from './dag/tree.ts'
import { isRootOf } from './dag/verify.ts'
import type { Identity } from './identify.ts'

const VERSION = 1
const SHA1_BYTES = 20
/** Version 1, codec and multihash of two bytes each, digest. */
const CID_BYTES = 36
const SIZE_AT = 1
const SHA1_AT = SIZE_AT + 8
const CID_AT = SHA1_AT + SHA1_BYTES
const LEAVES_AT = CID_AT + CID_BYTES

/** What was kept of an identity is damaged, of another version, or none: the file must be hashed again. */
export class IdentityRecordError extends Error {
  override readonly name = 'IdentityRecordError'
}

/**
 * What to keep of an identity, so that the file need not be hashed again: 97 bytes, and 32 for each chunk. The blocks above the
 * leaves follow from the leaves.
 *
 * | bytes | content |
 * | --- | --- |
 * | 1 | version, 1 |
 * | 8 | size, big-endian |
 * | 20 | SHA-1 of all |
 * | 36 | CID |
 * | 32 for each chunk | its SHA-256 |
 * | 32 | SHA-256 of all of the above |
 */
export async function encodeIdentity({ cid, sha1, size, leaves }: Identity): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(LEAVES_AT + leaves.length + DIGEST_BYTES)
  bytes[0] = VERSION
  new DataView(bytes.buffer).setBigUint64(SIZE_AT, BigInt(size))
  bytes.set(sha1, SHA1_AT)
  bytes.set(cid.bytes, CID_AT)
  bytes.set(leaves, LEAVES_AT)
  bytes.set(await sha256(bytes.subarray(0, -DIGEST_BYTES)), LEAVES_AT + leaves.length)
  return bytes
}

/**
 * Reads what `encodeIdentity` wrote, wherever it has been since: nothing of it is believed before the checksum is right and
 * the leaves give the CID.
 *
 * @throws IdentityRecordError
 */
export async function decodeIdentity(bytes: Uint8Array): Promise<Identity> {
  if (bytes.length < LEAVES_AT + DIGEST_BYTES || bytes[0] !== VERSION) throw new IdentityRecordError('It is no record')
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(SIZE_AT))
  if (!isFileSize(size) || bytes.length !== LEAVES_AT + (leafCount(size) + 1) * DIGEST_BYTES) {
    throw new IdentityRecordError('The record has a wrong length')
  }
  // A copy, and plain bytes: the slice of a Buffer is neither.
  const body = new Uint8Array(bytes.subarray(0, -DIGEST_BYTES))
  if (!areEqual(await sha256(body), bytes.subarray(-DIGEST_BYTES)))
    throw new IdentityRecordError('The record is damaged')
  const cid = cidOf(body.subarray(CID_AT, LEAVES_AT))
  const leaves = body.subarray(LEAVES_AT)
  if (!isRootOf(cid, size)) throw new IdentityRecordError('The CID does not fit the size')
  const { root, blocks } = await buildTree(leaves, size)
  if (!root.equals(cid)) throw new IdentityRecordError('The chunks are not those of the CID')
  return { cid, sha1: body.subarray(SHA1_AT, CID_AT), size, leaves, blocks }
}

function cidOf(bytes: Uint8Array): CID {
  try {
    return CID.decode(bytes)
  } catch (error) {
    throw new IdentityRecordError('The record has no CID', { cause: error })
  }
}
