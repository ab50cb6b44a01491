import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY_LIBRARY, holdsAll, keywords, Library, type NewFile } from '../src/index.ts'

const file = (name: string, extra: Partial<NewFile> = {}): NewFile => ({
  name,
  size: 1000,
  sha1: undefined,
  cid: undefined,
  ...extra,
})
const names = (files: Iterable<{ name: string }>) => [...files].map(({ name }) => name)

describe('Library', () => {
  it('finds files whose names hold all words, in any order, whatever the case and diacritics', () => {
    const library = new Library()
    for (const name of ['Alpha Song.txt', 'beta song.txt', 'Größe Alpha.mp3']) library.add(file(name))
    expect(names(library.search('song', 10))).toEqual(['Alpha Song.txt', 'beta song.txt'])
    expect(names(library.search('SONG alpha', 10))).toEqual(['Alpha Song.txt'])
    expect(names(library.search('grosse', 10))).toEqual(['Größe Alpha.mp3'])
    expect(names(library.search('song gamma', 10))).toEqual([])
    expect(names(library.search('alph', 10))).toEqual([])
    expect(names(library.search('', 10))).toEqual([])
    expect(names(library.search('song', 1))).toEqual(['Alpha Song.txt'])
  })

  it('never gives an index to another file', () => {
    const library = new Library()
    const first = library.add(file('a'))
    expect(first?.index).toBe(1)
    expect(library.remove(1)).toBe(true)
    expect(library.remove(1)).toBe(false)
    expect(library.add(file('a'))?.index).toBe(2)
    expect(library.get(1)).toBeUndefined()
  })

  it('has another revision after every change, and after nothing else', () => {
    const library = new Library({ filesMax: 2 })
    const revisions = [library.revision]
    library.add(file('one', { cid: Uint8Array.of(1) }))
    revisions.push(library.revision)
    library.add(file('two'))
    revisions.push(library.revision)
    library.add(file('too many'))
    library.add(file('same content', { cid: Uint8Array.of(1) }))
    library.remove(77)
    library.search('one', 1)
    expect(library.revision).toBe(revisions.at(-1))
    library.remove(1)
    revisions.push(library.revision)
    expect(new Set(revisions).size).toBe(4)
  })

  it('shares the same content once', () => {
    const library = new Library()
    const cid = Uint8Array.of(1, 0x70, 0x12)
    const first = library.add(file('one name', { cid }))
    expect(library.add(file('another name', { cid: Uint8Array.from(cid) }))).toBe(first)
    expect(library.fileCount).toBe(1)
    expect(library.findByCid(cid)).toBe(first)
    library.remove(1)
    expect(library.findByCid(cid)).toBeUndefined()
  })

  it('finds by SHA-1 as long as any file has it', () => {
    const library = new Library()
    const sha1 = new Uint8Array(20).fill(7)
    library.add(file('one', { sha1 }))
    library.add(file('two', { sha1 }))
    expect(library.findBySha1(sha1)?.name).toBe('one')
    library.remove(1)
    expect(library.findBySha1(sha1)?.name).toBe('two')
    library.remove(2)
    expect(library.findBySha1(sha1)).toBeUndefined()
  })

  it('counts files and kilobytes', () => {
    const library = new Library()
    expect([library.fileCount, library.kilobyteCount]).toEqual([0, 0])
    library.add(file('a', { size: 1 }))
    library.add(file('b', { size: 2 ** 40 }))
    expect([library.fileCount, library.kilobyteCount]).toEqual([2, 2 ** 30 + 1])
    library.remove(2)
    expect([library.fileCount, library.kilobyteCount]).toEqual([1, 1])
  })

  it('is full when it is full', () => {
    const library = new Library({ filesMax: 2 })
    expect([1, 2, 3].map((n) => library.add(file(`${n}`))?.index)).toEqual([1, 2, undefined])
    expect(EMPTY_LIBRARY.add(file('never'))).toBeUndefined()
    expect([...EMPTY_LIBRARY]).toEqual([])
    expect(EMPTY_LIBRARY.search('never', 10)).toEqual([])
  })

  it('agrees with a search through all names, whatever was added and removed', () => {
    const word = fc.constantFrom('a', 'B', 'ç', 'd', '東', 'ß')
    const name = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '))
    const change = fc.oneof(fc.record({ add: name }), fc.record({ remove: fc.nat(20) }))
    forAll(fc.tuple(fc.array(change, { maxLength: 40 }), name), ([changes, criteria]) => {
      const library = new Library()
      for (const drawn of changes) {
        if ('add' in drawn) library.add(file(drawn.add))
        else library.remove(drawn.remove)
      }
      const words = keywords(criteria)
      const expected = words.length === 0 ? [] : [...library].filter((shared) => holdsAll(shared.name, words))
      expect([...library.search(criteria, 100)]).toEqual(expected)
    })
  })

  it('takes names that are traps for objects', () => {
    const library = new Library()
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) library.add(file(name))
    expect(names(library.search('constructor', 10))).toEqual(['constructor'])
    expect(names(library.search('valueOf', 10))).toEqual([])
  })
})
