/** Files that the system makes by itself, which nobody means to share. */
const SYSTEM_FILES = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini'])

/** The files of a drop, those within folders too, in whatever depth; `max` of them at most. */
export async function filesOfDrop(dropped: DataTransfer, max: number): Promise<readonly File[]> {
  // Entries must be taken before the first await: afterwards the browser has emptied the list.
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  if (entries.length === 0) return [...dropped.files].slice(0, max)
  const files: File[] = []
  const waiting: FileSystemEntry[] = entries.reverse()
  while (files.length < max) {
    const entry = waiting.pop()
    if (entry === undefined) break
    if (isFolder(entry)) waiting.push(...(await entriesOf(entry, max)).reverse())
    else if (isFile(entry) && !SYSTEM_FILES.has(entry.name)) files.push(await fileOf(entry))
  }
  return files
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

/** A folder gives its entries in portions; an empty portion is the end. */
async function entriesOf(folder: FileSystemDirectoryEntry, max: number): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const entries: FileSystemEntry[] = []
  while (entries.length < max) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (portion.length === 0) break
    entries.push(...portion)
  }
  return entries.sort((a, b) => a.name.localeCompare(b.name))
}
