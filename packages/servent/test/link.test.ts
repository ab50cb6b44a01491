import { describe, expect, it } from 'vitest'
import { formatLink, parseCid, parseLink } from '../src/link.ts'

const cid = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'

describe('a link', () => {
  it('names content, name and size, and reads back the same', () => {
    const link = formatLink('http://localhost:8080/', { cid, name: 'Café & crème #1.txt', size: 335 })
    expect(link).toBe(`http://localhost:8080/#/get/${cid}?name=Caf%C3%A9+%26+cr%C3%A8me+%231.txt&size=335`)
    expect(parseLink(link)).toEqual({ cid, name: 'Café & crème #1.txt', size: 335 })
  })

  it('may be a bare CID', () => {
    expect(parseLink(`  ${cid}\n`)).toEqual({ cid, name: cid, size: undefined })
    expect(parseLink(formatLink('http://a/', { cid, name: 'x', size: undefined }))?.size).toBeUndefined()
  })

  it('is refused when it names no CID', () => {
    for (const text of [
      '',
      'http://localhost/#/get/',
      'http://localhost/#/get/nonsense?name=a',
      'jazz piano',
      `${cid}x`,
      'b'.repeat(100_000),
    ]) {
      expect(parseLink(text)).toBeUndefined()
    }
    expect(parseCid('javascript:alert(1)')).toBeUndefined()
  })

  it('cannot smuggle in a path, control characters or a nonsensical size', () => {
    const parsed = parseLink(`#/get/${cid}?name=..%2F..%2Fetc%2Fpasswd%00%E2%80%AE&size=-5`)
    for (const char of ['/', '\\', '\u0000', '\u202e']) expect(parsed?.name).not.toContain(char)
    expect(parsed?.size).toBeUndefined()
    expect(parseLink(`#/get/${cid}?size=1e400`)?.size).toBeUndefined()
    expect(parseLink(`#/get/${cid}?size=1.5`)?.size).toBeUndefined()
  })
})
