import { type PeerCodec, ProtocolError, toPeer } from '@servent/machine'
import { forAll, testPeerCodec } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { HANDSHAKE_BYTES_MAX, HEADERS_MAX } from '../src/codec/handshake.ts'
import { codec } from '../src/codec.ts'
import { framing } from '../src/framing.ts'
import type { ConnectRequest, ConnectResponse, Message } from '../src/messages.ts'
import { handshakes } from './arbitraries.ts'
import { fromHex, GENUINE } from './vectors/genuine.ts'
import { GENUINE_REQUEST } from './vectors/handshake.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const decode = (text: string) => codec.decode(bytes(text), testPeerCodec)
const text = (message: Message) => Buffer.from(codec.encode(message, testPeerCodec)).toString()
const headersOf = (read: Message) => Object.fromEntries((read as ConnectRequest).headers)
const reasonOf = (read: () => unknown): string | undefined => {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error.reason
    throw error
  }
}

describe('a request', () => {
  it('of gtk-gnutella is read', () => {
    const request = decode(GENUINE_REQUEST) as ConnectRequest
    expect(request.type).toBe('ConnectRequest')
    expect(request.headers.size).toBe(21)
    expect(headersOf(request)).toMatchObject({
      node: '127.0.0.1:6346',
      'x-ultrapeer': 'True',
      'x-degree': '46',
      'x-max-ttl': '4',
      'x-token': 'aG/NlI34aJiXwMtcYvpdy/5qjehuhff565QY; a94=',
      'x-features': 'tls/1.0, browse/1.0, sflag/0.1, HSEP/0.2',
    })
    expect(text(request)).toBe(GENUINE_REQUEST)
  })

  it('has its names in any case, and ends its lines in CR LF or LF', () => {
    const plain = { 'x-ultrapeer': 'True', ggep: '0.5' }
    expect(headersOf(decode('GNUTELLA CONNECT/0.6\r\nX-ULTRAPEER: True\r\nggep:0.5\r\n\r\n'))).toEqual(plain)
    expect(headersOf(decode('GNUTELLA CONNECT/0.6\nx-UltraPeer:   True  \nGGEP\t: 0.5\n\n'))).toEqual(plain)
    expect(headersOf(decode('GNUTELLA CONNECT/0.6\n\n'))).toEqual({})
  })

  it('goes on with a value on a line that begins with a blank, and joins the fields of one name', () => {
    expect(headersOf(decode('GNUTELLA CONNECT/0.6\r\nX-Try: a,\r\n b,\r\n\tc\r\nNode: 1\r\nx-try: d\r\n\r\n'))).toEqual(
      { 'x-try': 'a, b, c, d', node: '1' }
    )
  })

  it('of a later version is one of 0.6', () => {
    for (const version of ['0.7', '0.10', '1.0']) {
      expect(decode(`GNUTELLA CONNECT/${version}\r\n\r\n`).type).toBe('ConnectRequest')
    }
  })

  it('cannot be made to say more than it says: a line break in a value is a blank', () => {
    const headers = new Map([['user-agent', 'a\r\nX-Ultrapeer: True\0']])
    expect(text({ type: 'ConnectRequest', headers })).toBe(
      'GNUTELLA CONNECT/0.6\r\nUser-Agent: a X-Ultrapeer: True\r\n\r\n'
    )
  })
})

