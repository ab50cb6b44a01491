import { encode, prepare } from '@ipld/dag-pb'
import { type Draw, drawFrom, draws, mutate } from '@servent/machine/testing'
import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { leafCid, nodeCid, sha256 } from '../src/dag/cids.ts'
import { type DirectoryEntry, ENTRIES_MAX, encodeDirectory } from '../src/dag/directory.ts'
import { buildFolder, FOLDER_DEPTH_MAX } from '../src/dag/folder.ts'
import { decodeUnixfsNode } from '../src/dag/read-directory.ts'
import { CHUNK_BYTES, DIGEST_BYTES } from '../src/dag/shape.ts'
import {
  BlockSource,
  FileServer,
  FolderTooBigError,
  HTTP_PROTOCOL,
  identify,
  listFolder,
  makeFolder,
  memoryContent,
  NotAFolderError,
  TreeError,
  WrongBlockError,
} from '../src/index.ts'
import { patterned } from './bytes.ts'
import { startPair } from './nodes.ts'

const LEAF = leafCid(patterned(DIGEST_BYTES))

/** Names as people have them, and as nobody should. */
const FILES = [
  { path: 'Größe – 1.txt', bytes: patterned(5) },
  { path: 'a/b/c/deep.bin', bytes: patterned(CHUNK_BYTES + 7) },
  { path: 'a/b.txt', bytes: patterned(0) },
  { path: 'a/B.txt', bytes: patterned(1) },
  { path: 'z', bytes: patterned(2 * CHUNK_BYTES) },
  { path: 'a b/CON', bytes: patterned(3) },
  { path: '日本語/🎵.mp3', bytes: patterned(9) },
]

describe('a folder', () => {
  it('is named as Helia names it', async () => {
    const store = { put: async (cid: CID) => cid }
    const imported = importer(
      FILES.map(({ path, bytes }) => ({ path, content: bytes })),
      store,
      {
        cidVersion: 1,
        rawLeaves: true,
        wrapWithDirectory: true,
        layout: balanced({ maxChildrenPerNode: 1024 }),
        chunker: fixedSize({ chunkSize: CHUNK_BYTES }),
      }
    )
    let root: CID | undefined
    for await (const { cid } of imported) root = cid
    const server = new FileServer({ handle: async () => undefined, unhandle: async () => undefined })
    const folder = await shareIn(server)
    expect(folder.cid.toString()).toBe(root?.toString())
    expect(folder).toMatchObject({
      fileCount: FILES.length,
      size: FILES.reduce((total, { bytes }) => total + bytes.length, 0),
    })
  })

  it('is listed by a peer that knows its CID alone, until it is not shared any more', async () => {
    const [client, host] = await startPair()
    const server = new FileServer(host)
    await server.start()
    const { cid } = await shareIn(server)
    const source = new BlockSource(client, host.peerId, new AbortController().signal)
    const files = await listFolder(cid, (block) => source.fetch(block))
    const bySize = new Map(files.map(({ path, size }) => [path, size]))
    expect(bySize).toEqual(new Map(FILES.map(({ path, bytes }) => [path, bytes.length])))
    expect(server.deleteFolder(cid)).toBe(true)
    await expect(source.fetch(cid)).rejects.toThrow('404')
    source.close()
    await expect(source.fetch(cid)).rejects.toThrow('No more blocks')
    await server.stop()
  })

  it('is waited for no longer when nobody wants it any more, though the peer is silent', async () => {
    const [client, host] = await startPair()
    const asked = Promise.withResolvers<void>()
    await host.handle(HTTP_PROTOCOL, (stream) => stream.addEventListener('message', () => asked.resolve()))
    const source = new BlockSource(client, host.peerId, new AbortController().signal)
    const fetches = Array.from({ length: 6 }, () => source.fetch(LEAF))
    await asked.promise
    source.close()
    for (const { status } of await Promise.allSettled(fetches)) expect(status).toBe('rejected')
  })

  it('takes no file that is not shared, and no path that cannot be', async () => {
    const server = new FileServer({ handle: async () => undefined, unhandle: async () => undefined })
    await expect(makeFolder([{ path: 'a', cid: LEAF }], server.uploads.files)).rejects.toThrow('is not shared')
    const file = { cid: LEAF, blockBytes: 1 }
    for (const paths of [[''], ['a//b'], ['../a'], ['a/.'], ['a\0'], ['a', 'a'], ['a', 'a/b'], ['a/b', 'a']]) {
      await expect(buildFolder(paths.map((path) => ({ path, ...file })))).rejects.toThrow(RangeError)
    }
    const deep = `${'a/'.repeat(FOLDER_DEPTH_MAX + 1)}b`
    await expect(buildFolder([{ path: deep, ...file }])).rejects.toThrow(FolderTooBigError)
    const many = Array.from({ length: ENTRIES_MAX + 1 }, (_, i) => ({ path: `${i}`, ...file }))
    await expect(buildFolder(many)).rejects.toThrow(FolderTooBigError)
  })
})

