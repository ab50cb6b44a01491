import type { CID } from 'multiformats/cid'
import { hasher } from '#hasher'
import { type Availability, rangesOf } from '../dag/availability.ts'
import { areEqual } from '../dag/cids.ts'
import { CHUNK_BYTES, DIGEST_BYTES, leafCount } from '../dag/shape.ts'
import { buildTree, digestAt } from '../dag/tree.ts'
import type { Sink } from '../types.ts'

/** The digests that are known without asking anyone: an earlier run left those that the CID names, or the CID has the only one. */
export async function knownLeaves({ kept }: Sink, cid: CID, size: number): Promise<Uint8Array | undefined> {
  if (leafCount(size) === 1) return cid.multihash.digest
  const leaves = kept?.leaves
  if (leaves?.length !== leafCount(size) * DIGEST_BYTES) return undefined
  const { root } = await buildTree(leaves, size)
  return areEqual(root.bytes, cid.toV1().bytes) ? leaves : undefined
}

/** Reads what an earlier run left, and gives the number of each chunk that is right. One is read while another is hashed. */
export async function* rightChunks(sink: Sink, leaves: Uint8Array, size: number): AsyncGenerator<number> {
  const indices = inFile(sink, size)
  if (sink.kept?.areVerified === true) return yield* indices
  let next = readKept(sink, indices[0], size)
  for (const [at, index] of indices.entries()) {
    const bytes = await next
    next = readKept(sink, indices[at + 1], size)
    if (bytes !== undefined && areEqual(await hasher.sha256(bytes), digestAt(leaves, index))) yield index
  }
}

/** Each chunk once, in order, whatever the sink says. */
function inFile({ kept }: Sink, size: number): number[] {
  const said: Availability = new Uint8Array(leafCount(size))
  for (const index of kept?.chunks ?? []) if (Number.isSafeInteger(index) && index >= 0) said[index] = 1
  return rangesOf(said, size).flatMap(({ start, end }) =>
    Array.from({ length: Math.ceil((end - start) / CHUNK_BYTES) }, (_, at) => start / CHUNK_BYTES + at)
  )
}

/** Undefined when it cannot be read: then it is fetched again. */
async function readKept(sink: Sink, index: number | undefined, size: number): Promise<Uint8Array | undefined> {
  if (index === undefined || sink.read === undefined) return undefined
  const start = index * CHUNK_BYTES
  try {
    return await sink.read(start, Math.min(size, start + CHUNK_BYTES))
  } catch {
    // What was kept is gone or damaged: no reason to end a download that can fetch it again.
    return undefined
  }
}
