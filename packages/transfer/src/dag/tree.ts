import { encode, prepare } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { leafCid, nodeCid, sha256 } from './cids.ts'
import { DIGEST_BYTES, LINKS_MAX, leafCount, spanBytes } from './shape.ts'
import { unixfsData } from './unixfs.ts'

/** The balanced tree above the leaves of one file. */
export interface Tree {
  /** What names the file. */
  readonly root: CID
  /** The dag-pb blocks above the leaves, by CID text; empty for a file of one chunk. At most one per 1 024 leaves and one above. */
  readonly blocks: ReadonlyMap<string, Uint8Array>
}

interface Child {
  readonly cid: CID
  /** Bytes of its block and all below it, which dag-pb calls Tsize. */
  readonly blockBytes: number
}

/**
 * Builds the UnixFS tree that Helia builds: balanced, 1 024 links a node, raw leaves.
 *
 * @param leaves the SHA-256 of each leaf, one after the other, 32 bytes each
 */
export async function buildTree(leaves: Uint8Array, size: number): Promise<Tree> {
  const blocks = new Map<string, Uint8Array>()
  let nodes: Child[] = Array.from({ length: leafCount(size) }, (_, index) => ({
    cid: leafCid(digestAt(leaves, index)),
    blockBytes: spanBytes(size, 0, index),
  }))
  for (let level = 1; nodes.length > 1; level++) {
    const parents: Child[] = []
    for (let from = 0; from < nodes.length; from += LINKS_MAX) {
      const children = nodes.slice(from, from + LINKS_MAX)
      const block = encodeNode(unixfsData(size, level, parents.length), children)
      const cid = nodeCid(await sha256(block))
      blocks.set(cid.toString(), block)
      parents.push({ cid, blockBytes: children.reduce((total, child) => total + child.blockBytes, block.length) })
    }
    nodes = parents
  }
  const [root] = nodes
  if (root === undefined) throw new RangeError('A file has at least one leaf')
  return { root: root.cid, blocks }
}

/** The digest of leaf `index` in a packed list. A view, not a copy. */
export function digestAt(leaves: Uint8Array, index: number): Uint8Array {
  return leaves.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)
}

function encodeNode(data: Uint8Array, children: readonly Child[]): Uint8Array {
  const Links = children.map((child) => ({ Hash: child.cid, Name: '', Tsize: child.blockBytes }))
  return encode(prepare({ Data: data, Links }))
}
