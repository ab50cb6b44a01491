import { type ByteView, encode, type PBLink, prepare } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { leafCid, nodeCid, sha256 } from './cids.ts'
import { DIGEST_BYTES, LINKS_MAX, leafCount, spanBytes } from './shape.ts'

/** The balanced tree above the leaves of one file. */
export interface Tree {
  /** What names the file. */
  readonly root: CID
  /** The dag-pb blocks above the leaves, by CID text; empty for a file of one chunk. At most one per 1 024 leaves and those above. */
  readonly blocks: ReadonlyMap<string, Uint8Array>
}

interface Child {
  readonly cid: CID
  /** Bytes of the file below it. */
  readonly span: number
  /** Bytes of all blocks below it and its own, which dag-pb calls Tsize. */
  readonly blockBytes: number
}

/**
 * Builds the UnixFS tree that Helia and `ipfs-unixfs-importer` build: balanced, 1 024 links a node, raw leaves.
 *
 * @param leaves the SHA-256 of each leaf, one after the other, 32 bytes each
 */
export async function buildTree(leaves: Uint8Array, size: number): Promise<Tree> {
  const blocks = new Map<string, Uint8Array>()
  let level: Child[] = Array.from({ length: leafCount(size) }, (_, index) => {
    const span = spanBytes(size, 0, index)
    return { cid: leafCid(digestAt(leaves, index)), span, blockBytes: span }
  })
  while (level.length > 1) {
    const parents: Child[] = []
    for (let from = 0; from < level.length; from += LINKS_MAX) {
      const children = level.slice(from, from + LINKS_MAX)
      const block = encodeNode(children)
      const cid = nodeCid(await sha256(block))
      blocks.set(cid.toString(), block)
      parents.push({
        cid,
        span: sum(children, (child) => child.span),
        blockBytes: block.length + sum(children, (child) => child.blockBytes),
      })
    }
    level = parents
  }
  const [root] = level
  if (root === undefined) throw new RangeError('A file has at least one leaf')
  return { root: root.cid, blocks }
}

/** The digest of leaf `index` in a packed list. A view, not a copy. */
export function digestAt(leaves: Uint8Array, index: number): Uint8Array {
  return leaves.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)
}

function encodeNode(children: readonly Child[]): ByteView<unknown> {
  const file = new UnixFS({ type: 'file', blockSizes: children.map((child) => BigInt(child.span)) })
  const Links: PBLink[] = children.map((child) => ({ Hash: child.cid, Name: '', Tsize: child.blockBytes }))
  return encode(prepare({ Data: file.marshal(), Links }))
}

function sum(children: readonly Child[], of: (child: Child) => number): number {
  return children.reduce((total, child) => total + of(child), 0)
}
