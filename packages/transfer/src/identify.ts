import type { CID } from 'multiformats/cid'
import { hasher } from '#hasher'
import { CHUNK_BYTES, DIGEST_BYTES, isFileSize, leafCount } from './dag/shape.ts'
import { buildTree } from './dag/tree.ts'
import { ContentUnreadableError } from './errors.ts'
import type { FileHasher } from './hash/hasher.ts'
import { ProgressMeter } from './progress.ts'
import type { Content, TransferOptions } from './types.ts'

/** What a file is called by its bytes alone, and what is needed to prove any part of it. */
export interface Identity {
  /** UnixFS, SHA-256, raw leaves, 1 MiB chunks, balanced. */
  readonly cid: CID
  /** 20 bytes; `urn:sha1:` and Base32 make of it what Gnutella calls the file. */
  readonly sha1: Uint8Array
  /** Bytes. */
  readonly size: number
  /** The SHA-256 of each 1 MiB chunk, one after the other, 32 bytes each. */
  readonly leaves: Uint8Array
  /** The dag-pb blocks above the leaves, by CID text. */
  readonly blocks: ReadonlyMap<string, Uint8Array>
}

/**
 * Reads a file once, 1 MiB at a time, and names it; or has it named by its own way, if it has one. Two chunks are in memory at
 * most: one is hashed while the next is read.
 *
 * @throws ContentUnreadableError when the file cannot be read, has changed its length, or is over 1 TiB; the signal's reason when it fires
 */
export async function identify(content: Content, options: TransferOptions = {}): Promise<Identity> {
  options.signal?.throwIfAborted()
  const { name, size } = content
  if (!isFileSize(size)) throw new ContentUnreadableError(`${name} is too big to be shared: 1 TiB is the most`)
  return content.identify === undefined ? identifyHere(content, options) : content.identify(options)
}

/** Reads a file here, as `identify` does of one that has no way of its own. */
export async function identifyHere(content: Content, { signal, onProgress }: TransferOptions): Promise<Identity> {
  const { size } = content
  const file = await hasher.file()
  try {
    const leaves = await hashLeaves(content, file, signal, new ProgressMeter(size, onProgress))
    return await identityOf(size, leaves, await file.sha1())
  } catch (error) {
    file.cancel()
    throw error
  }
}

/** What the hashes of a file make it. */
export async function identityOf(size: number, leaves: Uint8Array, sha1: Uint8Array): Promise<Identity> {
  const { root, blocks } = await buildTree(leaves, size)
  return { cid: root, sha1, size, leaves, blocks }
}

async function hashLeaves(
  content: Content,
  file: FileHasher,
  signal: AbortSignal | undefined,
  progress: ProgressMeter
) {
  const count = leafCount(content.size)
  const leaves = new Uint8Array(count * DIGEST_BYTES)
  let chunk = await readChunk(content, 0)
  for (let index = 0; index < count; index++) {
    signal?.throwIfAborted()
    const isLast = index === count - 1
    const [digest, next] = await Promise.all([file.chunk(chunk), isLast ? chunk : readChunk(content, index + 1)])
    leaves.set(digest, index * DIGEST_BYTES)
    progress.add(chunk.length)
    chunk = next
  }
  progress.finish()
  return leaves
}

async function readChunk(content: Content, index: number): Promise<Uint8Array> {
  const start = index * CHUNK_BYTES
  const end = Math.min(content.size, start + CHUNK_BYTES)
  const bytes = start === end ? new Uint8Array(0) : await content.read(start, end)
  if (bytes.length !== end - start) throw new ContentUnreadableError(`${content.name} changed while it was read`)
  return bytes
}
