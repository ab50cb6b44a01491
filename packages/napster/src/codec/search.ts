import type { Bound, Comparison, Search } from '../messages.ts'
import { type Fields, quoted } from './fields.ts'
import { cidText, readContent, sha1Text } from './song.ts'

const COMPARISONS: readonly string[] = ['AT LEAST', 'AT BEST', 'EQUAL TO'] satisfies Comparison[]

/** From OpenNap: what it answers when nothing is said. */
const RESULTS_DEFAULT = 100

/**
 * `FILENAME CONTAINS "words" MAX_RESULTS n [FILENAME CONTAINS "more"] [LINESPEED "AT LEAST" n] [BITRATE "AT BEST" "n"]
 * [FREQ "EQUAL TO" "n"]`, and ours: `[CONTENT "EQUAL TO" "cid:b…"] [CONTENT "EQUAL TO" "urn:sha1:…"]`.
 */
export function writeSearch(search: Search): string {
  const { words, moreWords, maxResults, link, bitrate, frequency, cid, sha1 } = search
  let text = `FILENAME CONTAINS ${quoted(words)} MAX_RESULTS ${maxResults}`
  if (moreWords !== undefined) text += ` FILENAME CONTAINS ${quoted(moreWords)}`
  if (link !== undefined) text += ` LINESPEED "${link.comparison}" ${link.value}`
  if (bitrate !== undefined) text += ` BITRATE "${bitrate.comparison}" "${bitrate.value}"`
  if (frequency !== undefined) text += ` FREQ "${frequency.comparison}" "${frequency.value}"`
  if (cid !== undefined) text += ` CONTENT "EQUAL TO" "${cidText(cid)}"`
  if (sha1 !== undefined) text += ` CONTENT "EQUAL TO" "${sha1Text(sha1)}"`
  return text
}

/** Reads the clauses of a search, in any order. */
export function readSearch(fields: Fields): Search {
  const texts: string[] = []
  const content: { cid: Uint8Array | undefined; sha1: Uint8Array | undefined } = { cid: undefined, sha1: undefined }
  let maxResults = RESULTS_DEFAULT
  let link: Bound | undefined
  let bitrate: Bound | undefined
  let frequency: Bound | undefined
  do {
    switch (fields.word()) {
      case 'FILENAME':
        if (fields.word() !== 'CONTAINS' || texts.length === 2) fields.refuse()
        else texts.push(fields.text())
        break
      case 'MAX_RESULTS':
        maxResults = fields.integer(0xffff)
        break
      case 'LINESPEED':
        link = readBound(fields)
        break
      case 'BITRATE':
        bitrate = readBound(fields)
        break
      case 'FREQ':
        frequency = readBound(fields)
        break
      case 'CONTENT':
        if (fields.text() !== 'EQUAL TO' || !readContent(fields.text(), content, fields)) fields.refuse()
        break
      default:
        fields.refuse()
    }
  } while (!fields.isAtEnd && !fields.isBad)
  const [words = '', moreWords] = texts
  return { type: 'Search', words, moreWords, maxResults, link, bitrate, frequency, ...content }
}

function readBound(fields: Fields): Bound {
  const comparison = fields.text()
  if (!COMPARISONS.includes(comparison)) fields.refuse()
  return { comparison: comparison as Comparison, value: fields.integer(0xffffffff) }
}
