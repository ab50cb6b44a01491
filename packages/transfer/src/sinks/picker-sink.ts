import type { Sink } from '../types.ts'
import { orWriteError, writeAt } from './writable-file.ts'

/** `remove` is not in every browser that has the picker. */
type RemovableHandle = FileSystemFileHandle & { remove?: () => Promise<void> }

/**
 * Writes to the place that a person chose with `showSaveFilePicker`. The browser keeps what is written apart until it is
 * whole. If that is never, a file that was there before stays as it was, and one that the picker created is removed.
 *
 * @throws SinkFailedError with a sentence for a person
 */
export async function pickerSink(handle: RemovableHandle): Promise<Sink> {
  return orWriteError(async () => {
    const wasThere = (await handle.getFile()).size > 0
    const writable = await handle.createWritable()
    return {
      write: (offset, bytes) => writeAt(writable, offset, bytes),
      close: () => orWriteError(() => writable.close()),
      abort: () =>
        orWriteError(async () => {
          await writable.abort()
          if (!wasThere) await handle.remove?.()
        }),
    }
  })
}
