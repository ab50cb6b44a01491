import { ProtocolError } from '@servent/machine'
import { utf8Decode, utf8Encode, utf8Size, type Writer } from '@servent/wire'
import type { DescriptorHeader, Query } from '../messages.ts'
import { type ContentNames, contentNamesSize, readContentNames, writeContentNames } from './extensions.ts'

/*
 * Query (80)  0  2  minimum speed, kbit/s
 *             2  n  search criteria, then 00
 *                -  extensions: `urn:sha1:…` 1c GGEP, optional
 */

/** A longer query is dropped, the connection stays (gtk-gnutella search_queries_forward_size). */
const QUERY_BYTES_MAX = 256

/** What most queries ask for: no content, only words. */
const NO_NAMES: ContentNames = Object.freeze({ sha1: undefined, cid: undefined, largeSize: undefined })

/** Minimum speed and the NUL of no criteria. */
const QUERY_BYTES_MIN = 3

export function querySize(query: Query): number {
  return 2 + utf8Size(query.criteria) + 1 + contentNamesSize(namesOf(query))
}

export function encodeQuery(writer: Writer, query: Query): void {
  writer.u16le(query.minSpeed).bytes(utf8Encode(query.criteria)).u8(0)
  writeContentNames(writer, namesOf(query))
}

export function decodeQuery(header: DescriptorHeader, payload: Uint8Array): Query {
  if (payload.length < QUERY_BYTES_MIN) throw new ProtocolError('query-too-short')
  if (payload.length > QUERY_BYTES_MAX) throw new ProtocolError('query-too-large')
  const { guid, ttl, hops } = header
  const minSpeed = (payload[0] as number) | ((payload[1] as number) << 8)
  const end = payload.indexOf(0, 2)
  if (end === -1) throw new ProtocolError('query-without-nul')
  const criteria = utf8Decode(payload.subarray(2, end))
  const extensions = payload.subarray(end + 1)
  const { sha1, cid } = extensions.length === 0 ? NO_NAMES : readContentNames(withoutClosingNul(extensions))
  return { type: 'Query', guid, ttl, hops, minSpeed, criteria, sha1, cid, verbatim: undefined }
}

/** Whether a query that was read is nothing but words of ASCII: then there is but one way to write it. */
export function isPlainQuery({ criteria }: Query, payloadLength: number): boolean {
  return payloadLength === QUERY_BYTES_MIN + criteria.length && utf8Size(criteria) === criteria.length
}

/** Some servents close the extensions with a NUL, too. */
function withoutClosingNul(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes
}

function namesOf({ sha1, cid }: Query): ContentNames {
  return { sha1, cid, largeSize: undefined }
}
