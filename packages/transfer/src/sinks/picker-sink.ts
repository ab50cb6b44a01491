import type { Sink } from '../types.ts'
import { KeptInMemory } from './kept-in-memory.ts'
import { orWriteError, writeAt } from './writable-file.ts'

/** `remove` is not in every browser that has the picker. */
type RemovableHandle = FileSystemFileHandle & { remove?: () => Promise<void> }

/**
 * Writes to the place that a person chose with `showSaveFilePicker`. The browser keeps what is written apart until it is
 * whole, and loses it with the page: one that was suspended can be downloaded into again until then. If it is never whole, a
 * file that was there before stays as it was, and one that the picker created is removed.
 *
 * @throws SinkFailedError with a sentence for a person
 */
export async function pickerSink(handle: RemovableHandle): Promise<Sink> {
  return orWriteError(async () => {
    const wasThere = (await handle.getFile()).size > 0
    const writable = await handle.createWritable()
    const kept = new KeptInMemory()
    return {
      kept,
      write: async (offset, bytes) => {
        await writeAt(writable, offset, bytes)
        kept.add(offset)
      },
      keepLeaves: async (leaves) => {
        kept.leaves = leaves
      },
      close: () => orWriteError(() => writable.close()),
      // What was written stays where it is only as long as it is not closed.
      suspend: async () => undefined,
      abort: () =>
        orWriteError(async () => {
          kept.clear()
          await writable.abort()
          if (!wasThere) await handle.remove?.()
        }),
    }
  })
}