describe('the block of a directory', () => {
  it('says what was written, whatever comes first, and throws only TreeError when it was changed', async () => {
    const draw = draws(1)
    for (let i = 0; i < 300; i++) {
      const entries = entriesFrom(draw)
      const { block } = await encodeDirectory(entries)
      const decoded = decodeUnixfsNode(block)
      expect(decoded.type === 'directory' && byName(decoded.entries)).toEqual(byName(entries))
      for (let j = 0; j < 50; j++) decodeOrTreeError(mutate(block, draw, [0x00, 0x01, 0x7f, 0x80, 0xff]))
    }
  })

  it.each<[string, readonly Link[]]>([
    ['no name', [{ Name: '' }]],
    ['a path for a name', [{ Name: 'a/b' }]],
    ['a way up for a name', [{ Name: '..' }]],
    ['two names that are the same', [{ Name: 'a' }, { Name: 'a' }]],
    ['a file of unknown size', [{ Name: 'a', Tsize: undefined }]],
  ])('is refused with %s', (_, links) => {
    expect(() => decodeUnixfsNode(directory(links))).toThrow(TreeError)
  })

  it('is refused when its entries are spread over several', () => {
    expect(() => decodeUnixfsNode(directory([{ Name: '00a' }], 5))).toThrow('its list is split')
  })
})

describe('the list of a folder', () => {
  it('does not believe a block that is another', async () => {
    const { cid } = await encodeDirectory([])
    await expect(listFolder(cid, async () => directory([{ Name: 'a' }]))).rejects.toThrow(WrongBlockError)
  })

  it('says that a file is none', async () => {
    const { cid, blocks } = await identify(memoryContent('a', patterned(CHUNK_BYTES + 1)))
    await expect(listFolder(cid, readerOf(blocks))).rejects.toThrow(NotAFolderError)
    await expect(listFolder(LEAF, readerOf(blocks))).rejects.toThrow(NotAFolderError)
  })

  it('ends at a folder that is too deep, or too wide by naming the same again and again', async () => {
    const blocks = new Map<string, Uint8Array>()
    let inner: DirectoryEntry = { name: 'a', cid: LEAF, blockBytes: 1 }
    const wrap = async (names: readonly string[]): Promise<CID> => {
      const { cid, block } = await encodeDirectory(names.map((name) => ({ ...inner, name })))
      blocks.set(cid.toString(), block)
      inner = { name: 'a', cid, blockBytes: 1 }
      return cid
    }
    for (let depth = 0; depth <= FOLDER_DEPTH_MAX + 1; depth++) await wrap(['a'])
    await expect(listFolder(inner.cid, readerOf(blocks))).rejects.toThrow(/over \d+ deep/)
    inner = { name: 'a', cid: LEAF, blockBytes: 1 }
    for (let depth = 0; depth < 8; depth++) await wrap(Array.from({ length: 20 }, (_, i) => `${i}`))
    await expect(listFolder(inner.cid, readerOf(blocks))).rejects.toThrow(/over 10000 files/)
    expect(nodeCid(await sha256(blocks.get(inner.cid.toString()) ?? new Uint8Array())).toString()).toBe(`${inner.cid}`)
  })
})

type Link = { readonly Name: string; readonly Tsize?: number | undefined }

async function shareIn(server: FileServer) {
  const files: { path: string; cid: CID }[] = []
  for (const { path, bytes } of FILES) {
    const content = memoryContent(path, bytes)
    const identity = await identify(content)
    server.add(identity, content)
    files.push({ path, cid: identity.cid })
  }
  const folder = await makeFolder(files, server.uploads.files)
  server.addFolder(folder)
  return folder
}

/** A directory as anybody may make one up. */
function directory(links: readonly Link[], type = 1): Uint8Array {
  const Links = links.map(({ Name, ...rest }) => ({ Hash: LEAF, Name, ...('Tsize' in rest ? {} : { Tsize: 1 }) }))
  return encode(prepare({ Data: Uint8Array.of(0x08, type), Links }))
}

function readerOf(blocks: ReadonlyMap<string, Uint8Array>) {
  return async (cid: CID) => blocks.get(cid.toString()) ?? new Uint8Array(0)
}

function entriesFrom(draw: Draw): DirectoryEntry[] {
  const names = new Set(Array.from({ length: draw(12) }, () => nameFrom(draw)))
  return [...names].map((name) => {
    const digest = Uint8Array.from({ length: DIGEST_BYTES }, () => draw(256))
    return {
      name,
      cid: draw(2) === 0 ? leafCid(digest) : nodeCid(digest),
      blockBytes: draw(2 ** 31) * drawFrom([1, 1000], draw),
    }
  })
}

function nameFrom(draw: Draw): string {
  return Array.from({ length: 1 + draw(20) }, () =>
    drawFrom(['a', 'B', ' ', 'é', '🎵', '\\', ':', '\n', '日'], draw)
  ).join('')
}

function byName(entries: readonly DirectoryEntry[]): (readonly [string, string, number])[] {
  return entries
    .map(({ name, cid, blockBytes }) => [name, cid.toString(), blockBytes] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Whatever else is thrown fails the test. */
function decodeOrTreeError(block: Uint8Array): void {
  try {
    decodeUnixfsNode(block)
  } catch (error) {
    if (!(error instanceof TreeError)) throw error
  }
}
