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
 * Reads a file once, 1 MiB at a time, and names it. Two chunks are in memory at most: one is hashed while the next is read.
 *
 * @throws ContentUnreadableError when the file cannot be read, has changed its length, or is over 1 TiB; the signal's reason when it fires
 */
export async function identify(content: Content, { signal, onProgress }: TransferOptions = {}): Promise<Identity> {
  signal?.throwIfAborted()
  const { size } = content
  if (!isFileSize(size)) throw new ContentUnreadableError(`${content.name} is too big to be shared: 1 TiB is the most`)
  const file = await hasher.file()
  try {
    const leaves = await hashLeaves(content, file, signal, new ProgressMeter(size, onProgress))
    const { root, blocks } = await buildTree(leaves, size)
    return { cid: root, sha1: await file.sha1(), size, leaves, blocks }
  } catch (error) {
    file.cancel()
    throw error
  }
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
