import { keywords } from '@servent/library'
import { describe, expect, it } from 'vitest'
import { suggestWords } from '../src/state/suggestions.ts'

describe('suggestWords', () => {
  it('takes the longest word of each name', () => {
    expect(suggestWords(['Moby Dick; or, The Whale.epub', 'Jazz Piano.mp3'])).toEqual(['whale', 'piano'])
  })

  it('takes words that a search finds the file by', () => {
    const names = ['Élan vital.flac', 'a 12345678 take5five.wav', 'STRASSE.txt']
    for (const word of suggestWords(names)) expect(names.some((name) => keywords(name).includes(word))).toBe(true)
  })

  it('says no word twice and no dull one', () => {
    expect(suggestWords(['about piano.mp3', 'piano with them.mp3', 'they.txt', 'abc.txt'])).toEqual(['piano'])
  })

  it('gives five at most', () => {
    expect(suggestWords(['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot'])).toHaveLength(5)
  })
})