describe('an answer', () => {
  const refusal: ConnectResponse = {
    type: 'ConnectResponse',
    code: 503,
    reason: 'Too many connections',
    headers: new Map([['user-agent', 'servent/0.1']]),
    tryUltrapeers: [toPeer(7), toPeer(8)],
  }

  it('says whom to try instead, in base32 of what the host writes for a peer', () => {
    expect(text(refusal)).toBe(
      [
        'GNUTELLA/0.6 503 Too many connections',
        'User-Agent: servent/0.1',
        'X-Try-Ultrapeers: AAAAABY,AAAAACA',
        '',
        '',
      ].join('\r\n')
    )
    expect(codec.decode(codec.encode(refusal, testPeerCodec), testPeerCodec)).toEqual(refusal)
  })

  it('says ten at the most, and no more are read', () => {
    const many = { ...refusal, tryUltrapeers: Array.from({ length: 20 }, (_, i) => toPeer(i)) }
    const read = decode(text(many)) as ConnectResponse
    expect(read.tryUltrapeers).toHaveLength(10)
    const list = many.tryUltrapeers.map(() => 'AAAAABY').join(',')
    const forged = decode(`GNUTELLA/0.6 503 Full\r\nX-Try-Ultrapeers: ${list}\r\n\r\n`) as ConnectResponse
    expect(forged.tryUltrapeers).toHaveLength(10)
  })

  it('says no more than a group may hold', () => {
    const long: PeerCodec = {
      encode: (peer) => new Uint8Array(2000).fill(peer as number),
      decode: ([peer]) => toPeer(peer as number),
      size: () => 2000,
    }
    const frame = codec.encode({ ...refusal, tryUltrapeers: [1, 2, 3, 4, 5, 6].map(toPeer) }, long)
    expect(frame.length).toBeLessThanOrEqual(HANDSHAKE_BYTES_MAX)
    expect(codec.decode(frame, long)).toMatchObject({ tryUltrapeers: [1, 2, 3] })
  })

  it('passes over addresses of IPv4 and peers that it cannot read', () => {
    const list = '23.35.1.7:6346, AAAAABY, 18.207.63.25:6347, AA, , !, AAAAABYA'
    const read = decode(`GNUTELLA/0.6 503 Full\r\nX-Try-Ultrapeers: ${list}\r\n\r\n`)
    expect(read).toMatchObject({ tryUltrapeers: [toPeer(7)], headers: new Map() })
  })

  it('tells a fault of the host from one of the remote', () => {
    const broken: PeerCodec = {
      ...testPeerCodec,
      decode() {
        throw new RangeError('a bug')
      },
    }
    expect(() => codec.decode(bytes('GNUTELLA/0.6 503 Full\r\nX-Try-Ultrapeers: AA\r\n\r\n'), broken)).toThrow(
      RangeError
    )
  })

  it('may have no reason, or a long one', () => {
    expect(decode('GNUTELLA/0.6 200\r\n\r\n')).toMatchObject({ code: 200, reason: '' })
    const long = decode(`GNUTELLA/0.6 403 ${'x'.repeat(1000)}\r\n\r\n`) as ConnectResponse
    expect(long.reason).toHaveLength(128)
    expect(text({ ...refusal, reason: '', headers: new Map(), tryUltrapeers: [] })).toBe('GNUTELLA/0.6 503\r\n\r\n')
  })
})

