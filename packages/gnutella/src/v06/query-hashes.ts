import { keywords, type Library } from '@servent/library'
import { base32Encode, utf8Size } from '@servent/wire'
import type { Query } from '../messages.ts'
import { sha1Urn } from '../urn.ts'
import { addWordHashes, qrpHash } from './qrp-hash.ts'

/**
 * Bytes of UTF-8 of a word that a query is routed by: shorter ones are in too many names (gtk-gnutella, QRP_MIN_WORD_LENGTH).
 * A letter of a script without spaces is a word and has three.
 */
const WORD_BYTES_MIN = 3

/** What a query asks a table for: any of the contents, or all of the words. */
export interface QueryHashes {
  readonly words: readonly number[]
  readonly contents: readonly number[]
}

type Asked = Pick<Query, 'criteria' | 'sha1' | 'cid'>

let lastAsked: Asked | undefined
let lastHashes: QueryHashes = { words: [], contents: [] }

/**
 * The hashes of a query, those of the last one remembered: a hundred tables are asked for each.
 *
 * Words of fewer than three bytes are left out, unless there is no other: a name that has them is in the tables, too.
 */
export function queryHashes(query: Asked): QueryHashes {
  const { criteria, sha1, cid } = query
  if (lastAsked?.criteria === criteria && lastAsked.sha1 === sha1 && lastAsked.cid === cid) return lastHashes
  const words = keywords(criteria)
  const long = words.filter((word) => utf8Size(word) >= WORD_BYTES_MIN)
  const contents: number[] = []
  if (sha1 !== undefined) contents.push(qrpHash(sha1Urn(sha1)))
  if (cid !== undefined) contents.push(qrpHash(cidUrn(cid)))
  lastAsked = { criteria, sha1, cid }
  lastHashes = { words: (long.length > 0 ? long : words).map(qrpHash), contents }
  return lastHashes
}

/** The hashes of all that a library can be asked for: words, their prefixes, contents. Some more than once. */
export function libraryHashes(library: Library): number[] {
  const hashes: number[] = []
  for (const { name, sha1, cid } of library) {
    for (const word of keywords(name)) addWordHashes(word, hashes)
    if (sha1 !== undefined) hashes.push(qrpHash(sha1Urn(sha1)))
    if (cid !== undefined) hashes.push(qrpHash(cidUrn(cid)))
  }
  return hashes
}

/** A CID as one word, as `urn:sha1:…` is one. Ours: QRP is older than CIDs. */
function cidUrn(cid: Uint8Array): string {
  return `urn:cid:b${base32Encode(cid)}`
}
