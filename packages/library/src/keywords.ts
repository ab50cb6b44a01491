/** UTF-16 units of a text that are looked at: more than any file name or query may have. */
const UNITS_MAX = 1024

/** Words of one text at the most: a query of 256 bytes cannot hold more that matter. */
const WORDS_MAX = 128

/** Texts whose words are remembered. */
const MEMO_MAX = 512

/** Marks that letters of Latin, Greek and Cyrillic carry. The vowel signs of Indic scripts and kana's dakuten are no diacritics. */
const DIACRITICS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+/gu

/** One letter of a script that is written without spaces, with its marks, or a run of other letters, marks and digits. */
const WORDS =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]\p{M}*|(?:(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}])[\p{L}\p{N}]\p{M}*)+/gu

let memo = new Map<string, readonly string[]>()
let lastText = ''
let lastWords: readonly string[] = []

/**
 * The words of a text, folded, each once, in order: the one tokenizer that the index, queries and checks of hits share.
 *
 * Folding is compatibility decomposition (NFKD), diacritics off, full case folding ("Straße" and "STRASSE" are one word),
 * recomposition. Words end where letters and digits end; scripts without spaces give one word a character, so that a
 * query finds what lies within a name.
 *
 * The result is shared and remembered by text: a flood of one query over 10^5 simulated nodes cuts it up once.
 */
export function keywords(text: string): readonly string[] {
  if (text === lastText) return lastWords
  let words = memo.get(text)
  if (words === undefined) {
    words = cut(text)
    // Dropped whole: an order of use would cost more than cutting a few texts again.
    if (memo.size >= MEMO_MAX) memo = new Map()
    memo.set(text, words)
  }
  lastText = text
  lastWords = words
  return words
}

/** Whether a name holds every one of the words. */
export function holdsAll(name: string, words: readonly string[]): boolean {
  const held = keywords(name)
  for (const word of words) if (!held.includes(word)) return false
  return true
}

function cut(text: string): readonly string[] {
  const words = new Set<string>()
  for (const [word] of fold(text.slice(0, UNITS_MAX)).matchAll(WORDS)) {
    words.add(word)
    if (words.size === WORDS_MAX) break
  }
  return [...words]
}

function fold(text: string): string {
  // Upper case first, for it is upper case that makes two letters of ß; a sigma's form depends on what follows the word.
  return text
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(DIACRITICS, '')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFC')
}