describe('what is none', () => {
  it.each([
    'GNUTELLA CONNECT/0.4\r\n\r\n',
    'GNUTELLA CONNECT/0.6\r\n',
    'GNUTELLA CONNECT/0.6',
    'GNUTELLA CONNECT/0.6 \r\n\r\n',
    'GNUTELLA CONNECT/x\r\n\r\n',
    'GNUTELLA/0.6 OK\r\n\r\n',
    'GNUTELLA/0.6 099 OK\r\n\r\n',
    'GNUTELLA/0.6 1000 OK\r\n\r\n',
    'GNUTELLA/0.6 200 OK\r\nno field\r\n\r\n',
    'GNUTELLA/0.6 200 OK\r\n: no name\r\n\r\n',
    'GNUTELLA/0.6 200 OK\r\nna me: value\r\n\r\n',
    'GNUTELLA/0.6 200 OK\r\n continued: nothing\r\n\r\n',
    'GNUTELLA/0.6 200 OK\r\nname: a\0b\r\n\r\n',
    'GNUTELLA/0.6 200 OK\r\nname: a\rb\r\n\r\n',
    'GNUTELLA/0.6 200 OK\r\n\r\nmore',
  ])('%j', (line) => {
    expect(reasonOf(() => decode(line))).toBe('bad-handshake')
  })

  it('too many fields, or too many bytes', () => {
    const fields = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}: 1\r\n`).join('')
    expect((decode(`GNUTELLA CONNECT/0.6\r\n${fields(HEADERS_MAX)}\r\n`) as ConnectRequest).headers.size).toBe(
      HEADERS_MAX
    )
    expect(reasonOf(() => decode(`GNUTELLA CONNECT/0.6\r\n${fields(HEADERS_MAX + 1)}\r\n`))).toBe('too-large')
    const long = `GNUTELLA CONNECT/0.6\r\nx: ${'y'.repeat(HANDSHAKE_BYTES_MAX)}\r\n\r\n`
    expect(reasonOf(() => decode(long))).toBe('too-large')
    expect(reasonOf(() => framing.cutter().push(bytes(long)))).toBe('too-large')
  })
})

describe('any handshake', () => {
  it('is read as it was written, and its size is known beforehand', () => {
    forAll(handshakes, (message) => {
      const frame = codec.encode(message, testPeerCodec)
      expect(codec.decode(frame, testPeerCodec)).toEqual(message)
      expect(codec.size(message, testPeerCodec)).toBe(frame.length)
    })
  })
})

describe('the cutter', () => {
  const agreement = 'GNUTELLA/0.6 200 OK\r\n\r\n'
  const request = 'GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: False\r\n\r\n'
  const hex = (frame: Uint8Array) => Buffer.from(frame).toString('hex')
  const texts = (...lines: string[]) => lines.map((line) => hex(bytes(line)))
  const cut = (frames: readonly string[], at: number): string[] => {
    const cutter = framing.cutter()
    const stream = fromHex(frames.join(''))
    return [...cutter.push(stream.subarray(0, at)), ...cutter.push(stream.subarray(at))].map(hex)
  }

  it.each([
    ['the one who dialed', [...texts(request, agreement), GENUINE.ping, GENUINE.query]],
    ['the one who was dialed', [...texts(agreement), GENUINE.ping, GENUINE.query]],
    ['one who dialed a servent of 0.4', [...texts(request), GENUINE.ping, GENUINE.query]],
    ['one of two who dialed each other', [...texts(request, agreement, agreement), GENUINE.query]],
    ['one with bare line feeds', [...texts('GNUTELLA CONNECT/0.6\n\n', 'GNUTELLA/0.6 200\n\n'), GENUINE.query]],
    ['one who is refused', texts(request)],
  ])('cuts the stream of %s, in two at every offset', (_, frames) => {
    for (let at = 0; at <= frames.join('').length / 2; at++) expect(cut(frames, at)).toEqual(frames)
    const cutter = framing.cutter()
    const single = [...fromHex(frames.join(''))].flatMap((byte) => cutter.push(Uint8Array.of(byte)))
    expect(single.map(hex)).toEqual(frames)
  })

  it('takes no descriptor for a status line, though its id reads as one', () => {
    for (const fn of ['00', '01', '40', '80', '81', '30']) {
      const id = hex(bytes('GNUTELLA/0.6 200'))
      const frame = `${id}${fn}070000000000`
      const frames = [...texts(agreement), frame, GENUINE.query]
      for (let at = 0; at <= frames.join('').length / 2; at++) expect(cut(frames, at)).toEqual(frames)
      expect(codec.decode(fromHex(frame), testPeerCodec).type).not.toBe('ConnectResponse')
    }
  })

  it('takes no text behind a descriptor, nor behind one of 0.4', () => {
    const status = hex(bytes('GNUTELLA/0.6 200 OK\r\nX-Ultrapeer: True\r\n\r\n'))
    for (const frames of [
      [...texts(request), GENUINE.query, status],
      [...texts('GNUTELLA CONNECT/0.4\n\n'), status],
      [...texts('GNUTELLA OK\n\n'), status],
      [...texts(request, agreement, agreement, agreement)],
    ]) {
      expect(reasonOf(() => cut(frames, 0))).toBe('too-large')
    }
  })

  it('refuses at once what has no end', () => {
    const cutter = framing.cutter()
    cutter.push(bytes(request))
    const line = bytes('GNUTELLA/0.6 200 OK\r\nX: ')
    expect(cutter.push(line)).toEqual([])
    const chunk = new Uint8Array(1000).fill(0x61)
    expect(
      reasonOf(() => {
        for (let i = 0; i < 20; i++) cutter.push(chunk)
      })
    ).toBe('too-large')
  })
})
