import { CHUNK_BYTES } from '../dag/shape.ts'
import { SinkFailedError } from '../errors.ts'
import { safeFileName } from '../names.ts'
import type { Sink } from '../types.ts'
import { BLOB_BYTES_MAX } from './choose-sink.ts'
import { type Deliver, deliverAsDownload } from './deliver.ts'
import { KeptInMemory } from './kept-in-memory.ts'

/**
 * Keeps a small file in memory and hands it over when it is whole. One that was suspended can be downloaded into again, as
 * long as the page is open.
 *
 * @throws SinkFailedError over 512 MiB
 */
export function blobSink(name: string, size: number, deliver: Deliver = deliverAsDownload): Sink {
  if (size > BLOB_BYTES_MAX) throw new SinkFailedError('This browser cannot save files larger than 512 MiB.')
  const kept = new KeptInMemory()
  let parts = new Map<number, Uint8Array<ArrayBuffer>>()
  const drop = (): void => {
    parts = new Map()
    kept.clear()
  }
  return {
    kept,
    write: async (offset, bytes) => {
      parts.set(offset, bytes.slice())
      kept.add(offset)
    },
    read: async (start, end) => assembled(parts, start, end),
    keepLeaves: async (leaves) => {
      kept.leaves = leaves
    },
    close: async () => {
      const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part)
      await deliver(new Blob(inOrder), safeFileName(name))
      drop()
    },
    suspend: async () => undefined,
    abort: async () => drop(),
  }
}

/** The bytes from `start` up to `end`, out of chunks that are all there. */
function assembled(parts: ReadonlyMap<number, Uint8Array>, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start)
  for (let offset = start - (start % CHUNK_BYTES); offset < end; offset += CHUNK_BYTES) {
    const part = parts.get(offset)?.subarray(Math.max(0, start - offset), end - offset)
    if (part === undefined) throw new SinkFailedError('This part of the file is not here any more.')
    bytes.set(part, Math.max(0, offset - start))
  }
  return bytes
}
