import { type Fields, HeadError, parseHead, parseLength } from './fields.ts'

/** A peer's response is not HTTP, or not what was asked for. The message is ours. */
export class ResponseError extends Error {
  override readonly name = 'ResponseError'
}

/** The head of a response whose end is known. */
export interface Response {
  readonly status: number
  readonly fields: Fields
  /** Bytes of the body. */
  readonly length: number
}

const STATUS_LINE = /^HTTP\/1\.[01] ([2-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/

/**
 * Reads a response head (RFC 9112 §4). Only a body of stated length is taken: a chunked one, or one that the end of the
 * stream ends, could be endless or cut short unnoticed. Throws `ResponseError`, nothing else, whatever the bytes.
 */
export function parseResponse(head: Uint8Array): Response {
  const { firstLine, fields } = parseHeadOrFault(head)
  const [, status] = STATUS_LINE.exec(firstLine) ?? []
  if (status === undefined) throw new ResponseError('The status line is malformed')
  if (fields.has('transfer-encoding')) throw new ResponseError('The body has no stated length')
  if (fields.has('content-encoding')) throw new ResponseError('The body is encoded, which was not asked for')
  const length = status === '204' || status === '304' ? 0 : parseLength(fields.get('content-length'))
  if (length === undefined) throw new ResponseError('The body has no stated length')
  return { status: Number(status), fields, length }
}

function parseHeadOrFault(head: Uint8Array): ReturnType<typeof parseHead> {
  try {
    return parseHead(head)
  } catch (error) {
    if (!(error instanceof HeadError)) throw error
    throw new ResponseError(error.message, { cause: error })
  }
}
