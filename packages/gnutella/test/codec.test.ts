import type { PeerCodec } from '@servent/machine'
import { ProtocolError, toPeer } from '@servent/machine'
import { testKeyOf, testPeerCodec } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { gnutella04, idToHex, type Message, type QueryHit, serventIdOf, sha1FromBase32 } from '../src/index.ts'
import { fromHex, GENUINE } from './vectors/genuine.ts'

const { codec } = gnutella04
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const decode = (frame: string): Message => codec.decode(fromHex(frame), testPeerCodec)
const encode = (message: Message): string => hex(codec.encode(message, testPeerCodec))

describe('genuine frames', () => {
  it('ping: GGEP we do not know is kept', () => {
    expect(decode(GENUINE.ping)).toMatchObject({
      type: 'Ping',
      ttl: 4,
      hops: 0,
      verbatim: fromHex('c3835343504103'),
    })
  })

  it('pong', () => {
    expect(decode(GENUINE.pong)).toMatchObject({
      type: 'Pong',
      ttl: 1,
      hops: 0,
      port: 6346,
      address: 0x7f000001,
      fileCount: 2,
      kilobyteCount: 256,
      peer: undefined,
      ultrapeer: { leaves: 255, ultrapeers: 49 },
    })
  })

  it('query', () => {
    const query = decode(GENUINE.query)
    expect(query).toMatchObject({ type: 'Query', ttl: 4, hops: 0, criteria: 'quebec tango', sha1: undefined })
    expect(decode(GENUINE.queryTaken)).toMatchObject({ criteria: 'zulu yankee', minSpeed: 0x80, verbatim: undefined })
  })

  it('query hit', () => {
    const hit = decode(GENUINE.queryHit) as QueryHit
    expect(hit).toMatchObject({
      type: 'QueryHit',
      ttl: 7,
      hops: 0,
      port: 6346,
      address: 0x7f000001,
      speed: 16,
      results: [
        {
          index: 1,
          size: 21,
          name: 'Test Song alpha.txt',
          sha1: sha1FromBase32('6OKYEMMEGA5MTPXCQE4QBIW2VLU5H2BQ'),
          cid: undefined,
        },
      ],
      peer: undefined,
    })
    expect(idToHex(hit.serventId)).toBe('f1403102ba339344d353b8f1de5aa207')
    expect(decode(GENUINE.queryHitTaken)).toMatchObject({
      speed: 350,
      results: [{ index: 7, size: 1234, name: 'zulu yankee.mp3' }],
    })
  })

  it('push', () => {
    const push = decode(GENUINE.push)
    expect(push).toMatchObject({
      type: 'Push',
      ttl: 3,
      hops: 0,
      index: 1,
      address: 0x7f000046,
      port: 7070,
      verbatim: undefined,
    })
  })

  it('bye', () => {
    expect(decode(GENUINE.bye)).toMatchObject({ type: 'Bye', code: 413, text: 'No QRP RESET received before PATCH' })
  })

  it('a result whose extensions have COBS-coded GGEP', () => {
    const payload = [
      '01ca187f0000011000000001000000150000006100',
      GENUINE.resultExtensions,
      '00',
      'f1403102ba339344d353b8f1de5aa207',
    ].join('')
    expect(decode(framed('81', payload))).toMatchObject({
      results: [{ name: 'a', sha1: sha1FromBase32('EK7OHZ2DQFRY3CMBUVVBTWYY6TY6XVRZ') }],
    })
  })

  it('a query that asks for urns asks for no content (HUGE)', () => {
    const payload = (extension: string) => hex(Buffer.from(`\x80\0Gnutella Protocol\0${extension}`, 'latin1'))
    for (const extension of ['urn:\0', 'urn:sha1:\0', 'urn:', 'urn:sha1:\x1curn:\0']) {
      const read = decode(framed('80', payload(extension)))
      expect(read).toMatchObject({ type: 'Query', criteria: 'Gnutella Protocol', sha1: undefined })
      expect(encode(read)).toBe(framed('80', payload(extension)))
    }
    const sha1 = sha1FromBase32('PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB')
    for (const urn of [
      'urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB',
      'urn:\x1cURN:SHA1:plsthipqgsszts5fjupakuzwugyqypfb',
    ]) {
      expect(decode(framed('80', payload(`${urn}\0`)))).toMatchObject({ sha1 })
    }
  })

  it('go on byte for byte, but for TTL and hops', () => {
    for (const frame of Object.values(GENUINE)) {
      if (frame === GENUINE.resultExtensions) continue
      expect(encode(decode(frame))).toBe(frame)
      const message = decode(frame)
      if (!('ttl' in message)) continue
      const onward = `${frame.slice(0, 34)}0306${frame.slice(38)}`
      expect(encode({ ...message, ttl: 3, hops: 6 })).toBe(onward)
      expect(codec.size(message, testPeerCodec)).toBe(frame.length / 2)
    }
  })
})

