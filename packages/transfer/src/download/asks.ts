import type { CID } from 'multiformats/cid'
import { formatRequest } from '../http/request.ts'
import { RAW_TYPE } from '../serve/route.ts'
import type { Ask } from './client-stream.ts'

/** The host is the peer at the other end of the stream, which needs no name. */
export const COMMON_FIELDS: readonly (readonly [string, string])[] = [['Host', 'libp2p']]

/** To ask for one block by its CID; no larger one than `into` has room for is taken. */
export function blockAsk(cid: CID, into: Uint8Array): Ask {
  const head = formatRequest(`/ipfs/${cid.toV1()}`, [...COMMON_FIELDS, ['Accept', RAW_TYPE]])
  return { head, status: 200, contentRange: undefined, length: undefined, isHead: false, into }
}
