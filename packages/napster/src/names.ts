import { NAME_BYTES_MAX, type SharedFile, safeName, truncateUtf8 } from '@servent/library'

/** What parts folders from each other and from the name, as on the machines of the time. */
const SEPARATOR = '\\'

/** Controls and the quote, which nothing can escape, and the separator. */
const FORBIDDEN = /[\p{Cc}"\\]/gu

/**
 * The name that a file is shared by. If that is taken, the file's index goes before it as a folder: an index server knows
 * a file by its owner and name alone.
 */
export function sharedName(file: SharedFile, isTaken: (name: string) => boolean): string {
  const free = file.name.toWellFormed().replace(FORBIDDEN, '_')
  const name = truncateUtf8(free, NAME_BYTES_MAX)
  if (name !== '' && !isTaken(name)) return name
  const folder = `${file.index}${SEPARATOR}`
  return folder + truncateUtf8(free, NAME_BYTES_MAX - folder.length)
}

/** The name of a shared file without its folders, made safe to be shown and saved. */
export function baseName(name: string): string {
  return safeName(name.slice(name.lastIndexOf(SEPARATOR) + 1))
}

/** Whether an index server takes a name. */
export function isIndexable(name: string, byteCount: number): boolean {
  return name !== '' && byteCount <= NAME_BYTES_MAX && !name.includes('"')
}
