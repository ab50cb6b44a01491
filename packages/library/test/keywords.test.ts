import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdsAll, keywords } from '../src/index.ts'

describe('keywords', () => {
  it.each([
    ['Test Song-alpha_2.txt', ['test', 'song', 'alpha', '2', 'txt']],
    ['Straße STRASSE', ['strasse']],
    ['Ärger über Öl', ['arger', 'uber', 'ol']],
    ['Café CAFE\u0301', ['cafe']],
    ['ﬁle ① Ⅷ', ['file', '1', 'viii']],
    ['Привет Ёлка йод', ['привет', 'елка', 'иод']],
    ['ΟΔΟΣ οδος ὁδός', ['οδοσ']],
    ['東京の歌.mp3', ['東', '京', 'の', '歌', 'mp3']],
    ['ｶﾞ ガ', ['ガ']],
    ['한국어 노래', ['한국어', '노래']],
    ['हिन्दी गाना', ['हिन्दी', 'गाना']],
    ['İstanbul istanbul', ['istanbul']],
    ['rock’n’roll', ['rock', 'n', 'roll']],
    ['', []],
    ['  --!?  ', []],
    ['🎵🎶', []],
  ])('cuts %j', (text, words) => expect(keywords(text)).toEqual(words))

  it('gives one word once', () => expect(keywords('a A á à')).toEqual(['a']))

  it('gives the same list for the same text, until others have come by', () => {
    const first = keywords('one query string')
    expect(keywords('one query string')).toBe(first)
    for (let i = 0; i < 1000; i++) keywords(`another ${i}`)
    expect(keywords('one query string')).toEqual(first)
  })

  it('folds words to what folds to itself', () => {
    forAll(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const words = keywords(text)
      expect(keywords(words.join(' ')).toSorted()).toEqual([...words].toSorted())
    })
  })

  it('takes any case for the same', () => {
    forAll(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      expect(keywords(text.normalize('NFD'))).toEqual(keywords(text.normalize('NFC')))
    })
    for (const text of ['Größe', 'ÀÉÎ', 'ЖУК', 'Ωμέγα']) {
      expect(keywords(text.toUpperCase())).toEqual(keywords(text.toLowerCase()))
    }
  })

  it('bounds what it makes of a hostile text', () => {
    const words = keywords(Array.from({ length: 5000 }, (_, i) => i.toString(36)).join(' '))
    expect(words.length).toBeLessThanOrEqual(128)
    expect(keywords('\ufdfa'.repeat(5000)).join('').length).toBeLessThan(20_000)
    expect(keywords(`e${'\u0301'.repeat(100_000)}`)).toEqual(['e'])
    expect(keywords('\ud800\udfff\ud800')).toEqual([])
    expect(keywords('__proto__ constructor')).toEqual(['proto', 'constructor'])
  })

  it('tells whether a name holds all words', () => {
    expect(holdsAll('Alpha Song.txt', keywords('SONG alpha'))).toBe(true)
    expect(holdsAll('Alpha Song.txt', keywords('song beta'))).toBe(false)
    expect(holdsAll('anything', [])).toBe(true)
  })
})
