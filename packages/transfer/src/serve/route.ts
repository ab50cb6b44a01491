import { CID } from 'multiformats/cid'
import { isSupportedCid } from '../dag/cids.ts'
import { RAW_CODE } from '../dag/shape.ts'
import { type Request, RequestError } from '../http/request.ts'
import type { Resource, SharedFiles } from './shared-files.ts'

/** The media type of one block, of which a client checks the hash itself (trustless gateway specification). */
export const RAW_TYPE = 'application/vnd.ipld.raw'

/** What a request asks for, and what its answer is. */
export interface Route {
  readonly resource: Resource
  readonly contentType: string
}

/** Characters of a CID at most: 36 bytes in the longest base that is in use. */
const CID_CHARS_MAX = 128

/** Finds what a request asks for. Throws `RequestError` with 400, 404 or 406. */
export function route(request: Request, files: SharedFiles): Route {
  if (request.path.startsWith('/ipfs/')) return byCid(request, files)
  if (request.path === '/uri-res/N2R') return bySha1(request, files)
  throw notFound()
}

/** `/ipfs/<cid>`, as a trustless gateway has it. */
function byCid(request: Request, files: SharedFiles): Route {
  const cid = parseCid(request.path.slice('/ipfs/'.length))
  if (isRawWanted(request)) {
    const resource = files.block(cid)
    if (resource === undefined) throw notFound()
    return { resource, contentType: RAW_TYPE }
  }
  const resource = files.file(cid) ?? (cid.code === RAW_CODE ? files.block(cid) : undefined)
  if (resource === undefined) throw notFound()
  return { resource, contentType: 'application/octet-stream' }
}

/** `/uri-res/N2R?urn:sha1:…`, as Gnutella servents ask (HUGE specification; RFC 2169). */
function bySha1(request: Request, files: SharedFiles): Route {
  const [, base32] = /^urn:sha1:([a-z2-7]{32})$/i.exec(request.query) ?? []
  if (base32 === undefined)
    throw new RequestError('Only urn:sha1: and 32 characters of Base32 are resolved here.', { status: 400 })
  const resource = files.bySha1(base32)
  if (resource === undefined) throw notFound()
  return { resource, contentType: 'application/octet-stream' }
}

function parseCid(text: string): CID {
  if (text.length > CID_CHARS_MAX) throw new RequestError('The CID is malformed.', { status: 400 })
  let cid: CID
  try {
    cid = CID.parse(text)
  } catch (error) {
    throw new RequestError('The CID is malformed.', { status: 400, cause: error })
  }
  if (!isSupportedCid(cid))
    throw new RequestError('Only SHA-256 CIDs of raw and dag-pb blocks are served here.', { status: 400 })
  return cid
}

/** `?format=` goes before `Accept`, as gateways have it. */
function isRawWanted(request: Request): boolean {
  const format = new URLSearchParams(request.query).get('format')
  if (format !== null && format !== 'raw') throw new RequestError('Only format=raw is served here.', { status: 406 })
  return format === 'raw' || (request.fields.get('accept') ?? '').toLowerCase().includes(RAW_TYPE)
}

function notFound(): RequestError {
  return new RequestError('That is not shared here.', { status: 404 })
}
