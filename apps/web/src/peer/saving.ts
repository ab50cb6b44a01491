import type { Sink } from '@servent/servent'
import { chooseSink, SinkFailedError } from '@servent/transfer'
import { blobSink, clearOldDownloads, opfsSink, pickerSink, sinkCapabilities } from '@servent/transfer/browser'

/** A place that a person chose. */
export type ChosenPlace = FileSystemFileHandle

/** The part of the File System Access API that TypeScript's DOM library does not know. */
declare global {
  interface Window {
    showSaveFilePicker?: (options: { suggestedName: string }) => Promise<ChosenPlace>
  }
}

/** From here on it is worth asking for a place: written there at once, a big file needs no room twice. */
export const CHOOSE_PLACE_BYTES_MIN = 64_000_000

/** Whether "Save as…" can be offered. */
export function canChoosePlace(): boolean {
  return typeof window.showSaveFilePicker === 'function'
}

/** Asks the person for a place; undefined when they thought better of it. Only in answer to a click. */
export async function choosePlace(suggestedName: string): Promise<ChosenPlace | undefined> {
  try {
    return await window.showSaveFilePicker?.({ suggestedName })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    throw error
  }
}

/**
 * Where a download is written. Without a chosen place it becomes an ordinary download of the browser once it is whole.
 *
 * @throws SinkFailedError, SinkFullError with a sentence for a person
 */
export async function openSink(name: string, size: number, place: ChosenPlace | undefined): Promise<Sink> {
  if (place !== undefined) return pickerSink(place)
  const choice = chooseSink({ ...(await sinkCapabilities()), hasSavePicker: false }, size)
  if (choice.kind === 'none') throw new SinkFailedError(choice.reason)
  return choice.kind === 'opfs' ? opfsSink(name, size) : blobSink(name, size)
}

/** Frees the room of downloads that were handed over before the page was last closed. */
export async function clearRoom(): Promise<void> {
  if ((await sinkCapabilities()).hasOpfs && navigator.locks !== undefined) await clearOldDownloads()
}
