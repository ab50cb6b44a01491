import { CID } from 'multiformats/cid'
import { isSupportedCid } from '../dag/cids.ts'
import { IDENTITY_CODE, RAW_CODE } from '../dag/shape.ts'
import type { HeadFields } from '../http/fields.ts'
import { type Request, RequestError } from '../http/request.ts'
import { safeFileName } from '../names.ts'
import type { Resource, SharedFiles } from './shared-files.ts'

/** The media type of one block, of which a client checks the hash itself (trustless gateway specification). */
export const RAW_TYPE = 'application/vnd.ipld.raw'

/** The media type of a file: what its bytes are is for whoever fetches it to find out. */
const FILE_TYPE = 'application/octet-stream'

/** What a request asks for, and what is said of it whatever part is asked for. */
export interface Route {
  readonly resource: Resource
  readonly etag: string
  readonly fields: HeadFields
}

/** Characters of a CID at most: 36 bytes in the longest base that is in use. */
const CID_CHARS_MAX = 128

/** Finds what a request asks for. Throws `RequestError` with 400, 404, 406 or 412. */
export function route(request: Request, files: SharedFiles): Route {
  if (request.path.startsWith('/ipfs/')) return byCid(request, files)
  if (request.path === '/uri-res/N2R') return bySha1(request, files)
  throw notFound(request)
}

/** `/ipfs/<cid>`, as a trustless gateway has it, and as a path gateway has it for files. */
function byCid(request: Request, files: SharedFiles): Route {
  const [text = '', ...below] = request.path.slice('/ipfs/'.length).split('/')
  const cid = parseCid(text)
  const query = new URLSearchParams(request.query)
  const isRaw = isRawWanted(request, query)
  // What is shared are files: nothing lies below them.
  if (below.join('') !== '') throw notFound(request)
  const fields: (readonly [string, string])[] = [
    ['Content-Type', isRaw ? RAW_TYPE : FILE_TYPE],
    ['X-Ipfs-Path', request.path],
    ['X-Ipfs-Roots', text],
  ]
  if (isRaw) {
    const resource = inline(cid) ?? files.block(cid)
    if (resource === undefined) throw notFound(request)
    fields.push(['Content-Disposition', disposition(query.get('filename') ?? `${text}.bin`)])
    // The same address without the field Accept gives something else: a cache is told which address gives this.
    if (query.get('format') === null) fields.push(['Content-Location', `${request.path}?format=raw`])
    return { resource, etag: `"${resource.etag}.raw"`, fields }
  }
  const resource = inline(cid) ?? files.file(cid) ?? (cid.code === RAW_CODE ? files.block(cid) : undefined)
  if (resource === undefined) throw notFound(request)
  const name = query.get('filename') ?? (files.file(cid) === undefined ? `${text}.bin` : resource.file?.content.name)
  fields.push(['Content-Disposition', disposition(name ?? text)])
  return { resource, etag: `"${resource.etag}"`, fields }
}

/** `/uri-res/N2R?urn:sha1:…`, as Gnutella servents ask (HUGE specification; RFC 2169). */
function bySha1(request: Request, files: SharedFiles): Route {
  const [, base32] = /^urn:sha1:([a-z2-7]{32})$/i.exec(request.query) ?? []
  if (base32 === undefined)
    throw new RequestError('Only urn:sha1: and 32 characters of Base32 are resolved here.', { status: 400 })
  const resource = files.bySha1(base32)
  if (resource === undefined) throw notFound(request)
  const fields = [
    ['Content-Type', FILE_TYPE],
    ['Content-Disposition', disposition(resource.file?.content.name ?? '')],
  ] as const
  return { resource, etag: `"${resource.etag}"`, fields }
}

function parseCid(text: string): CID {
  if (text.length > CID_CHARS_MAX) throw new RequestError('The CID is malformed.', { status: 400 })
  let cid: CID
  try {
    cid = CID.parse(text)
  } catch (error) {
    throw new RequestError('The CID is malformed.', { status: 400, cause: error })
  }
  if (!isSupportedCid(cid) && inline(cid) === undefined)
    throw new RequestError('Only SHA-256 CIDs of raw and dag-pb blocks are served here.', { status: 400 })
  return cid
}

/** A block whose bytes stand in its CID. Clients ask for an empty one, `bafkqaaa`, to see whether this is a gateway. */
function inline(cid: CID): Resource | undefined {
  const { code, digest } = cid.multihash
  if (code !== IDENTITY_CODE || cid.code !== RAW_CODE) return undefined
  const read = async (start: number, end: number) => digest.subarray(start, end)
  return { etag: cid.toString(), size: digest.length, file: undefined, isContent: false, available: undefined, read }
}

/** `?format=` goes before `Accept`, as gateways have it. */
function isRawWanted(request: Request, query: URLSearchParams): boolean {
  const format = query.get('format')
  if (format === 'raw') return true
  const types = format === null ? acceptedTypes(request.fields.get('accept')) : [format]
  if (types.includes(RAW_TYPE)) return true
  // Other types are for what a gateway may make of a file: here it is bytes.
  if (format !== null || (types.length > 0 && types.every((type) => /^application\/vnd\.ip(?:ld|fs)\./.test(type))))
    throw new RequestError('Only single blocks are served in another form: format=raw.', { status: 406 })
  return false
}

/** The media types of an `Accept` field, without those that are refused by `q=0`. */
function acceptedTypes(field = ''): string[] {
  return field
    .toLowerCase()
    .split(',')
    .map((entry) => entry.split(';').map((part) => part.trim()))
    .filter(([type = '', ...parameters]) => type !== '' && !parameters.some((text) => /^q=0(?:\.0*)?$/.test(text)))
    .map(([type = '']) => type)
}

/** To be saved under this name, not shown. The name is anyone's: it is made safe, and spelled as RFC 8187 has it. */
function disposition(name: string): string {
  const safe = safeFileName(name)
  const ascii = safe.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const extended = encodeURIComponent(safe).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `attachment; filename="${ascii}"${ascii === safe ? '' : `; filename*=UTF-8''${extended}`}`
}

/** The client may have asked whether it is here, not for it (path gateway specification, `only-if-cached`). */
function notFound(request: Request): RequestError {
  const isProbe = /\bonly-if-cached\b/i.test(request.fields.get('cache-control') ?? '')
  return new RequestError('That is not shared here.', { status: isProbe ? 412 : 404 })
}
