import { describe, expect, it } from 'vitest'
import { safeFileName } from '../src/index.ts'
import { numberedName, safePath } from '../src/names.ts'

describe('a file name from the network', () => {
  it.each([
    ['song.mp3', 'song.mp3'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['..\\..\\boot.ini', '_.._boot.ini'],
    ['C:\\Windows\\x', 'C__Windows_x'],
    ['/', '_'],
    ['', 'download'],
    ['.', 'download'],
    ['..', 'download'],
    ['...', 'download'],
    ['.bashrc', 'bashrc'],
    ['trailing. ', 'trailing'],
    ['a\0b\nc', 'a_b_c'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['com¹', '_com¹'],
    ['Aux .tar.gz', '_Aux .tar.gz'],
    ['CONOUT$', '_CONOUT$'],
    ['console.txt', 'console.txt'],
    ['photo\u202Egnp.exe', 'photo_gnp.exe'],
    ['<img src=x onerror=alert(1)>', '_img src=x onerror=alert(1)_'],
    ['e\u0301.txt', '\u00e9.txt'],
    ['\ud800lone', '_lone'],
  ])('%j becomes %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe)
  })

  it.each(['a'.repeat(1_000), `${'é'.repeat(300)}.mp3`, `${'😀'.repeat(300)}.mp3`, `a.${'b'.repeat(1_000)}`])(
    'is cut to what file systems take',
    (name) => {
      const safe = safeFileName(name)
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200)
      expect(safe).not.toMatch(/\p{Cs}/u)
      if (name.endsWith('.mp3')) expect(safe.endsWith('.mp3')).toBe(true)
    }
  )

  it('is itself when it is made safe again', () => {
    for (const name of ['../x', 'CON', '. a .', '\u202E', 'a'.repeat(500)])
      expect(safeFileName(safeFileName(name))).toBe(safeFileName(name))
  })
})

describe('the second file of a name', () => {
  it.each([
    ['a.txt', 2, 'a (2).txt'],
    ['a', 3, 'a (3)'],
    ['.hidden', 2, '.hidden (2)'],
    ['a.txt', 1, 'a.txt'],
  ])('%s, number %i, is %s', (name, number, expected) => {
    expect(numberedName(name, number)).toBe(expected)
  })
})

describe('a path from the network', () => {
  it.each([
    ['Album/01 Song.mp3', 'Album/01 Song.mp3'],
    ['/etc/passwd', 'etc/passwd'],
    ['../../up\\..\\..\\x', 'up/x'],
    ['C:\\Windows\\CON\\a.', 'C_/Windows/_CON/a'],
    ['a//./b/', 'a/b'],
    ['', 'download'],
    ['..', 'download'],
    ['a\0/.. /nul', 'a_/download/_nul'],
    [`${'d/'.repeat(100)}f`, `${'d/'.repeat(16)}f`],
  ])('%j becomes %j', (path, safe) => {
    expect(safePath(path).join('/')).toBe(safe)
  })
})
