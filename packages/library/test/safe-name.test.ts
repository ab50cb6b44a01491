import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NAME_BYTES_MAX, safeName, truncateUtf8 } from '../src/index.ts'

const bytes = (text: string) => new TextEncoder().encode(text).length

describe('safeName', () => {
  it.each([
    ['Alpha Song (live).txt', 'Alpha Song (live).txt'],
    ['Größe 東京 Привет.mp3', 'Größe 東京 Привет.mp3'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['..\\..\\windows', '_.._windows'],
    ['C:\\autoexec.bat', 'C_autoexec.bat'],
    ['/', '_'],
    ['.bashrc', 'bashrc'],
    ['...', 'file'],
    ['', 'file'],
    ['   ', 'file'],
    ['file. . .', 'file'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['Aux .tar.gz', '_Aux .tar.gz'],
    ['LPT¹', '_LPT¹'],
    ['console.txt', 'console.txt'],
    ['com10', 'com10'],
    ['invoice\u202excod.exe', 'invoicexcod.exe'],
    ['a\u2066b\u2069c\u200bd\ufeffe', 'abcde'],
    ['line\nbreak\ttab\0nul\x7f', 'linebreaktabnul'],
    ['\u3164\u115f', 'file'],
    ['\ud800half', 'half'],
    ['fraction\u2044slash\uff0fwide', 'fraction_slash_wide'],
    ['<img src=x onerror=alert(1)>', '_img src=x onerror=alert(1)_'],
    ['a?b*c|d"e', 'a_b_c_d_e'],
    ['too    many     blanks', 'too many blanks'],
    ['%2e%2e%2f', '%2e%2e%2f'],
    ['__proto__', '__proto__'],
  ])('makes of %j %j', (text, name) => expect(safeName(text)).toBe(name))

  it('leaves marks on letters, and no towers of them', () => {
    expect(safeName(`e${'\u0301'.repeat(100_000)}x`).length).toBeLessThan(10)
  })

  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc
      .array(
        fc.constantFrom('.', '/', '\\', ' ', '\0', '\u202e', 'con', 'NUL', '.txt', '東', '😀', '\u0301', ':', '\ud83d'),
        {
          maxLength: 200,
        }
      )
      .map((parts) => parts.join(''))
  )

  it('is never empty, never long, never a path, and shows nothing unseen', () => {
    forAll(
      hostile,
      (text) => {
        const name = safeName(text)
        expect(name).not.toBe('')
        expect(bytes(name)).toBeLessThanOrEqual(NAME_BYTES_MAX)
        expect(name.isWellFormed()).toBe(true)
        expect(name).not.toMatch(/[/\\:*?"<>|\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(name).not.toMatch(/^[. ]|[. ]$/u)
        expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|\s|$)/i)
      },
      { runs: 3000 }
    )
  })

  it('leaves a safe name alone', () => {
    forAll(hostile, (text) => expect(safeName(safeName(text))).toBe(safeName(text)), { runs: 3000 })
  })
})

describe('truncateUtf8', () => {
  it('cuts no character in two', () => {
    forAll(fc.tuple(fc.string({ unit: 'binary' }), fc.nat(40)), ([text, bytesMax]) => {
      const cut = truncateUtf8(text, bytesMax)
      expect(bytes(cut)).toBeLessThanOrEqual(bytesMax)
      expect(text.startsWith(cut)).toBe(true)
      const [next] = text.slice(cut.length)
      if (next !== undefined) expect(bytes(cut + next)).toBeGreaterThan(bytesMax)
    })
  })
})