describe('the handshake', () => {
  it('has line feeds and no carriage return', () => {
    expect(encode({ type: 'Connect' })).toBe(hex(Buffer.from('GNUTELLA CONNECT/0.4\n\n')))
    expect(encode({ type: 'Ok' })).toBe(hex(Buffer.from('GNUTELLA OK\n\n')))
  })

  it.each(['', 'GNUTELLA', 'GNUTELLA OK\r\n\r\n', 'GNUTELLA CONNECT/0.5\n\n', 'gnutella ok\n\n'])(
    'is not %j',
    (text) => {
      expect(() => codec.decode(new Uint8Array(Buffer.from(text)), testPeerCodec)).toThrow(
        new ProtocolError('bad-handshake')
      )
    }
  )
})

describe('what 0.4 cannot say', () => {
  const serventId = serventIdOf(testKeyOf(toPeer(7)))
  const guid = decode(GENUINE.ping) as { guid: QueryHit['guid'] } & Message
  const header = { guid: guid.guid, ttl: 3, hops: 0, verbatim: undefined }

  it('stands in GGEP that others pass over: who answers a ping', () => {
    const pong: Message = {
      type: 'Pong',
      ...header,
      port: 6346,
      address: 0,
      fileCount: 2,
      kilobyteCount: 9,
      peer: toPeer(7),
      ultrapeer: undefined,
    }
    expect(encode(pong).slice(46)).toBe(
      `ca18000000000200000009000000${'c388'}${hex(Buffer.from('SRVTPEER'))}44${'00000007'}`
    )
  })

  it('stands between the NULs without one of its own: the content of a result, and the peer in the trailer', () => {
    const sha1 = sha1FromBase32('6OKYEMMEGA5MTPXCQE4QBIW2VLU5H2BQ')
    const hit: Message = {
      type: 'QueryHit',
      ...header,
      port: 6346,
      address: 0,
      speed: 1,
      results: [{ index: 1, size: 5, name: 'a', sha1, cid: Uint8Array.of(1, 0, 2) }],
      peer: toPeer(7),
      pushProxies: [],
      isBrowsable: false,
      serventId,
    }
    const extensions = `${hex(Buffer.from('urn:sha1:6OKYEMMEGA5MTPXCQE4QBIW2VLU5H2BQ'))}1cc3c7${hex(Buffer.from('SRVTCID'))}4402010202`
    expect(encode(hit).slice(46)).toBe(
      [
        '01ca180000000001000000',
        `01000000050000006100${extensions}00`,
        `${hex(Buffer.from('SRVT'))}022021c388${hex(Buffer.from('SRVTPEER'))}4400000007`,
        idToHex(serventId),
      ].join('')
    )
    expect(decode(encode(hit))).toEqual(hit)
  })

  it('stands in the trailer: who hands a Push on, and that all may be listed', () => {
    const hit: Message = {
      type: 'QueryHit',
      ...header,
      port: 6346,
      address: 0,
      speed: 1,
      results: [{ index: 1, size: 5, name: 'a', sha1: undefined, cid: undefined }],
      peer: toPeer(7),
      pushProxies: [toPeer(8), toPeer(9)],
      isBrowsable: true,
      serventId,
    }
    const proxies = `08${hex(Buffer.from('SRVTPUSH'))}4c040000000008040000000009`
    expect(encode(hit).slice(46)).toBe(
      [
        '01ca180000000001000000',
        '0100000005000000610000',
        `${hex(Buffer.from('SRVT'))}022021c308${hex(Buffer.from('SRVTPEER'))}4400000007${proxies}82424840`,
        idToHex(serventId),
      ].join('')
    )
    expect(decode(encode(hit))).toEqual(hit)
    const many = { ...hit, pushProxies: Array.from({ length: 20 }, (_, i) => toPeer(i)) }
    expect(decode(encode(many))).toMatchObject({ pushProxies: many.pushProxies.slice(0, 8) })
  })

  it('stands in a pong of an ultrapeer: its room, as GGEP UP', () => {
    const pong: Message = {
      type: 'Pong',
      ...header,
      port: 6346,
      address: 0,
      fileCount: 2,
      kilobyteCount: 9,
      peer: undefined,
      ultrapeer: { leaves: 255, ultrapeers: 3 },
    }
    expect(encode(pong).slice(46)).toBe('ca18000000000200000009000000c38255504301ff03')
    expect(decode(encode(pong))).toEqual(pong)
  })

  it('is asked for behind the criteria: this content, whatever its name', () => {
    const query: Message = {
      type: 'Query',
      ...header,
      minSpeed: 0,
      criteria: 'a',
      sha1: undefined,
      cid: Uint8Array.of(1, 2),
    }
    expect(encode(query).slice(46)).toBe(`00006100c387${hex(Buffer.from('SRVTCID'))}420102`)
  })

  it('is a file of 4 GiB: GGEP LF', () => {
    const size = 2 ** 32 + 5
    const results = [{ index: 1, size, name: 'a', sha1: undefined, cid: undefined }]
    const hit: Message = {
      type: 'QueryHit',
      ...header,
      port: 1,
      address: 0,
      speed: 0,
      results,
      peer: undefined,
      pushProxies: [],
      isBrowsable: false,
      serventId,
    }
    expect(encode(hit)).toContain('ffffffff6100c3c24c464602050101020100')
    expect(decode(encode(hit))).toEqual(hit)
  })

  it('goes on unread where this host cannot read the peer', () => {
    const reads: PeerCodec = testPeerCodec
    const refuses: PeerCodec = {
      ...reads,
      decode() {
        throw new ProtocolError('bad-peer')
      },
    }
    const pong: Message = {
      type: 'Pong',
      ...header,
      port: 1,
      address: 0,
      fileCount: 0,
      kilobyteCount: 0,
      peer: toPeer(7),
      ultrapeer: undefined,
    }
    const frame = codec.encode(pong, reads)
    const read = codec.decode(frame, refuses)
    expect(read).toMatchObject({ peer: undefined })
    expect(codec.encode(read, refuses)).toEqual(frame)
  })
})

