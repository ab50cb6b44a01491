import { ContentUnreadableError } from '../errors.ts'
import { AVAILABLE_RANGES, formatAvailableRanges } from '../http/available-ranges.ts'
import type { HeadFields } from '../http/fields.ts'
import { type ByteRange, formatContentRange, parseRange } from '../http/range.ts'
import { type Request, RequestError } from '../http/request.ts'
import { type Route, route } from './route.ts'
import { type Resource, type SharedFile, type SharedFiles, sha1Text } from './shared-files.ts'

/** Bytes that are read and handed to the transport at a time. Ours: a chunk, so that the usual request is one read. */
const PART_BYTES = 1_048_576

/** What answering needs of its surroundings: a libp2p stream and plain HTTP are answered alike. */
export interface ResponderContext {
  readonly files: SharedFiles
  /** Bytes of one answer at most: a relay carries little. Default: any. */
  readonly answerBytesMax?: number | undefined
  /** Takes an upload slot for the client, unless it has one. False when all are taken. */
  takeSlot(): boolean
  /** Begins an answer. */
  sendHead(status: number, fields: HeadFields): Promise<void>
  /**
   * Hands on some of its body and resolves when the transport wants more. Rejects when the client has gone.
   *
   * @param content - the file, when these are bytes of its content
   */
  send(bytes: Uint8Array, content?: SharedFile): Promise<void>
}

/**
 * Answers one request with what is shared. Never holds more of a file than one part.
 *
 * @throws RequestError before anything was sent; ContentUnreadableError when a file fails amid its answer, after which
 * the connection is of no use; what `send` rejects with when the client has gone
 */
export async function respond(request: Request, context: ResponderContext): Promise<void> {
  const answer = answerTo(request, route(request, context.files))
  if (request.method === 'HEAD' || answer.status === 304) return context.sendHead(answer.status, answer.fields)
  const { answerBytesMax = Number.POSITIVE_INFINITY } = context
  if (answer.range.end - answer.range.start > answerBytesMax)
    throw new RequestError(`Through a relay only ${answerBytesMax} bytes are sent at once.`, { status: 403 })
  if (!context.takeSlot())
    throw new RequestError('All upload slots are taken. Try again later.', {
      status: 503,
      fields: [['Retry-After', '10']],
    })
  const first = await readFirst(answer)
  await context.sendHead(answer.status, answer.fields)
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
  await context.sendHead(error.status, fields)
  if (!isHead) await context.send(body)
}

interface Answer {
  readonly resource: Resource
  readonly status: number
  readonly fields: HeadFields
  readonly range: ByteRange
}

function answerTo(request: Request, { resource, etag, fields: ofRoute }: Route): Answer {
  const whole = { start: 0, end: resource.size }
  // What a CID names never changes, and must not run in the origin of whoever shows it.
  const cached = [
    ['ETag', etag],
    ['Cache-Control', 'public, max-age=29030400, immutable'],
  ] as const
  if (isKnown(request.fields.get('if-none-match'), etag)) return { resource, status: 304, fields: cached, range: whole }
  const ifRange = request.fields.get('if-range')
  const field = ifRange === undefined || ifRange === etag ? request.fields.get('range') : undefined
  const part = parseRange(field, resource.size)
  if (part === 'unsatisfiable') {
    throw new RequestError('There are no such bytes.', {
      status: 416,
      fields: [['Content-Range', `bytes */${resource.size}`]],
    })
  }
  const range = part ?? whole
  const { available, file } = resource
  if (available !== undefined && !(request.method === 'HEAD' && part === undefined))
    checkAvailable(resource, range, part)
  const fields: (readonly [string, string | number])[] = [
    ...ofRoute,
    ['Content-Length', range.end - range.start],
    ['Accept-Ranges', 'bytes'],
    ...cached,
    ['X-Content-Type-Options', 'nosniff'],
  ]
  if (file?.identity.sha1 !== undefined)
    fields.push(['X-Gnutella-Content-URN', `urn:sha1:${sha1Text(file.identity.sha1)}`])
  if (available !== undefined) fields.push([AVAILABLE_RANGES, formatAvailableRanges(available)])
  if (part !== undefined) fields.push(['Content-Range', formatContentRange(part, resource.size)])
  return { resource, status: part === undefined ? 200 : 206, fields, range }
}

/** Refuses what is not here yet of a file that is being fetched, and says what is. */
function checkAvailable({ available = [], size }: Resource, range: ByteRange, part: ByteRange | undefined): void {
  if (available.some(({ start, end }) => start <= range.start && range.end <= end)) return
  const ranges = [AVAILABLE_RANGES, formatAvailableRanges(available)] as const
  if (part === undefined)
    throw new RequestError('Only part of this file is here yet. Ask for a range of it.', {
      status: 503,
      fields: [ranges, ['Retry-After', '10']],
    })
  throw new RequestError('This part of the file is not here yet.', {
    status: 416,
    fields: [ranges, ['Content-Range', `bytes */${size}`]],
  })
}

/** Whether the client has it already, as `If-None-Match` says: compared weakly, as RFC 9110 §13.1.2 has it. */
function isKnown(field: string | undefined, etag: string): boolean {
  return (field ?? '').split(',').some((tag) => [etag, `W/${etag}`, '*'].includes(tag.trim()))
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
    await context.send(part, resource.isContent ? file : undefined)
    at = end
    if (at === range.end) return
    if (file !== undefined && !context.files.has(file.identity.cid))
      throw new ContentUnreadableError('The file is no longer shared')
    part = await resource.read(at, Math.min(range.end, at + PART_BYTES))
  }
}
