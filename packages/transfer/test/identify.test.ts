import { createHash } from 'node:crypto'
import { UnixFS } from 'ipfs-unixfs'
import { type BufferImporter, importFile } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { leafCid } from '../src/dag/cids.ts'
import { DIGEST_BYTES, leafCount, spanBytes } from '../src/dag/shape.ts'
import { buildTree, digestAt } from '../src/dag/tree.ts'
import { unixfsData } from '../src/dag/unixfs.ts'
import { CHUNK_BYTES, type Content, ContentUnreadableError, identify, memoryContent, sha1Text } from '../src/index.ts'
import { patterned } from './bytes.ts'

/** The settings of Helia's `addFile` (@helia/unixfs 8). */
const HELIA = {
  cidVersion: 1,
  rawLeaves: true,
  layout: balanced({ maxChildrenPerNode: 1024 }),
  chunker: fixedSize({ chunkSize: 1_048_576 }),
} as const

interface Imported {
  readonly cid: CID
  readonly blocks: Map<string, Uint8Array>
}

async function importLikeHelia(pieces: Iterable<Uint8Array>, bufferImporter?: BufferImporter): Promise<Imported> {
  const blocks = new Map<string, Uint8Array>()
  const store = {
    put: async (cid: CID, block: unknown) => {
      if (cid.code === 0x70 && block instanceof Uint8Array) blocks.set(cid.toString(), block.slice())
      return cid
    },
  }
  const options = bufferImporter === undefined ? HELIA : { ...HELIA, bufferImporter }
  const { cid } = await importFile({ content: pieces }, store, options)
  return { cid, blocks }
}

/** Hands the importer leaves that were hashed already, so that a tree over gigabytes takes no gigabytes. */
function leafImporter(leaves: Uint8Array, size: number): BufferImporter {
  return async function* () {
    for (let index = 0; index < leafCount(size); index++) {
      const cid = leafCid(digestAt(leaves, index))
      yield async () => ({ cid, size: BigInt(spanBytes(size, 0, index)), block: new Uint8Array(0) })
    }
  }
}

describe('a file is named as Helia names it', () => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 7 * CHUNK_BYTES + 5])(
    'of %i bytes',
    async (size) => {
      const bytes = patterned(size)
      const identity = await identify(memoryContent('a', bytes))
      const imported = await importLikeHelia([bytes])
      expect(identity.cid.toString()).toBe(imported.cid.toString())
      expect(new Map(identity.blocks)).toEqual(imported.blocks)
      expect(identity.sha1).toEqual(new Uint8Array(createHash('sha1').update(bytes).digest()))
    }
  )

  // 174 links are the importer's own default, 1 024 are Helia's: at neither may the tree change its shape but as Helia's does.
  it.each([174, 175, 1_023, 1_024, 1_025, 1_100, 4_097, 4_200])('of %i chunks', async (chunks) => {
    const size = chunks * CHUNK_BYTES - 17
    const leaves = patterned(chunks * DIGEST_BYTES)
    const tree = await buildTree(leaves, size)
    const imported = await importLikeHelia([], leafImporter(leaves, size))
    expect(tree.root.toString()).toBe(imported.cid.toString())
    expect(new Map(tree.blocks)).toEqual(imported.blocks)
  })

  it('of 2 to 4 GiB, whose sizes the runtime of Helia writes wrong, in the canonical form of protocol buffers', () => {
    const data = unixfsData(3 * 2 ** 30, 2, 0)
    // filesize 3 221 225 472, and three times 1 073 741 824
    expect(Buffer.from(data).toString('hex')).toBe('080218808080800c208080808004208080808004208080808004')
    const read = UnixFS.unmarshal(data)
    expect(read.fileSize()).toBe(3n * 2n ** 30n)
    expect(read.type).toBe('file')
  })
})

describe('identify', () => {
  it('gives the CID of a raw leaf to a file of one chunk', async () => {
    const identity = await identify(memoryContent('a', new TextEncoder().encode('abc')))
    // echo -n abc | ipfs add --cid-version 1
    expect(identity.cid.toString()).toBe('bafkreif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu')
    expect(sha1Text(identity.sha1)).toBe('VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5')
    expect(identity.blocks.size).toBe(0)
    expect(leafCid(identity.leaves).toString()).toBe(identity.cid.toString())
  })

  it('reads each byte once, in order, a chunk at a time, never more than two ahead of what is hashed', async () => {
    const bytes = patterned(4 * CHUNK_BYTES + 9)
    const reads: [number, number][] = []
    const content: Content = {
      name: 'a',
      size: bytes.length,
      read: async (start, end) => {
        reads.push([start, end])
        return bytes.subarray(start, end)
      },
    }
    await identify(content)
    const expected = Array.from({ length: leafCount(bytes.length) }, (_, i) => [
      i * CHUNK_BYTES,
      Math.min(bytes.length, (i + 1) * CHUNK_BYTES),
    ])
    expect(reads).toEqual(expected)
  })

  it('tells how far it has come, ending with all', async () => {
    const seen: number[] = []
    await identify(memoryContent('a', patterned(3 * CHUNK_BYTES)), {
      onProgress: ({ doneBytes }) => seen.push(doneBytes),
    })
    expect(seen.at(-1)).toBe(3 * CHUNK_BYTES)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })

  it('refuses a file that gives fewer bytes than it has', async () => {
    const content: Content = { name: 'short', size: 100, read: async () => new Uint8Array(99) }
    await expect(identify(content)).rejects.toThrow(ContentUnreadableError)
  })

  it('refuses a file over 1 TiB without reading it', async () => {
    const content: Content = { name: 'huge', size: 2 ** 40 + 1, read: () => Promise.reject(new Error('was read')) }
    await expect(identify(content)).rejects.toThrow(/too big/)
  })

  it('passes a read error on', async () => {
    const content: Content = { name: 'gone', size: 10, read: () => Promise.reject(new ContentUnreadableError('gone')) }
    await expect(identify(content)).rejects.toThrow('gone')
  })

  it('ends when the signal fires', async () => {
    const controller = new AbortController()
    const bytes = patterned(CHUNK_BYTES)
    const content: Content = {
      name: 'a',
      size: 100 * CHUNK_BYTES,
      read: async (start) => {
        if (start > 2 * CHUNK_BYTES) controller.abort(new Error('enough'))
        return bytes
      },
    }
    await expect(identify(content, { signal: controller.signal })).rejects.toThrow('enough')
  })
})
