import { keywords } from '@servent/library'

/** Words that say nothing about what a file is. */
const DULL = new Set(
  'about after also from have into more some than that their them they this what when with your'.split(' ')
)
const SUGGESTIONS_MAX = 5
const WORD_LENGTH_MIN = 4
const WORD_LENGTH_MAX = 16

/** One telling word of each name, as the index has it: so a search for it hits. The same names give the same words. */
export function suggestWords(names: readonly string[]): readonly string[] {
  const found = new Set<string>()
  for (const name of names) {
    if (found.size >= SUGGESTIONS_MAX) break
    const word = tellingWords(name)
      .filter((candidate) => !found.has(candidate))
      .reduce((best, next) => (next.length > best.length ? next : best), '')
    if (word !== '') found.add(word)
  }
  return [...found]
}

function tellingWords(name: string): readonly string[] {
  const stem = name.replace(/\.[^.]{1,8}$/, '')
  return keywords(stem).filter(
    (word) =>
      /^\p{L}[\p{L}\p{M}]*$/u.test(word) &&
      word.length >= WORD_LENGTH_MIN &&
      word.length <= WORD_LENGTH_MAX &&
      !DULL.has(word)
  )
}
