/** Bytes in a leaf; only the last one of a file may have fewer. Helia's and the `unixfs-v1-2025` profile's chunk size (IPIP-499). */
export const CHUNK_BYTES = 1_048_576

/** Links in a node at most, as in Helia and the `unixfs-v1-2025` profile (IPIP-499). */
export const LINKS_MAX = 1024

/** The largest file, 1 TiB: its tree has two levels above the leaves and its leaf hashes fill 32 MiB. Ours: bounds memory. */
export const FILE_BYTES_MAX = CHUNK_BYTES * LINKS_MAX * LINKS_MAX

/** Bytes of a SHA-256 digest. */
export const DIGEST_BYTES = 32

/** Multicodec of a leaf: the bytes themselves. */
export const RAW_CODE = 0x55

/** Multicodec of a node above the leaves. */
export const DAG_PB_CODE = 0x70

/** Multihash code of bytes that are not hashed: they stand in the CID. */
export const IDENTITY_CODE = 0x00

/** Multihash code of SHA-256, the only hash used here. */
export const SHA2_256_CODE = 0x12

/** Leaves of a file of `size` bytes; an empty file has one empty leaf. */
export function leafCount(size: number): number {
  return Math.max(1, Math.ceil(size / CHUNK_BYTES))
}

/** Levels of nodes above `leaves` leaves. None above a single leaf: a file of one chunk is that chunk. */
export function levelCount(leaves: number): number {
  let levels = 0
  for (let nodes = leaves; nodes > 1; nodes = Math.ceil(nodes / LINKS_MAX)) levels++
  return levels
}

/** Bytes of the file below node `index` of `level`, where level 0 is the leaves. */
export function spanBytes(size: number, level: number, index: number): number {
  const span = CHUNK_BYTES * LINKS_MAX ** level
  return Math.min(size, (index + 1) * span) - index * span
}

/** Whether a file can have this size here. */
export function isFileSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0 && size <= FILE_BYTES_MAX
}
