/** Bytes of a file name at the most: what ext4, APFS and NTFS take. */
export const NAME_BYTES_MAX = 255

/** What stands for a name of which nothing is left. */
const NAMELESS = 'file'

/**
 * Controls, format characters (bidi overrides and isolates, zero-width, soft hyphen, byte order mark, tags), line and
 * paragraph separators, surrogates without their other half, private use and unassigned characters, and what else is
 * "default ignorable": Hangul fillers are letters by category and blank to the eye, variation selectors marks.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{DI}]+/gu

/** Separators of paths and what Windows refuses in names; `%` stays, for we never decode a name as a URL. */
const SEPARATORS = /[/\\:*?"<>|\u2044\u2215\u29f8\uff0f\uff3c]+/gu

/** Names that are devices on Windows, whatever their extension. */
const RESERVED =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?=$|[.\s])/iu

/**
 * A text from the network as a name that may be shown and saved: no control, bidi or invisible character, no separator
 * of paths, no dot or blank at either end, no device of Windows, at most 255 bytes of UTF-8 with no character cut in
 * two, never empty. A safe name is its own safe name.
 *
 * Marks are limited to two a letter, for more of them climb over the lines around.
 */
export function safeName(text: string): string {
  const shown = text
    .slice(0, 4 * NAME_BYTES_MAX)
    .replace(UNSEEN, '')
    .replace(SEPARATORS, '_')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .replace(/\s+/gu, ' ')
  const free = trimEnds(shown).replace(RESERVED, (device) => `_${device}`)
  const cut = truncateUtf8(free, NAME_BYTES_MAX).replace(/[. ]+$/u, '')
  return cut === '' ? NAMELESS : cut
}

/** The longest beginning of a text that takes no more than `bytesMax` bytes of UTF-8, no character cut in two. */
export function truncateUtf8(text: string, bytesMax: number): string {
  let bytes = 0
  let units = 0
  for (const char of text) {
    const code = char.codePointAt(0) as number
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    if (bytes > bytesMax) return text.slice(0, units)
    units += char.length
  }
  return text
}

function trimEnds(text: string): string {
  return text.replace(/^[. ]+/u, '').replace(/[. ]+$/u, '')
}
