import { encode, prepare } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { leafCid, nodeCid, sha256 } from '../src/dag/cids.ts'
import { CHUNK_BYTES, DIGEST_BYTES, FILE_BYTES_MAX, levelCount, spanBytes } from '../src/dag/shape.ts'
import { buildTree, digestAt } from '../src/dag/tree.ts'
import { TreeError } from '../src/dag/tree-error.ts'
import { verifyTree } from '../src/dag/verify.ts'
import { patterned } from './bytes.ts'

const SIZE = 3 * CHUNK_BYTES - 5
const LEAVES = patterned(3 * DIGEST_BYTES)

interface Link {
  readonly cid: CID
  readonly size: number
}

const LINKS: readonly Link[] = [0, 1, 2].map((index) => ({
  cid: leafCid(digestAt(LEAVES, index)),
  size: spanBytes(SIZE, 0, index),
}))

/** Verifies a root block that a hostile source made up, with its CID right: only its shape can give it away. */
async function verifyRoot(block: Uint8Array, size = SIZE): Promise<Uint8Array> {
  return verifyTree(nodeCid(await sha256(block)), size, async () => block)
}

function node(links: readonly Link[], options: ConstructorParameters<typeof UnixFS>[0] = {}): Uint8Array {
  const file = new UnixFS({ type: 'file', blockSizes: links.map(({ size }) => BigInt(size)), ...options })
  return encode(
    prepare({ Data: file.marshal(), Links: links.map(({ cid, size }) => ({ Hash: cid, Name: '', Tsize: size })) })
  )
}

describe('the tree above the leaves', () => {
  it.each([1, 2, 1_024, 1_025, 3_000])(
    'of %i leaves is what it was built of, each block asked for once',
    async (count) => {
      const size = count * CHUNK_BYTES - 1
      const leaves = patterned(count * DIGEST_BYTES)
      const tree = await buildTree(leaves, size)
      const asked: string[] = []
      const digests = await verifyTree(tree.root, size, async (cid) => {
        asked.push(cid.toString())
        return tree.blocks.get(cid.toString()) ?? new Uint8Array(0)
      })
      expect(digests).toEqual(leaves)
      expect(asked.length).toBe(tree.blocks.size)
    }
  )

  it('has at most two levels', () => {
    expect(levelCount(FILE_BYTES_MAX / CHUNK_BYTES)).toBe(2)
  })

  it('is accepted when it is right', async () => {
    await expect(verifyRoot(node(LINKS))).resolves.toEqual(LEAVES)
  })

  it.each<[string, Uint8Array]>([
    ['a link too few', node(LINKS.slice(0, 2))],
    ['a link too many', node([...LINKS, ...LINKS])],
    ['a chunk of another size', node(LINKS.with(0, { ...(LINKS[0] as Link), size: 7 }))],
    ['sizes that add up but in another order', node([LINKS[2], LINKS[1], LINKS[0]] as Link[])],
    ['a link to a further node', node(LINKS.with(1, { cid: nodeCid(digestAt(LEAVES, 1)), size: CHUNK_BYTES }))],
    ['bytes of its own', node(LINKS, { data: new Uint8Array([1]) })],
    ['the type of a folder', node(LINKS, { type: 'directory' })],
    ['fewer sizes than links', node(LINKS, { blockSizes: [] })],
    ['no UnixFS', encode(prepare({ Links: LINKS.map(({ cid, size }) => ({ Hash: cid, Name: '', Tsize: size })) }))],
    ['no dag-pb', patterned(64)],
    ['nothing', new Uint8Array(0)],
  ])('is refused when its root has %s', async (_, block) => {
    await expect(verifyRoot(block)).rejects.toThrow(TreeError)
  })

  it('is refused when a block is not the one that was linked', async () => {
    await expect(verifyTree(nodeCid(patterned(32)), SIZE, async () => node(LINKS))).rejects.toThrow(TreeError)
  })

  it.each([0, 1, CHUNK_BYTES, 2 * CHUNK_BYTES, SIZE - 1, SIZE + 1, 4 * CHUNK_BYTES, 5_000 * CHUNK_BYTES])(
    'is refused for a file said to have %i bytes',
    async (size) => {
      await expect(verifyRoot(node(LINKS), size)).rejects.toThrow(TreeError)
    }
  )

  it('is not asked for when the CID is that of a leaf and the file has several', async () => {
    const ask = () => Promise.reject(new Error('asked'))
    await expect(verifyTree(leafCid(patterned(32)), SIZE, ask)).rejects.toThrow(TreeError)
  })
})