function framed(fn: string, payload: string, ttl = '07'): string {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(payload.length / 2)
  return `${'11'.repeat(16)}${fn}${ttl}00${length.toString('hex')}${payload}`
}

describe('bad lengths', () => {
  it.each([
    ['a ping with something that is no GGEP', '00', '0102', 'bad-size'],
    ['a ping with GGEP and a byte more', '00', 'c383534350410300', 'bad-size'],
    ['a ping with more than 1536 bytes of GGEP', '00', `c3${'0141bf7f'}${'00'.repeat(4095)}`, 'bad-size'],
    ['a pong that is short', '01', '00'.repeat(13), 'bad-size'],
    ['a push that is short', '40', '00'.repeat(25), 'bad-size'],
    ['a push with junk behind it', '40', '00'.repeat(27), 'bad-size'],
    ['a query of two bytes', '80', '0000', 'query-too-short'],
    ['a query without NUL', '80', '0000616263', 'query-without-nul'],
    ['a query of 257 bytes', '80', `0000${'61'.repeat(254)}00`, 'query-too-large'],
    ['a query for a SHA-1 that is none', '80', `00006100${hex(Buffer.from('urn:sha1:ABC'))}`, 'malformed-sha1'],
    ['a hit without results', '81', '00'.repeat(27), 'no-results'],
    [
      'a hit with fewer results than it says',
      '81',
      `02${'00'.repeat(10)}${'00'.repeat(10)}${'11'.repeat(16)}`,
      'malformed-query-hit',
    ],
    [
      'a hit without servent id',
      '81',
      `01${'00'.repeat(10)}${'00'.repeat(10)}${'11'.repeat(15)}`,
      'malformed-query-hit',
    ],
    [
      'a hit whose open data are longer than its trailer',
      '81',
      `01${'00'.repeat(20)}${'53525654ff2021'}${'11'.repeat(16)}`,
      'malformed-query-hit',
    ],
    ['a function that nobody knows', '55', 'abcdef', 'unknown-type'],
  ])('%s: dropped by name, and forwarded by nobody', (_, fn, payload, reason) => {
    const frame = framed(fn, payload)
    expect(decode(frame)).toMatchObject({ type: 'Unknown', function: Number.parseInt(fn, 16), reason })
    expect(encode(decode(frame))).toBe(frame)
  })

  it.each([
    ['a query above 1024 bytes', framed('80', '61'.repeat(1025)), 'too-large'],
    ['a ping above 40960 bytes', framed('00', '00'.repeat(40_961)), 'too-large'],
    ['a length that is not the frame', `${GENUINE.push}00`, 'bad-length'],
  ])('%s: the connection ends', (_, frame, reason) => {
    expect(() => decode(frame)).toThrow(expect.objectContaining({ name: 'ProtocolError', reason }))
  })

  it('a NUL that closes the extensions of a query is seen and kept', () => {
    const urn = hex(Buffer.from('urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB'))
    const frame = framed('80', `0000${'00'}${urn}00`)
    expect(decode(frame)).toMatchObject({ criteria: '', sha1: sha1FromBase32('PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB') })
    expect(encode(decode(frame))).toBe(frame)
  })

  it('a bitprint is cut to its SHA-1, a request for urns names none', () => {
    const urn = (text: string) => framed('80', `00006100${hex(Buffer.from(text))}`)
    const sha1 = sha1FromBase32('PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB')
    expect(decode(urn(`urn:bitprint:plsthipqgsszts5fjupakuzwugyqypfb.${'A'.repeat(39)}`))).toMatchObject({ sha1 })
    for (const text of ['urn:', 'urn:sha1:', 'urn:md5:abc', '<xml/>']) {
      expect(decode(urn(text))).toMatchObject({ type: 'Query', sha1: undefined })
    }
  })

  it('names that are no UTF-8 are shown with marks and passed on as they came', () => {
    const frame = framed('81', `01${'00'.repeat(10)}${'00'.repeat(8)}${'ff41'}0000${'11'.repeat(16)}`)
    expect(decode(frame)).toMatchObject({ results: [{ name: '\ufffdA' }] })
    expect(encode(decode(frame))).toBe(frame)
  })
})
