import { safeName } from '@servent/library'
import { CID } from 'multiformats/cid'
import type { LinkTarget } from './types.ts'

/** What the fragment of a link begins with. The fragment never reaches a web server: who fetches what stays between peers. */
const FRAGMENT = '#/get/'

/**
 * A link that opens the page with a file ready to fetch: `http://localhost:8080/#/get/bafy…?name=song.mp3&size=1234`.
 *
 * @param page - URL of any bootstrap node's page: the content does not depend on it
 */
export function formatLink(page: string, target: LinkTarget): string {
  const url = new URL(page)
  const query = new URLSearchParams({ name: target.name })
  if (target.size !== undefined) query.set('size', String(target.size))
  return `${url.origin}${url.pathname}${FRAGMENT}${target.cid}?${query}`
}

/**
 * What a link names; undefined if the text is none. Takes a whole link, its fragment alone, or a bare CID. The name is made
 * safe: a link can come from anybody.
 */
export function parseLink(text: string): LinkTarget | undefined {
  const trimmed = text.trim()
  const at = trimmed.indexOf(FRAGMENT)
  const [cidText = '', queryText = ''] = (at === -1 ? trimmed : trimmed.slice(at + FRAGMENT.length)).split('?', 2)
  const cid = parseCid(cidText)
  if (cid === undefined) return undefined
  const query = new URLSearchParams(queryText)
  const size = Number(query.get('size') ?? Number.NaN)
  return {
    cid,
    name: safeName(query.get('name') ?? cid),
    size: Number.isSafeInteger(size) && size >= 0 ? size : undefined,
  }
}

/** A CID in its usual text form, or undefined. */
export function parseCid(text: string): string | undefined {
  if (text.length > 200) return undefined
  try {
    return CID.parse(text).toString()
  } catch {
    return undefined
  }
}
