import { expect, it } from 'vitest'
import { kindOf } from '../src/ui/kind.ts'

it.each([
  ['song.MP3', 'audio'],
  ['a.b.tar.gz', 'archive'],
  ['book.epub', 'text'],
  ['.gitignore', 'file'],
  ['no extension', 'file'],
  ['trailing dot.', 'file'],
  ['__proto__.constructor', 'file'],
])('takes "%s" for %s', (name, kind) => {
  expect(kindOf(name)).toBe(kind)
})
