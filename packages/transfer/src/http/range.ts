/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads `Range: bytes=a-b`, `a-` or `-n` (RFC 9110 §14.1.2) for something of `size` bytes.
 *
 * @returns the bytes asked for; `undefined` when the field asks for no part: no field, another unit, or several ranges,
 * which a server may answer in full; `'unsatisfiable'` when it asks for what is not there or makes no sense
 */
export function parseRange(field: string | undefined, size: number): ByteRange | undefined | 'unsatisfiable' {
  if (field === undefined || !/^bytes=/i.test(field) || field.includes(',')) return undefined
  const [, first, last] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})$/i.exec(field) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'unsatisfiable'
  if (first === '') {
    const suffix = Math.min(Number(last), size)
    return suffix === 0 ? 'unsatisfiable' : { start: size - suffix, end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  return start >= end ? 'unsatisfiable' : { start, end }
}

/** `bytes a-b/size`, with the last byte included, as HTTP has it. */
export function formatContentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`
}
