import { hash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { ContentUnreadableError } from '../errors.ts'
import { hashThreads, NoThreadError } from '../hash/hash-threads.ts'
import type { FileHashes } from '../hash/thread-messages.ts'
import { type Identity, identifyHere, identityOf } from '../identify.ts'
import type { IdentityCache } from '../identities/identity-cache.ts'
import { ProgressMeter } from '../progress.ts'
import type { Content, TransferOptions } from '../types.ts'
import { type FileState, mustBeAsItWas, orUnreadable, readFully, stateOf } from './file-reading.ts'

/** Ours: what is hashed sooner than another thread is told of it, in bytes. */
const SMALL_BYTES = 65_536

export interface FileContentOptions {
  /** What files were when they were hashed: one that is still so is not hashed again. Default: none is remembered. */
  readonly identities?: IdentityCache | undefined
}

/**
 * A file on disk, read where it is, and hashed by a thread of its own. If its size or time of change is not what it was at this
 * call, reading it fails: it never gives bytes of another state.
 *
 * @throws ContentUnreadableError when it cannot be read, or is no file
 */
export async function fileContent(path: string, { identities }: FileContentOptions = {}): Promise<Content> {
  const name = basename(path)
  const found = await orUnreadable(name, () => stat(path))
  if (!found.isFile()) throw new ContentUnreadableError(`${name} is not a file`)
  const state = stateOf(found)
  // Opened once now, so that a file without permission is told of before it is shared.
  await orUnreadable(name, async () => (await open(path)).close())
  const content = {
    name,
    size: state.size,
    read: (start: number, end: number) => orUnreadable(name, () => readPart(path, name, state, start, end)),
  }
  const full = resolve(path)
  return { ...content, identify: (options) => identifyFile(full, state, content, options, identities) }
}

async function identifyFile(
  path: string,
  state: FileState,
  content: Content,
  options: TransferOptions,
  identities: IdentityCache | undefined
): Promise<Identity> {
  const known = await identities?.get(path, state)
  if (known !== undefined) return known
  const identity = await hashFile(path, state, content, options)
  await identities?.put(path, state, identity)
  return identity
}

/** Of a file of one chunk. */
function hashesOf(bytes: Uint8Array): FileHashes {
  return {
    leaves: new Uint8Array(hash('sha256', bytes, 'buffer')),
    sha1: new Uint8Array(hash('sha1', bytes, 'buffer')),
  }
}

async function hashFile(path: string, state: FileState, content: Content, options: TransferOptions): Promise<Identity> {
  const { signal, onProgress } = options
  const { name, size } = content
  const meter = new ProgressMeter(size, onProgress)
  try {
    const onBytes = (bytes: number): void => meter.add(bytes)
    const hashes =
      size <= SMALL_BYTES
        ? hashesOf(await content.read(0, size))
        : await hashThreads.hash({ path, name, state }, { signal, onBytes })
    meter.finish()
    return await identityOf(size, hashes.leaves, hashes.sha1)
  } catch (error) {
    if (error instanceof NoThreadError) return identifyHere(content, options)
    throw error
  }
}

/** Opens the file for each part: shared folders hold more files than a process may have open. */
async function readPart(path: string, name: string, state: FileState, start: number, end: number): Promise<Uint8Array> {
  await using file = await open(path)
  const bytes = Buffer.allocUnsafeSlow(end - start)
  await readFully(file, bytes, start)
  // After the reading: a change amid it is noticed too.
  await mustBeAsItWas(file, name, state)
  return bytes
}
