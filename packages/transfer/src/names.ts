/** Bytes of a file name that every common file system takes, less room for what sinks add to it. */
const NAME_BYTES_MAX = 200

/** Names that Windows gives to devices, whatever follows the first dot, and spaces before that. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i

/** What no file system takes, what separates folders, and what changes the direction of text to hide an ending. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}<>:"/\\|?*]/gu

/** A file name made safe to be created in a folder, from a name that anyone may have made up. Never empty, never a path. */
export function safeFileName(name: string): string {
  const cleaned = name
    .normalize('NFC')
    .replace(FORBIDDEN, '_')
    .replace(/^[. ]+|[. ]+$/g, '')
  const { stem, extension } = splitName(cleaned)
  const short = shorten(stem, NAME_BYTES_MAX - byteLength(shorten(extension, 32))) + shorten(extension, 32)
  const named = short === '' ? 'download' : short
  return DEVICE.test(named) ? `_${named}` : named
}

/** Folders that a file may be in, one in the other. Ours: deeper ones meet the limits of paths. */
const FOLDERS_MAX = 16

/** The parts of a relative path made safe, folders first: never empty, never absolute, never upwards. Of too many folders the last stay. */
export function safePath(path: string): string[] {
  const parts = path
    .split(/[/\\]+/)
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map(safeFileName)
  return parts.length === 0 ? [safeFileName('')] : parts.slice(-FOLDERS_MAX - 1)
}

/** `name (2).ext` for the second file of a name, and so on. The first keeps its name. */
export function numberedName(name: string, number: number): string {
  if (number === 1) return name
  const { stem, extension } = splitName(name)
  return `${stem} (${number})${extension}`
}

/** The extension begins at the last dot, unless that is the first character. */
function splitName(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? { stem: name, extension: '' } : { stem: name.slice(0, dot), extension: name.slice(dot) }
}

/** As many whole characters as fit. */
function shorten(text: string, bytesMax: number): string {
  let short = ''
  let bytes = 0
  for (const character of text) {
    bytes += byteLength(character)
    if (bytes > bytesMax) break
    short += character
  }
  return short
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
