/** Bytes of a request or response head at most, blank line included. Ours: ten times what our own have. */
export const HEAD_BYTES_MAX = 8_192

/** Header fields in one head at most. */
const FIELDS_MAX = 64

/** Header fields by lower-case name. Fields that came twice are joined by ", " (RFC 9110 §5.3). */
export type Fields = ReadonlyMap<string, string>

/** Header fields to be sent, in order. */
export type HeadFields = Iterable<readonly [string, string | number]>

/** Bytes are not an HTTP head. The message is ours: nothing of the remote's text is in it. */
export class HeadError extends Error {
  override readonly name = 'HeadError'
  readonly fault: 'too-long' | 'malformed'

  constructor(fault: HeadError['fault'], message: string) {
    super(message)
    this.fault = fault
  }
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Fields that mean something else when given twice with different values, so a second one is a fault. */
const SINGLE_FIELDS: ReadonlySet<string> = new Set([
  'content-length',
  'content-range',
  'host',
  'range',
  'transfer-encoding',
])

/** Splits a head, without the blank line that ends it, into its first line and its fields. Throws `HeadError`. */
export function parseHead(head: Uint8Array): { readonly firstLine: string; readonly fields: Fields } {
  if (head.length > HEAD_BYTES_MAX) throw new HeadError('too-long', 'The head is too long')
  const [firstLine = '', ...lines] = latin1(head).split('\r\n')
  if (lines.length > FIELDS_MAX) throw new HeadError('too-long', 'The head has too many fields')
  const fields = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (!TOKEN.test(name) || !VALUE.test(value)) throw new HeadError('malformed', 'A header field is malformed')
    const before = fields.get(name)
    if (before !== undefined && SINGLE_FIELDS.has(name)) throw new HeadError('malformed', 'A header field came twice')
    fields.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return { firstLine, fields }
}

/** Writes a head: first line, fields, blank line. The caller vouches for its text, which is ASCII. */
export function formatHead(firstLine: string, fields: HeadFields): Uint8Array {
  const lines = [firstLine]
  for (const [name, value] of fields) lines.push(`${name}: ${value}`)
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)
}

/** A length in decimal digits, up to 2^53 - 1; undefined for anything else: no sign, no space, no fraction. */
export function parseLength(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined
  const length = Number(text)
  return Number.isSafeInteger(length) ? length : undefined
}

/** One character a byte, as HTTP heads are read. A head is short, so the arguments fit the stack. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
