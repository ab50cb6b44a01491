import { CID } from 'multiformats/cid'
import { create as createMultihash } from 'multiformats/hashes/digest'
import { DAG_PB_CODE, DIGEST_BYTES, RAW_CODE, SHA2_256_CODE } from './shape.ts'

/** SHA-256 of a small block: not worth another thread. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}

/** The CID of a leaf with this SHA-256. */
export function leafCid(digest: Uint8Array): CID {
  return CID.createV1(RAW_CODE, createMultihash(SHA2_256_CODE, digest.slice()))
}

/** The CID of a node above the leaves with this SHA-256. */
export function nodeCid(digest: Uint8Array): CID {
  return CID.createV1(DAG_PB_CODE, createMultihash(SHA2_256_CODE, digest.slice()))
}

/** Whether a CID is one of those made here: SHA-256, raw or dag-pb. Version 0 is dag-pb under its old spelling. */
export function isSupportedCid(cid: CID): boolean {
  return (
    cid.multihash.code === SHA2_256_CODE &&
    cid.multihash.digest.length === DIGEST_BYTES &&
    (cid.code === RAW_CODE || cid.code === DAG_PB_CODE)
  )
}

/** Whether two byte strings are equal. Not in constant time: nothing here is secret. */
export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
