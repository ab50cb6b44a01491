import type { Search } from './messages.ts'

/** What a search may ask for besides words. */
export type SearchOptions = Partial<
  Pick<Search, 'moreWords' | 'maxResults' | 'link' | 'bitrate' | 'frequency' | 'cid' | 'sha1'>
>

/** Ours: UTF-16 units of words that are sent. The rest of a command needs its room too. */
const WORDS_UNITS_MAX = 256

/** The message that asks for files, within what a command can hold. */
export function makeSearch(words: string, options: SearchOptions, resultsDefault: number): Search {
  const { moreWords, link, bitrate, frequency, cid, sha1, maxResults = resultsDefault } = options
  return {
    type: 'Search',
    words: limited(words),
    moreWords: moreWords === undefined ? undefined : limited(moreWords),
    maxResults: Math.min(Math.max(Math.floor(maxResults), 1), 0xffff),
    link,
    bitrate,
    frequency,
    cid,
    sha1,
  }
}

function limited(words: string): string {
  return words.slice(0, WORDS_UNITS_MAX).toWellFormed()
}
