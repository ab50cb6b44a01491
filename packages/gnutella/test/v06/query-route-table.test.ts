import { Library } from '@servent/library'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha1FromBase32 } from '../../src/urn.ts'
import { qrpHash, qrpSlot } from '../../src/v06/qrp-hash.ts'
import { QueryRouteTable } from '../../src/v06/query-route-table.ts'
import { GENUINE_TABLE, HASHES, HASHES_BY_BITS } from '../vectors/qrp.ts'

const slotsOf = (table: QueryRouteTable): number[] => {
  const slots: number[] = []
  table.eachSlot((slot) => slots.push(slot))
  return slots
}
const words = (criteria: string) => ({ criteria, sha1: undefined, cid: undefined })
const sha1 = sha1FromBase32('6OKYEMMEGA5MTPXCQE4QBIW2VLU5H2BQ')
const cid = Uint8Array.of(1, 0x55, 0x12, 0x20, 7, 7)

/** A library of files with these names. */
function libraryOf(...names: string[]): Library {
  const library = new Library()
  for (const name of names) library.add({ name, size: 1, sha1: undefined, cid: undefined })
  return library
}

describe('the hash', () => {
  it.each(HASHES)('of %j with %i bits is %i', (word, bits, slot) => {
    expect(qrpSlot(qrpHash(word), bits)).toBe(slot)
  })

  it.each(HASHES_BY_BITS)('of %s has the slots %j', (word, slots) => {
    expect([13, 14, 16, 17, 20].map((bits) => qrpSlot(qrpHash(word), bits))).toEqual(slots)
    expect(qrpHash(word.toUpperCase())).toBe(qrpHash(word))
  })
})

describe('a query route table', () => {
  it('has the words and prefixes that gtk-gnutella puts into its own', () => {
    const table = QueryRouteTable.ofLibrary(libraryOf('Test Song alpha.txt', 'bravo charlie.mp3'), 16_384)
    expect(slotsOf(table)).toEqual(Object.values(GENUINE_TABLE.slots))
  })

  it('cuts no more than five letters off a word', () => {
    const table = QueryRouteTable.ofLibrary(libraryOf('abcdefghijkl'))
    expect(table.count).toBe(6)
    expect(table.mayMatch(words('abcdefg'))).toBe(true)
    expect(table.mayMatch(words('abcdef'))).toBe(false)
  })

  it('matches a query when it has all of its words, in any case and with or without accents', () => {
    const table = QueryRouteTable.ofLibrary(libraryOf('Ärger über Öl.mp3', 'alpha song.txt', '東京.txt'))
    for (const criteria of ['ARGER', 'über öl', 'alpha', 'txt song ALPHA', '東京']) {
      expect(table.mayMatch(words(criteria)), criteria).toBe(true)
    }
    for (const criteria of ['', '    ', 'alpha nowhere', 'nowhere', '東海', '\\']) {
      expect(table.mayMatch(words(criteria)), criteria).toBe(false)
    }
  })

  it('leaves words of two letters out of a query, unless there are no others', () => {
    const table = QueryRouteTable.ofLibrary(libraryOf('alpha song', 'U2 live'))
    expect(table.mayMatch(words('of alpha'))).toBe(true)
    expect(table.mayMatch(words('u2'))).toBe(true)
    expect(table.mayMatch(words('zz'))).toBe(false)
  })

  it('matches a query for content that it has, whatever its words', () => {
    const library = new Library()
    library.add({ name: 'alpha', size: 1, sha1, cid })
    const table = QueryRouteTable.ofLibrary(library)
    expect(table.mayMatch({ criteria: '\\', sha1, cid: undefined })).toBe(true)
    expect(table.mayMatch({ criteria: 'nowhere', sha1: undefined, cid })).toBe(true)
    expect(table.mayMatch({ criteria: '', sha1: new Uint8Array(20), cid: undefined })).toBe(false)
    expect(table.mayMatch({ criteria: 'alpha', sha1: new Uint8Array(20), cid: undefined })).toBe(true)
  })

  it('never misses a file that answers', () => {
    const name = fc.string({ unit: 'binary', maxLength: 30 })
    forAll(
      fc.tuple(fc.array(name, { maxLength: 12 }), fc.nat(11), fc.nat(3)),
      ([names, at, from]) => {
        const library = libraryOf(...names)
        const criteria = (names[at] ?? '').split(' ').slice(from).join(' ')
        const isAnswered = library.search(criteria, 1).length > 0
        if (isAnswered) expect(QueryRouteTable.ofLibrary(library).mayMatch(words(criteria))).toBe(true)
      },
      { seed: 3, runs: 500 }
    )
  })

  it('tells how full it is', () => {
    expect(QueryRouteTable.empty().fill).toBe(0)
    expect(QueryRouteTable.of(['alpha', 'song'], 8).fill).toBe(2 / 8)
    const full = QueryRouteTable.ofMap(new Uint32Array(2048).fill(0xffffffff), 65_536)
    expect([full.fill, full.mayMatch(words('anything'))]).toEqual([1, true])
  })
})

describe('the representation', () => {
  const slots = fc.array(fc.nat(255), { maxLength: 300 })
  const mapOf = (set: readonly number[], size = 256) => {
    const map = new Uint32Array(size / 32)
    for (const slot of set) map[slot >>> 5] = (map[slot >>> 5] as number) | (1 << (slot & 31))
    return map
  }
  const tableOf = (set: readonly number[]) => QueryRouteTable.ofMap(mapOf(set), 256)
  const sorted = (set: Iterable<number>) => [...new Set(set)].sort((a, b) => a - b)

  it('has the slots it was made of, be they few or many', () => {
    forAll(
      slots,
      (set) => {
        const table = tableOf(set)
        expect(slotsOf(table)).toEqual(sorted(set))
        expect(table.count).toBe(new Set(set).size)
        expect(table.toMap()).toEqual(mapOf(set))
        for (let slot = 0; slot < 256; slot++) expect(table.has(slot)).toBe(set.includes(slot))
      },
      { seed: 4, runs: 200 }
    )
  })

  it('unites tables', () => {
    forAll(
      fc.array(slots, { maxLength: 5 }),
      (sets) => {
        const union = QueryRouteTable.union(sets.map(tableOf), 256)
        expect(slotsOf(union)).toEqual(sorted(sets.flat()))
        expect(union.equals(tableOf(sets.flat()))).toBe(true)
      },
      { seed: 5, runs: 200 }
    )
  })

  it('unites tables of other sizes, so that what matched matches still', () => {
    const asked = ['alpha', 'song', 'zulu', 'yankee', 'mp3']
    const tables = asked.map((word, i) => QueryRouteTable.of([word], 2 ** (12 + 2 * i)))
    const union = QueryRouteTable.union(tables)
    for (const word of asked) expect(union.mayMatch(words(word)), word).toBe(true)
    expect(union.count).toBe(16 + 4 + 1 + 1 + 1)
  })

  it('is shared where nothing is to be united', () => {
    const table = QueryRouteTable.of(['alpha'])
    expect(QueryRouteTable.union([QueryRouteTable.empty(), table])).toBe(table)
    expect(QueryRouteTable.union([])).toBe(QueryRouteTable.empty())
  })
})
