import { ProtocolError } from '@servent/machine'

/** The number of a word on the wire: its place in a list, from 1. */
export function placeOf<Word extends string>(words: readonly Word[], word: Word): number {
  return words.indexOf(word) + 1
}

/** @throws ProtocolError(reason) if no word has that number */
export function at<Word extends string>(words: readonly Word[], number: number, reason: string): Word {
  const word = words[number - 1]
  if (word === undefined) throw new ProtocolError(reason, String(number))
  return word
}
