import { decode, type PBNode } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { areEqual, isSupportedCid, sha256 } from './cids.ts'
import { DAG_PB_CODE, DIGEST_BYTES, isFileSize, leafCount, levelCount, RAW_CODE } from './shape.ts'
import { TreeError, WrongBlockError } from './tree-error.ts'
import { childSpans, unixfsData } from './unixfs.ts'

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
 * @throws WrongBlockError when the source lied, TreeError when no such file can be, and whatever `fetchBlock` throws
 */
export async function verifyTree(root: CID, size: number, fetchBlock: FetchBlock): Promise<Uint8Array> {
  if (!isRootOf(root, size)) throw new TreeError('its CID does not fit its size')
  const leaves = leafCount(size)
  const levels = levelCount(leaves)
  let nodes = [root]
  for (let level = levels; level > 0; level--) {
    const children: CID[] = []
    for (const [index, cid] of nodes.entries()) {
      const block = await fetchBlock(cid)
      if (!areEqual(await sha256(block), cid.multihash.digest)) throw new WrongBlockError()
      children.push(...childrenOf(block, size, level, index))
    }
    nodes = children
  }
  const digests = new Uint8Array(leaves * DIGEST_BYTES)
  for (const [index, cid] of nodes.entries()) digests.set(cid.multihash.digest, index * DIGEST_BYTES)
  return digests
}

/** Whether a CID can be that of a file of `size` bytes: a leaf for one chunk, else a node. */
export function isRootOf(cid: CID, size: number): boolean {
  return isFileSize(size) && isNode(cid, levelCount(leafCount(size)))
}

/** The children of node `index` of `level`, checked against the shape that the size asks for. */
function childrenOf(block: Uint8Array, size: number, level: number, index: number): CID[] {
  const { Data, Links } = decodeNode(block)
  if (Data === undefined || !areEqual(Data, unixfsData(size, level, index))) {
    throw new TreeError('the sizes in a block above the leaves are not those of the file')
  }
  if (Links.length !== childSpans(size, level, index).length) throw new TreeError('a node has a wrong count of links')
  return Links.map(({ Hash }) => {
    if (!isNode(Hash, level - 1)) throw new TreeError('a link is not to SHA-256 over UnixFS')
    return Hash
  })
}

/** Whether a CID can be that of a node of `level`, where level 0 is the leaves. */
function isNode(cid: CID, level: number): boolean {
  return isSupportedCid(cid) && cid.code === (level === 0 ? RAW_CODE : DAG_PB_CODE)
}

/** A dag-pb block. @throws TreeError for what is none */
export function decodeNode(block: Uint8Array): PBNode {
  try {
    return decode(block)
  } catch (error) {
    throw new TreeError('a block above the leaves is not dag-pb', { cause: error })
  }
}
