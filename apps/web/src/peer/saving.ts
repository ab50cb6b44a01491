import type { Sink } from '@servent/servent'
import { BLOB_BYTES_MAX, CHUNK_BYTES, SinkFailedError, SinkFullError } from '@servent/transfer'
import type { KeptDownload as KeptPart } from '@servent/transfer/browser'
import { heldDownloads } from './kept-downloads.ts'

/** The ways to save: loaded when the page is there. */
const ways = () => import('@servent/transfer/browser')

/** A place that a person chose. */
export type ChosenPlace = FileSystemFileHandle

/** The part of the File System Access API that TypeScript's DOM library does not know. */
declare global {
  interface Window {
    showSaveFilePicker?: (options: { suggestedName: string }) => Promise<ChosenPlace>
  }
}

/** From so many bytes on, people care where a file goes. Ours: smaller ones are moved in no time. */
export const CHOOSE_PLACE_BYTES_MIN = 10_000_000

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

/** What is to be saved. */
export interface Saving {
  /** CID as text. */
  readonly cid: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Undefined: the browser's own folder of downloads. */
  readonly place: ChosenPlace | undefined
}

/** What became of a file that is whole. */
export interface Saved {
  /** As long as this tab is open it can be read. Undefined where that cannot be. */
  readonly file: File | undefined
  /** What went otherwise than was wished for: a sentence. */
  readonly note: string | undefined
}

/** Where a download is written. */
export interface Opened {
  readonly sink: Sink
  /** Whether what is written outlives the tab, so that a later one can go on. */
  readonly isKept: boolean
  /** What became of the file, once the sink is closed. */
  saved(): Promise<Saved>
}

/** Places that are lost with the page, and so are not given up while their downloads are paused. By CID. */
const held = new Map<string, Opened>()

/**
 * Opens the best place that there is for a download, with what an earlier run left in it: the browser's own file system, which outlives
 * the tab; where that has no room, the place that the person chose; and memory for a single chunk, or where there is nothing else.
 *
 * @throws SinkFailedError, SinkFullError with a sentence for a person
 */
export async function openSink(saving: Saving): Promise<Opened> {
  const before = held.get(saving.cid)
  if (before !== undefined) return before
  const opened = await openNew(saving)
  if (!opened.isKept) held.set(saving.cid, opened)
  return opened
}

async function openNew(saving: Saving): Promise<Opened> {
  if (!(await hasOpfs()) || (saving.size <= CHUNK_BYTES && saving.place === undefined)) return openPassing(saving)
  try {
    return await openKept(saving)
  } catch (error) {
    if (error instanceof SinkFullError && saving.place === undefined) throw error
    // Another tab may have the content open, or there may be no worker.
    console.info(`"${saving.name}" cannot be kept over a reload`, error)
    return openPassing(saving)
  }
}

async function openKept({ cid, name, size, place }: Saving): Promise<Opened> {
  const { deliverAsDownload, discardKept, opfsSink } = await ways()
  let saved: Saved = { file: undefined, note: undefined }
  const deliver = async (whole: Blob, safeName: string) => {
    if (place !== undefined && (await copyTo(place, whole))) {
      saved = { file: await place.getFile(), note: undefined }
    } else {
      deliverAsDownload(whole, safeName)
      saved = { file: new File([whole], safeName), note: place && NOT_AT_PLACE }
    }
  }
  return {
    sink: await opfsSink(name, { cid, size, deliver }),
    isKept: true,
    saved: async () => {
      // Whoever reads the file reads it at its place.
      if (place !== undefined && saved.note === undefined) await discardKept(cid)
      return saved
    },
  }
}

const NOT_AT_PLACE =
  'The browser no longer lets the page write to the place that was chosen: it is among your downloads.'

/** What does not outlive the page. */
async function openPassing({ name, size, place }: Saving): Promise<Opened> {
  const { blobSink, deliverAsDownload, pickerSink } = await ways()
  if (place !== undefined) {
    const saved = async () => ({ file: await place.getFile(), note: undefined })
    return { sink: await pickerSink(place), isKept: false, saved }
  }
  if (size > BLOB_BYTES_MAX) {
    throw new SinkFailedError(
      'This browser cannot save a file of this size now. If another tab fetches it, close that one and try again.'
    )
  }
  let file: File | undefined
  const deliver = (blob: Blob, safeName: string) => {
    file = new File([blob], safeName)
    deliverAsDownload(blob, safeName)
  }
  return { sink: blobSink(name, size, deliver), isKept: false, saved: async () => ({ file, note: undefined }) }
}

/** Copies a file to a chosen place. False when the browser does not permit it any more, as after a reload. Rejects when there is no room. */
async function copyTo(place: ChosenPlace, whole: Blob): Promise<boolean> {
  try {
    await (await ways()).deliverTo(place)(whole, place.name)
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'QuotaExceededError') throw error
    console.warn('The chosen place cannot be written to', error)
    return false
  }
}

/** The download is saved: its place is of no more use. */
export function releasePlace(cid: string): void {
  held.delete(cid)
}

/** The download is given up: removes what is kept of it. */
export async function discardDownload(cid: string): Promise<void> {
  const opened = held.get(cid)
  held.delete(cid)
  if (opened !== undefined) await opened.sink.abort()
  if (await hasOpfs()) await (await ways()).discardKept(cid)
}

/** What lies in the browser's own file system of downloads that are not whole; of each, whether any tab has it in hand. */
export async function readKeptParts(): Promise<readonly (KeptPart & { readonly isHeld: boolean })[]> {
  if (!(await hasOpfs())) return []
  const isHeld = await heldDownloads()
  return (await (await ways()).keptDownloads()).map((part) => ({ ...part, isHeld: isHeld(part.cid) }))
}

/** Frees the room of downloads that were handed over before the page was last closed. */
export async function clearRoom(): Promise<void> {
  if (await hasOpfs()) await (await ways()).clearOldDownloads()
}

/** Whether this browser has a file system of its own. */
async function hasOpfs(): Promise<boolean> {
  return (await (await ways()).sinkCapabilities()).hasOpfs
}
