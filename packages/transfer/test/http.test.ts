import { describe, expect, it } from 'vitest'
import { formatHead, HEAD_BYTES_MAX, HeadError, parseHead, parseLength } from '../src/http/fields.ts'
import { HeadCutter } from '../src/http/head-cutter.ts'
import { formatContentRange, parseRange } from '../src/http/range.ts'
import { formatRequest, parseRequest, RequestError } from '../src/http/request.ts'
import { parseResponse, ResponseError } from '../src/http/response.ts'

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

function requestFault(text: string): number | undefined {
  try {
    parseRequest(bytes(text))
    return undefined
  } catch (error) {
    if (error instanceof RequestError) return error.status
    throw error
  }
}

describe('a request head', () => {
  it('is read as it was written', () => {
    const head = formatRequest('/ipfs/abc?format=raw', [
      ['Host', 'libp2p'],
      ['Range', 'bytes=0-9'],
    ])
    const request = parseRequest(head.subarray(0, -4))
    expect(request).toMatchObject({ method: 'GET', path: '/ipfs/abc', query: 'format=raw', isKeptAlive: true })
    expect([...request.fields]).toEqual([
      ['host', 'libp2p'],
      ['range', 'bytes=0-9'],
    ])
  })

  it('may name its target in full', () => {
    expect(parseRequest(bytes('GET http://peer:80/a?b HTTP/1.1\r\nHost: peer')).path).toBe('/a')
  })

  it('ends the stream when it says so, or is HTTP/1.0 and does not say otherwise', () => {
    expect(parseRequest(bytes('GET / HTTP/1.1\r\nHost: a\r\nConnection: Close')).isKeptAlive).toBe(false)
    expect(parseRequest(bytes('GET / HTTP/1.0')).isKeptAlive).toBe(false)
    expect(parseRequest(bytes('GET / HTTP/1.0\r\nConnection: keep-alive')).isKeptAlive).toBe(true)
  })

  it('joins fields that came twice, and is not fooled by names that objects have', () => {
    const { fields } = parseRequest(bytes('GET / HTTP/1.1\r\nHost: a\r\nAccept: x\r\nACCEPT: y\r\n__proto__: z'))
    expect(fields.get('accept')).toBe('x, y')
    expect(fields.get('__proto__')).toBe('z')
    expect(fields.get('constructor')).toBeUndefined()
  })

  it.each([
    ['no request line', '', 400],
    ['no version', 'GET /', 400],
    ['another protocol', 'GNUTELLA CONNECT/0.6', 400],
    ['HTTP/2', 'GET / HTTP/2.0\r\nHost: a', 400],
    ['a space in its target', 'GET /a b HTTP/1.1\r\nHost: a', 400],
    ['a control character in its target', 'GET /\0 HTTP/1.1\r\nHost: a', 400],
    ['no host', 'GET / HTTP/1.1', 400],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b', 400],
    ['a folded field', 'GET / HTTP/1.1\r\nHost: a\r\n folded', 400],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : a', 400],
    ['a bare line feed', 'GET / HTTP/1.1\r\nHost: a\nX: y', 400],
    ['a length that is no number', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1', 400],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5', 400],
    ['a body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5', 413],
    ['a chunked body', 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked', 413],
    ['another method', 'DELETE / HTTP/1.1\r\nHost: a', 405],
    ['no path', 'GET * HTTP/1.1\r\nHost: a', 400],
    ['too many fields', `GET / HTTP/1.1\r\nHost: a${'\r\nX: y'.repeat(64)}`, 431],
    ['a target too long', `GET /${'a'.repeat(2_100)} HTTP/1.1\r\nHost: a`, 400],
  ])('with %s is refused', (_, text, status) => {
    expect(requestFault(text)).toBe(status)
  })
})

describe('a response head', () => {
  it('is read as it was written', () => {
    const head = formatHead('HTTP/1.1 206 Partial Content', [
      ['Content-Length', 5],
      ['Content-Range', 'bytes 0-4/9'],
    ])
    expect(parseResponse(head.subarray(0, -4))).toMatchObject({ status: 206, length: 5 })
  })

  it.each([
    ['no status line', ''],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 1'],
    ['an interim status', 'HTTP/1.1 100 Continue\r\nContent-Length: 0'],
    ['no length', 'HTTP/1.1 200 OK'],
    ['a chunked body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5'],
    ['a compressed body', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1'],
    ['a length beyond all numbers', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5'],
  ])('with %s is a fault', (_, text) => {
    expect(() => parseResponse(bytes(text))).toThrow(ResponseError)
  })
})

describe('a head that comes in pieces', () => {
  const text = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

  it.each([1, 2, 3, 5, 100])('of %i bytes is cut at its blank line, and no further', (step) => {
    const cutter = new HeadCutter()
    const all = bytes(`${text}next`)
    let at = 0
    while (!cutter.isComplete) at += cutter.push(all.subarray(at, at + step))
    expect(at).toBe(text.length)
    expect(cutter.take()).toEqual(bytes(text.slice(0, -4)))
    expect(cutter.isPartial).toBe(false)
  })

  it('is not ended by less than a blank line', () => {
    const cutter = new HeadCutter()
    cutter.push(bytes('\r\n\n\r\r\n\r\r\r\n'))
    expect(cutter.isComplete).toBe(false)
    cutter.push(bytes('\r\n'))
    expect(cutter.isComplete).toBe(true)
  })

  it('is refused beyond 8 KiB', () => {
    const cutter = new HeadCutter()
    cutter.push(new Uint8Array(HEAD_BYTES_MAX))
    expect(() => cutter.push(new Uint8Array(1))).toThrow(HeadError)
    expect(() => parseHead(new Uint8Array(HEAD_BYTES_MAX + 1))).toThrow(HeadError)
  })
})

describe('a range', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-9', { start: 0, end: 10 }],
    ['Bytes=5-', { start: 5, end: 100 }],
    ['bytes=-10', { start: 90, end: 100 }],
    ['bytes=-1000', { start: 0, end: 100 }],
    ['bytes=90-1000', { start: 90, end: 100 }],
    ['bytes=99-99', { start: 99, end: 100 }],
    ['bytes=0-1,5-9', undefined],
    ['lines=0-9', undefined],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=9-5', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=-', 'unsatisfiable'],
    ['bytes=a-b', 'unsatisfiable'],
    ['bytes=0-99999999999999999', 'unsatisfiable'],
    ['bytes=1.5-2', 'unsatisfiable'],
  ] as const)('%s of 100 bytes', (field, expected) => {
    expect(parseRange(field, 100)).toEqual(expected)
  })

  it('of nothing is unsatisfiable', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
  })

  it('is told with its last byte', () => {
    expect(formatContentRange({ start: 0, end: 10 }, 100)).toBe('bytes 0-9/100')
  })
})

describe('a length', () => {
  it.each([
    ['0', 0],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    [' 1', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j', (text, expected) => {
    expect(parseLength(text)).toBe(expected)
  })
})
