import type { Stream } from '@libp2p/interface'
import { ContentUnreadableError } from '../errors.ts'
import { formatHead } from '../http/fields.ts'
import { type ByteRange, formatContentRange, parseRange } from '../http/range.ts'
import { type Request, RequestError } from '../http/request.ts'
import { sendAll } from '../http/stream.ts'
import { RAW_TYPE, type Route, route } from './route.ts'
import { type SharedFile, type SharedFiles, sha1Text } from './shared-files.ts'

/** Bytes that are read and handed to the transport at a time. Ours: a chunk, so that the usual request is one read. */
const PART_BYTES = 1_048_576

/** What answering needs of its surroundings. */
export interface ResponderContext {
  readonly stream: Stream
  readonly files: SharedFiles
  /** Takes an upload slot for the peer, unless it has one. False when all are taken. */
  takeSlot(): boolean
  /** Bytes of a file's content were handed to the transport. */
  onSent(file: SharedFile, bytes: number): void
  /** The client has taken something. */
  onDrain(): void
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  206: 'Partial Content',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  410: 'Gone',
  413: 'Content Too Large',
  416: 'Range Not Satisfiable',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
}

/**
 * Answers one request with what is shared. Never holds more of a file than one part.
 *
 * @throws RequestError before anything was sent; ContentUnreadableError when a file fails amid its answer, after which
 * the stream is of no use; StreamEndedError when the client has gone
 */
export async function respond(request: Request, context: ResponderContext): Promise<void> {
  const answer = answerTo(request, route(request, context.files))
  if (request.method === 'HEAD') return send(context, formatHead(answer.statusLine, answer.fields))
  if (!context.takeSlot()) throw new RequestError('All upload slots are taken. Try again later.', { status: 503 })
  const first = await readFirst(answer)
  await send(context, formatHead(answer.statusLine, answer.fields))
  await sendBody(context, answer, first)
}

/** Answers with a status and its sentence. */
export async function respondError(error: RequestError, isHead: boolean, context: ResponderContext): Promise<void> {
  const body = new TextEncoder().encode(`${error.message}\n`)
  const fields: (readonly [string, string | number])[] = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', body.length],
    ...error.fields,
  ]
  if (!error.isRecoverable) fields.push(['Connection', 'close'])
  await send(context, formatHead(statusLine(error.status), fields))
  if (!isHead) await send(context, body)
}

interface Answer extends Route {
  readonly statusLine: string
  readonly fields: readonly (readonly [string, string | number])[]
  readonly range: ByteRange
}

function answerTo(request: Request, { resource, contentType }: Route): Answer {
  const etag = contentType === RAW_TYPE ? `"${resource.etag}.raw"` : `"${resource.etag}"`
  const ifRange = request.fields.get('if-range')
  const field = ifRange === undefined || ifRange === etag ? request.fields.get('range') : undefined
  const part = parseRange(field, resource.size)
  if (part === 'unsatisfiable') {
    throw new RequestError('There are no such bytes.', {
      status: 416,
      fields: [['Content-Range', `bytes */${resource.size}`]],
    })
  }
  const range = part ?? { start: 0, end: resource.size }
  const fields: [string, string | number][] = [
    ['Content-Type', contentType],
    ['Content-Length', range.end - range.start],
    ['Accept-Ranges', 'bytes'],
    ['ETag', etag],
    // What a CID names never changes, and must not run in the origin of whoever shows it.
    ['Cache-Control', 'public, max-age=29030400, immutable'],
    ['Content-Disposition', 'attachment'],
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Gnutella-Content-URN', `urn:sha1:${sha1Text(resource.file.identity.sha1)}`],
  ]
  if (part !== undefined) fields.push(['Content-Range', formatContentRange(part, resource.size)])
  return { resource, contentType, statusLine: statusLine(part === undefined ? 200 : 206), fields, range }
}

/** The first part is read before the head is sent: a file that cannot be read at all can still be answered with words. */
async function readFirst({ resource, range }: Answer): Promise<Uint8Array> {
  try {
    return await resource.read(range.start, Math.min(range.end, range.start + PART_BYTES))
  } catch (error) {
    if (!(error instanceof ContentUnreadableError)) throw error
    throw new RequestError('The file has changed or gone.', { status: 410, cause: error })
  }
}

async function sendBody(context: ResponderContext, { resource, range }: Answer, first: Uint8Array): Promise<void> {
  const { file } = resource
  let part = first
  for (let at = range.start; at < range.end; ) {
    const end = Math.min(range.end, at + PART_BYTES)
    if (part.length !== end - at) throw new ContentUnreadableError('The file changed while it was sent')
    if (resource.isContent) context.onSent(file, part.length)
    await send(context, part)
    at = end
    if (at === range.end) return
    if (!context.files.has(file.identity.cid)) throw new ContentUnreadableError('The file is no longer shared')
    part = await resource.read(at, Math.min(range.end, at + PART_BYTES))
  }
}

function send(context: ResponderContext, bytes: Uint8Array): Promise<void> {
  return sendAll(context.stream, bytes, () => context.onDrain())
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${REASONS[status] ?? 'Error'}`
}
