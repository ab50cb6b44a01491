import { type Fields, formatHead, HeadError, type HeadFields, parseHead, parseLength } from './fields.ts'

interface RequestErrorOptions extends ErrorOptions {
  readonly status: number
  /** Whether the next request can still be found in the stream. Default true. */
  readonly isRecoverable?: boolean
  /** Header fields of the answer. */
  readonly fields?: readonly (readonly [string, string])[]
}

/** A request that is not served, with the status that says so. The message is the body of the answer. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly status: number
  readonly isRecoverable: boolean
  readonly fields: readonly (readonly [string, string])[]

  constructor(message: string, { status, isRecoverable = true, fields = [], cause }: RequestErrorOptions) {
    super(message, cause === undefined ? undefined : { cause })
    this.status = status
    this.isRecoverable = isRecoverable
    this.fields = fields
  }
}

/** Bytes whose end is unknown: answered, and then the stream is ended. */
const LAST = { isRecoverable: false } as const

/** The head of a request for something. Requests with a body are refused. */
export interface Request {
  readonly method: 'GET' | 'HEAD'
  /** Path without the query. Starts with `/`. Not decoded. */
  readonly path: string
  /** What follows the first `?`, or an empty text. Not decoded. */
  readonly query: string
  readonly fields: Fields
  /** Whether the client wants the stream for further requests. */
  readonly isKeptAlive: boolean
}

const REQUEST_LINE = /^([A-Za-z]{1,16}) ([\x21-\x7e]{1,2048}) HTTP\/1\.([01])$/
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]+/i

/** Reads a request head (RFC 9112 §3). Throws `RequestError`, nothing else, whatever the bytes. */
export function parseRequest(head: Uint8Array): Request {
  const { firstLine, fields } = parseHeadOrRefuse(head)
  const [, method = '', target = '', minor = ''] = REQUEST_LINE.exec(firstLine) ?? []
  if (method === '') throw new RequestError('The request line is malformed.', { status: 400, ...LAST })
  if (minor === '1' && !fields.has('host'))
    throw new RequestError('A request names its host.', { status: 400, ...LAST })
  const connection = fields.get('connection')?.toLowerCase() ?? ''
  const isKeptAlive = minor === '1' ? !connection.includes('close') : connection.includes('keep-alive')
  return requestOf(method, target, fields, isKeptAlive)
}

/** Makes a request of the parts of its head. Throws `RequestError` for one that is not served here, whatever it asks for. */
export function requestOf(method: string, target: string, fields: Fields, isKeptAlive: boolean): Request {
  refuseBody(fields)
  if (method !== 'GET' && method !== 'HEAD')
    throw new RequestError('Only GET and HEAD are served here.', { status: 405, fields: [['Allow', 'GET, HEAD']] })
  const origin = target.replace(ABSOLUTE_FORM, '')
  const mark = origin.indexOf('?')
  const path = mark === -1 ? origin : origin.slice(0, mark)
  if (!path.startsWith('/')) throw new RequestError('The request target is malformed.', { status: 400 })
  return { method, path, query: mark === -1 ? '' : origin.slice(mark + 1), fields, isKeptAlive }
}

/** Writes a request head. The target and fields are ours and ASCII. */
export function formatRequest(target: string, fields: HeadFields, method: Request['method'] = 'GET'): Uint8Array {
  return formatHead(`${method} ${target} HTTP/1.1`, fields)
}

function parseHeadOrRefuse(head: Uint8Array): ReturnType<typeof parseHead> {
  try {
    return parseHead(head)
  } catch (error) {
    if (!(error instanceof HeadError)) throw error
    throw new RequestError(`${error.message}.`, {
      status: error.fault === 'too-long' ? 431 : 400,
      cause: error,
      ...LAST,
    })
  }
}

/** A body would have to be read to its end to find the next request, and nothing here wants one. */
function refuseBody(fields: Fields): void {
  const text = fields.get('content-length')
  const length = text === undefined ? 0 : parseLength(text)
  if (length === undefined) throw new RequestError('The content length is malformed.', { status: 400, ...LAST })
  if (length > 0 || fields.has('transfer-encoding'))
    throw new RequestError('Requests have no body here.', { status: 413, ...LAST })
}
