import { SinkFailedError } from '../errors.ts'
import { safeFileName } from '../names.ts'
import type { Sink } from '../types.ts'
import { BLOB_BYTES_MAX } from './choose-sink.ts'
import { type Deliver, deliverAsDownload } from './deliver.ts'

/**
 * Keeps a small file in memory and hands it over when it is whole.
 *
 * @throws SinkFailedError over 512 MiB
 */
export function blobSink(name: string, size: number, deliver: Deliver = deliverAsDownload): Sink {
  if (size > BLOB_BYTES_MAX) throw new SinkFailedError('This browser cannot save files larger than 512 MiB.')
  let parts = new Map<number, Uint8Array<ArrayBuffer>>()
  return {
    write: async (offset, bytes) => void parts.set(offset, bytes.slice()),
    close: async () => {
      const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part)
      deliver(new Blob(inOrder), safeFileName(name))
      parts = new Map()
    },
    abort: async () => parts.clear(),
  }
}
