import { describe, expect, it } from 'vitest'
import { readSettings } from '../src/settings.ts'

function read(query: string) {
  return readSettings(new URL(`http://localhost:8080/${query}`))
}

describe('readSettings', () => {
  it('joins at the server that the page came from', () => {
    expect(read('')).toEqual({
      bootstrap: ['http://localhost:8080'],
      webrtc: true,
      neighbors: undefined,
      gnutella: '0.6',
      napster: true,
    })
  })

  it('takes what the address says', () => {
    expect(
      read('?webrtc=off&neighbors=2&gnutella=0.4&napster=off&bootstrap=https://a.example&bootstrap=http://b.example:81')
    ).toEqual({
      bootstrap: ['https://a.example', 'http://b.example:81'],
      webrtc: false,
      neighbors: 2,
      gnutella: '0.4',
      napster: false,
    })
  })

  it.each(['?neighbors=-1', '?neighbors=x', '?neighbors=', '?neighbors=1000'])('passes over %s', (query) => {
    expect(read(query).neighbors).toBeUndefined()
  })

  it('has no more neighbors than a tab can hold', () => {
    expect(read('?neighbors=99').neighbors).toBe(24)
  })

  it('passes over a bootstrap that is no web address', () => {
    expect(read('?bootstrap=javascript:alert(1)&bootstrap=//x&bootstrap=http://').bootstrap).toEqual([
      'http://localhost:8080',
    ])
  })
})
