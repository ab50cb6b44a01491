import { decode } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { areEqual, isSupportedCid, sha256 } from './cids.ts'
import { DAG_PB_CODE, DIGEST_BYTES, LINKS_MAX, leafCount, levelCount, RAW_CODE, spanBytes } from './shape.ts'

/** What a peer sent is not what the CID and the size name. `message` says what was wrong, in our words. */
export class TreeError extends Error {
  override readonly name = 'TreeError'
}

/** Gets one block from a source. It may give any bytes: they are verified here. */
export type FetchBlock = (cid: CID) => Promise<Uint8Array>

/**
 * Learns the SHA-256 of every leaf of a file from the blocks above them.
 *
 * The size fixes the shape of the tree: how many levels, how many links in each node, how many bytes below each link. So
 * a hostile tree cannot be deep, wide or overlapping: the first node that is not exactly as expected throws, and no more
 * blocks are asked for than a file of that size has.
 *
 * @returns the digests one after the other, 32 bytes each
 * @throws TreeError for a wrong block, and whatever `fetchBlock` throws
 */
export async function verifyTree(root: CID, size: number, fetchBlock: FetchBlock): Promise<Uint8Array> {
  const leaves = leafCount(size)
  const levels = levelCount(leaves)
  if (!isSupportedCid(root)) throw new TreeError('its CID is not SHA-256 over UnixFS')
  if (root.code !== (levels === 0 ? RAW_CODE : DAG_PB_CODE)) throw new TreeError('its CID does not fit its size')
  let nodes = [root]
  for (let level = levels; level > 0; level--) {
    const children: CID[] = []
    for (const [index, cid] of nodes.entries()) {
      const block = await fetchBlock(cid)
      if (!areEqual(await sha256(block), cid.multihash.digest)) throw new TreeError('a block above the leaves is wrong')
      children.push(...childrenOf(block, size, level, index))
    }
    nodes = children
  }
  const digests = new Uint8Array(leaves * DIGEST_BYTES)
  for (const [index, cid] of nodes.entries()) digests.set(cid.multihash.digest, index * DIGEST_BYTES)
  return digests
}

/** The children of node `index` of `level`, checked against the shape that the size asks for. */
function childrenOf(block: Uint8Array, size: number, level: number, index: number): CID[] {
  const { links, sizes } = decodeNode(block)
  const childSpan = spanBytes(size, level - 1, 0)
  const expectedCount = Math.ceil(spanBytes(size, level, index) / childSpan)
  if (links.length !== expectedCount || sizes.length !== expectedCount)
    throw new TreeError('a node has a wrong count of links')
  return links.map((cid, child) => {
    const expectedSpan = spanBytes(size, level - 1, index * LINKS_MAX + child)
    if (sizes[child] !== BigInt(expectedSpan)) throw new TreeError('the sizes in the tree do not add up to its size')
    if (!isSupportedCid(cid) || cid.code !== (level === 1 ? RAW_CODE : DAG_PB_CODE)) {
      throw new TreeError('a link is not SHA-256 over UnixFS')
    }
    return cid
  })
}

function decodeNode(block: Uint8Array): { links: CID[]; sizes: readonly bigint[] } {
  try {
    const node = decode(block)
    if (node.Data === undefined) throw new TreeError('a node is not UnixFS')
    const file = UnixFS.unmarshal(node.Data)
    if (file.type !== 'file' || (file.data?.length ?? 0) > 0) throw new TreeError('a node is not that of a file')
    return { links: node.Links.map((link) => link.Hash), sizes: file.blockSizes }
  } catch (error) {
    if (error instanceof TreeError) throw error
    throw new TreeError('a block above the leaves is not dag-pb', { cause: error })
  }
}
