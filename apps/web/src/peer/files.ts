import { pickFiles, pickFolder } from './file-system-access.ts'

/** A file that a person chose to share. */
export interface ChosenFile {
  readonly file: File
  /** Leads to the file on another visit too; undefined where the browser gives none. */
  readonly handle: FileSystemFileHandle | undefined
  /** The folder that was chosen, if the file was chosen with it: who may read the folder may read the file. */
  readonly folder: FileSystemDirectoryHandle | undefined
  /** Where it is, from the folder on that was chosen, its parts separated by `/`, for a file that has no handle to tell that. */
  readonly path?: string
}

/** Files that the system makes by itself, which nobody means to share. */
const SYSTEM_FILES = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini'])

/** A file or a folder, as the two ways to look into a drop have them. */
interface Place {
  readonly name: string
  /** What is in it; undefined for a file. At most so many. */
  readonly list: ((max: number) => Promise<Place[]>) | undefined
  open(): Promise<ChosenFile>
}

/** The files of a drop, those within folders too, in whatever depth; `max` of them at most. */
export async function filesOfDrop(dropped: DataTransfer, max: number): Promise<readonly ChosenFile[]> {
  // All must be taken before the first await: afterwards the browser has emptied the list.
  const items = [...dropped.items].filter(({ kind }) => kind === 'file')
  const waiting = items.map((item) => ({ entry: item.webkitGetAsEntry(), handle: handleOf(item) }))
  const files = [...dropped.files]
  const places: Place[] = []
  for (const { entry, handle } of waiting) {
    const found = await handle
    if (found !== undefined) places.push(placeOfHandle(found, undefined))
    else if (entry !== null) places.push(placeOfEntry(entry))
  }
  return places.length > 0 ? filesWithin(places, max) : files.slice(0, max).map(withoutHandle)
}

/** Asks the person for files; undefined when they thought better of it. Only in answer to a click. */
export async function chooseFiles(max: number): Promise<readonly ChosenFile[] | undefined> {
  const handles = await pickFiles()
  const places = handles?.map((handle) => placeOfHandle(handle, undefined))
  return places && filesWithin(places, max)
}

/** Asks the person for a folder: all files in it, in whatever depth. Undefined when they thought better of it. */
export async function chooseFolder(max: number): Promise<readonly ChosenFile[] | undefined> {
  const folder = await pickFolder()
  return folder && filesWithin([placeOfHandle(folder, undefined)], max)
}

/** A file as an ordinary input gives it. */
export function withoutHandle(file: File): ChosenFile {
  return { file, handle: undefined, folder: undefined }
}

async function filesWithin(places: readonly Place[], max: number): Promise<readonly ChosenFile[]> {
  const files: ChosenFile[] = []
  const waiting = places.toReversed()
  while (files.length < max) {
    const place = waiting.pop()
    if (place === undefined) break
    if (place.list !== undefined) waiting.push(...sorted(await place.list(max)).reverse())
    else if (!SYSTEM_FILES.has(place.name)) files.push(await place.open())
  }
  return files
}

function sorted(places: Place[]): Place[] {
  return places.sort((a, b) => a.name.localeCompare(b.name))
}

async function handleOf(item: DataTransferItem): Promise<FileSystemHandle | undefined> {
  try {
    return (await item.getAsFileSystemHandle?.()) ?? undefined
  } catch (error) {
    // A drop that came from a page has no files on a disk behind it: it can be read once, and not again.
    console.info('The drop has no handle', error)
    return undefined
  }
}

function placeOfHandle(handle: FileSystemHandle, folder: FileSystemDirectoryHandle | undefined): Place {
  return {
    name: handle.name,
    list: isFolderHandle(handle) ? (max) => handlesIn(handle, folder ?? handle, max) : undefined,
    open: async () => {
      if (!isFileHandle(handle)) throw new DOMException(`${handle.name} is no file`, 'TypeMismatchError')
      return { file: await handle.getFile(), handle, folder }
    },
  }
}

async function handlesIn(handle: FileSystemDirectoryHandle, folder: FileSystemDirectoryHandle, max: number) {
  const places: Place[] = []
  for await (const child of handle.values()) {
    if (places.length >= max) break
    places.push(placeOfHandle(child, folder))
  }
  return places
}

function isFolderHandle(handle: FileSystemHandle): handle is FileSystemDirectoryHandle {
  return handle.kind === 'directory'
}

function isFileHandle(handle: FileSystemHandle): handle is FileSystemFileHandle {
  return handle.kind === 'file'
}

function placeOfEntry(entry: FileSystemEntry): Place {
  return {
    name: entry.name,
    list: isFolderEntry(entry) ? (max) => entriesIn(entry, max) : undefined,
    open: async () => {
      if (!isFileEntry(entry)) throw new DOMException(`${entry.name} is no file`, 'TypeMismatchError')
      const chosen = withoutHandle(await new Promise((resolve, reject) => entry.file(resolve, reject)))
      const path = entry.fullPath.slice(1)
      return path.includes('/') ? { ...chosen, path } : chosen
    },
  }
}

/** A folder gives its entries in portions; an empty portion is the end. */
async function entriesIn(folder: FileSystemDirectoryEntry, max: number): Promise<Place[]> {
  const reader = folder.createReader()
  const entries: FileSystemEntry[] = []
  while (entries.length < max) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (portion.length === 0) break
    entries.push(...portion)
  }
  return entries.map(placeOfEntry)
}

function isFolderEntry(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

function isFileEntry(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}
