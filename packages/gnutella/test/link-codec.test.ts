import { ProtocolError } from '@servent/machine'
import { testPeerCodec } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { VENDOR_MESSAGES } from '../src/codec/link.ts'
import { codec } from '../src/codec.ts'
import type { Guid } from '../src/guid.ts'
import type { Message, MessagesSupported } from '../src/messages.ts'
import { fromHex } from './vectors/genuine.ts'
import { FEATURES, MESSAGES_SUPPORTED } from './vectors/vendor.ts'

const guid = '\x01'.repeat(16) as Guid
const link = { guid, ttl: 1, hops: 0 } as const

/** A frame as hexadecimal digits. */
function framed(fn: string, payload: string, ttl = '01', hops = '00'): string {
  const length = (payload.length / 2).toString(16).padStart(4, '0')
  return `${'01'.repeat(16)}${fn}${ttl}${hops}${length.slice(2)}${length.slice(0, 2)}0000${payload}`
}
const decode = (hex: string) => codec.decode(fromHex(hex), testPeerCodec)
const encode = (message: Message) => Buffer.from(codec.encode(message, testPeerCodec)).toString('hex')

describe('vendor messages', () => {
  it('tell which are understood: those of gtk-gnutella', () => {
    const read = decode(framed('31', MESSAGES_SUPPORTED)) as MessagesSupported
    expect(read.type).toBe('MessagesSupported')
    expect(read.supported).toHaveLength(27)
    for (const kind of Object.values(VENDOR_MESSAGES)) {
      if (kind.vendor !== '\0\0\0\0') expect(read.supported).toContainEqual(kind)
    }
    expect(encode(read)).toBe(framed('31', MESSAGES_SUPPORTED))
  })

  it('that are not known are kept as they came', () => {
    const read = decode(framed('31', FEATURES))
    expect(read).toMatchObject({
      type: 'VendorMessage',
      vendor: '\0\0\0\0',
      selector: 10,
      version: 0,
      isStandard: false,
    })
    expect(encode(read)).toBe(framed('31', FEATURES))
    expect(encode(decode(framed('32', FEATURES)))).toBe(framed('32', FEATURES))
  })

  it.each<[string, string, Message]>([
    ['BEAR/4v1', '424541520400010005', { type: 'HopsFlow', ...link, hopsMax: 5 }],
    ['BEAR/11v1', '424541520b000100', { type: 'QueryStatusRequest', ...link }],
    ['BEAR/12v1', '424541520c0001003412', { type: 'QueryStatusResponse', ...link, hitCount: 0x1234 }],
    ['LIME/21v1', '4c494d4515000100', { type: 'PushProxyRequest', ...link }],
    ['LIME/22v2', '4c494d45160002007f000001ca18', { type: 'PushProxyAck', ...link, address: 0x7f000001, port: 6346 }],
  ])('%s', (_, payload, message) => {
    expect(decode(framed('31', payload))).toEqual(message)
    expect(encode(message)).toBe(framed('31', payload))
    expect(codec.size(message, testPeerCodec)).toBe(23 + payload.length / 2)
  })

  it('of another version or length, or as a standard, are not known', () => {
    for (const payload of ['424541520400020005', '42454152040001000506', '4242415204000100', '4c494d451500010000']) {
      expect(decode(framed('31', payload)).type).toBe('VendorMessage')
    }
    expect(decode(framed('32', '424541520400010005')).type).toBe('VendorMessage')
  })

  it('that say of more kinds than there are, or are cut short, are dropped', () => {
    for (const payload of ['', '00000000000000', '00000000000000000200', '000000000000000001004245415204000100ff']) {
      expect(decode(framed('31', payload))).toMatchObject({ type: 'Unknown', reason: 'bad-size' })
    }
  })
})

describe('bye', () => {
  it('is a code, a line and a NUL', () => {
    const bye: Message = { type: 'Bye', ...link, code: 503, text: 'Too many', verbatim: undefined }
    expect(encode(bye)).toBe(framed('02', `f701${Buffer.from('Too many').toString('hex')}00`))
    expect(decode(encode(bye))).toEqual(bye)
  })

  it('may have no text, and no NUL', () => {
    expect(decode(framed('02', 'c800'))).toMatchObject({ code: 200, text: '' })
    expect(decode(framed('02', 'c80061'))).toMatchObject({ code: 200, text: 'a', verbatim: fromHex('c80061') })
    expect(decode(framed('02', 'c8'))).toMatchObject({ type: 'Unknown', reason: 'bad-size' })
  })

  it('of more than 4,096 bytes ends the connection', () => {
    expect(() => decode(framed('02', '00'.repeat(4097)))).toThrow(new ProtocolError('too-large'))
  })
})

describe('query routing', () => {
  it('of another length or kind is dropped', () => {
    for (const payload of ['', '0000', '00004000000200', '01', '0101010104']) {
      expect(decode(framed('30', payload))).toMatchObject({ type: 'Unknown', reason: 'bad-size' })
    }
    expect(decode(framed('30', '02000000'))).toMatchObject({ type: 'Unknown', reason: 'unknown-type' })
  })
})

describe('what stays on a link', () => {
  it.each(['02', '30', '31', '32'])('is dropped if it has come from further away: %s', (fn) => {
    const payload = fn === '30' ? '000040000002' : '00000000000000000000'
    expect(decode(framed(fn, payload, '00'))).not.toMatchObject({ type: 'Unknown' })
    for (const [ttl, hops] of [
      ['01', '01'],
      ['02', '00'],
      ['07', '00'],
    ] as const) {
      expect(decode(framed(fn, payload, ttl, hops))).toMatchObject({ type: 'Unknown', reason: 'improper-hops-ttl' })
    }
  })
})
