import type { ByteRange } from './range.ts'
import { ResponseError } from './response.ts'

/**
 * The field in which a server that has only part of a file says which: `X-Available-Ranges: bytes 0-1048575,3145728-4194303`
 * (Gnutella's partial file sharing protocol, 1.0, §3).
 */
export const AVAILABLE_RANGES = 'X-Available-Ranges'

/** Ranges told in one answer at most, and read from one: 200 of the longest fill half of a head. */
const RANGES_MAX = 200

/** Writes the ranges of what is there; of more than 200 the longest. */
export function formatAvailableRanges(ranges: readonly ByteRange[]): string {
  const told =
    ranges.length <= RANGES_MAX
      ? ranges
      : ranges.toSorted((a, b) => b.end - b.start - (a.end - a.start)).slice(0, RANGES_MAX)
  return `bytes ${told.map(({ start, end }) => `${start}-${end - 1}`).join(',')}`.trimEnd()
}

/**
 * Reads the ranges of a file of `size` bytes. An empty list says that nothing is there yet.
 *
 * @throws ResponseError when the field is malformed, names bytes beyond the end, or has too many ranges
 */
export function parseAvailableRanges(field: string, size: number): ByteRange[] {
  // Both spellings are in use among Gnutella servents.
  const [, list] = /^bytes(?:[ \t=]+(.*))?$/i.exec(field) ?? []
  if (list === undefined && !/^bytes$/i.test(field)) throw new ResponseError('The available ranges are malformed')
  const texts = list === undefined || list === '' ? [] : list.split(',', RANGES_MAX + 1)
  if (texts.length > RANGES_MAX) throw new ResponseError('The source names too many available ranges')
  return texts.map((text) => {
    const [, first, last] = /^[ \t]*(\d{1,15})-(\d{1,15})[ \t]*$/.exec(text) ?? []
    const range = { start: Number(first), end: Number(last) + 1 }
    if (first === undefined || range.start >= range.end || range.end > size)
      throw new ResponseError('The available ranges are malformed')
    return range
  })
}
