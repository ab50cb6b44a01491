// Runs in a thread of Node: reads a file and hashes it, so that no bytes travel between threads.
import { createHash, hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { parentPort } from 'node:worker_threads'
import { mustBeAsItWas, orUnreadable, readFully } from '../contents/file-reading.ts'
import { CHUNK_BYTES, DIGEST_BYTES, leafCount, spanBytes } from '../dag/shape.ts'
import type { FileHashes, ThreadRequest, ThreadResponse } from './thread-messages.ts'

parentPort?.on('message', (request: ThreadRequest) => {
  orUnreadable(request.name, () => hashFile(request)).then(
    (hashes) => say({ type: 'hashes', ...hashes }, [hashes.leaves.buffer, hashes.sha1.buffer]),
    (error: Error) => say({ type: 'unreadable', problem: error.message })
  )
})

async function hashFile({ path, name, state }: ThreadRequest): Promise<FileHashes> {
  await using file = await open(path)
  await mustBeAsItWas(file, name, state)
  const leaves = new Uint8Array(leafCount(state.size) * DIGEST_BYTES)
  const whole = createHash('sha1')
  let at = 0
  for await (const chunk of chunksOf(file, state.size)) {
    whole.update(chunk)
    leaves.set(hash('sha256', chunk, 'buffer'), at)
    at += DIGEST_BYTES
    say({ type: 'bytes', bytes: chunk.length })
  }
  await mustBeAsItWas(file, name, state)
  return { leaves, sha1: new Uint8Array(whole.digest()) }
}

/** Each chunk, valid until the next one is asked for: Node's own threads read that one meanwhile. */
async function* chunksOf(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  const buffers = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)] as const
  const read = async (index: number): Promise<Uint8Array> => {
    const bytes = buffers[index % 2 === 0 ? 0 : 1].subarray(0, spanBytes(size, 0, index))
    await readFully(file, bytes, index * CHUNK_BYTES)
    return bytes
  }
  const count = leafCount(size)
  let next = read(0)
  for (let index = 0; index < count; index++) {
    const chunk = await next
    if (index + 1 < count) {
      next = read(index + 1)
      // Told when it is waited for: the chunk before it is hashed first.
      next.catch(() => undefined)
    }
    yield chunk
  }
}

function say(response: ThreadResponse, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(response, transfer)
}
