import { ProtocolError, toPeer } from '@servent/machine'
import { testPeerCodec } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { type Message, napster, type Search } from '../src/index.ts'
import { GENUINE } from './vectors/genuine.ts'

const { codec, framing } = napster

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const dataOf = (message: Message) => Buffer.from(codec.encode(message, testPeerCodec).subarray(4)).toString()

function read(code: number, data: string): Message {
  const bytes = Buffer.from(data)
  const header = Uint8Array.of(bytes.length & 0xff, bytes.length >> 8, code & 0xff, code >> 8)
  return codec.decode(Uint8Array.from([...header, ...bytes]), testPeerCodec)
}

const search: Search = {
  type: 'Search',
  words: 'alpha',
  moreWords: undefined,
  maxResults: 100,
  link: undefined,
  bitrate: undefined,
  frequency: undefined,
  cid: undefined,
  sha1: undefined,
}

describe('commands of OpenNap', () => {
  it.each(Object.entries(GENUINE))('%s is read and written byte for byte', (_, { header, frame }) => {
    if (header !== undefined) expect(hex(frame.subarray(0, 4))).toBe(header)
    const message = codec.decode(frame, testPeerCodec)
    expect(message.type).not.toBe('Unreadable')
    expect(hex(codec.encode(message, testPeerCodec))).toBe(hex(frame))
  })

  it('has the fields of a search, each clause where it was said', () => {
    const data =
      'FILENAME CONTAINS "a b" MAX_RESULTS 75 FILENAME CONTAINS "c" LINESPEED "AT LEAST" 6 BITRATE "AT BEST" "128" FREQ "EQUAL TO" "44100"'
    const message = read(200, data)
    expect(message).toEqual({
      ...search,
      words: 'a b',
      moreWords: 'c',
      maxResults: 75,
      link: { comparison: 'AT LEAST', value: 6 },
      bitrate: { comparison: 'AT BEST', value: 128 },
      frequency: { comparison: 'EQUAL TO', value: 44_100 },
    })
    expect(dataOf(message)).toBe(data)
  })

  it('takes a search without quotes, as OpenNap does', () => {
    expect(read(200, 'FILENAME CONTAINS generic MAX_RESULTS 5')).toEqual({ ...search, words: 'generic', maxResults: 5 })
  })

  it('reads the files of a folder, whose name goes before theirs', () => {
    const zeros = '0'.repeat(32)
    const message = read(
      870,
      `"C:\\MP3\\dir\\" "one zulu.mp3" ${zeros} 1000 128 44100 10 "two zulu.mp3" ${zeros} 2000 192 44100 20`
    )
    expect(message).toMatchObject({
      type: 'ShareFolder',
      folder: 'C:\\MP3\\dir\\',
      songs: [
        { name: 'one zulu.mp3', size: 1000, bitrate: 128, frequency: 44_100, seconds: 10 },
        { name: 'two zulu.mp3', size: 2000, bitrate: 192, frequency: 44_100, seconds: 20 },
      ],
    })
  })

  it('keeps what it cannot read, for OpenNap answers it and goes on', () => {
    const data = Uint8Array.from(Buffer.from('garbage'))
    expect(read(100, 'garbage')).toEqual({ type: 'Unreadable', code: 100, reason: 'unparsable', data })
    expect(read(1234, 'garbage')).toEqual({ type: 'Unreadable', code: 1234, reason: 'unknown-command', data })
    for (const bad of [
      '',
      'FILENAME',
      'FILENAME IS "a"',
      'NAME CONTAINS "a"',
      'FILENAME CONTAINS "a" LINESPEED "ABOUT" 3',
    ])
      expect(read(200, bad)).toMatchObject({ type: 'Unreadable', reason: 'unparsable' })
  })

  it('passes over the weight that some servers write behind a result', () => {
    const result = read(201, `"a.mp3" ${'0'.repeat(32)} 1 2 3 4 alice 0 3 17`)
    expect(result).toMatchObject({ type: 'SearchResult', nick: 'alice', peer: undefined })
  })

  it('writes a quote, which nothing can escape, as an apostrophe', () => {
    expect(dataOf({ ...search, words: 'the "best"' })).toBe(`FILENAME CONTAINS "the 'best'" MAX_RESULTS 100`)
  })
})

describe('what is ours', () => {
  const cid = Uint8Array.of(1, 0x55, 0x12, 0x20, ...new Uint8Array(32).fill(7))
  const sha1 = new Uint8Array(20).fill(0xab)

  it('stands behind the fields of OpenNap: content, and who shares it', () => {
    const song = { name: 'ä.mp3', md5: '0'.repeat(32), size: 1, bitrate: 2, frequency: 3, seconds: 4, cid, sha1 }
    const result: Message = { type: 'SearchResult', song, nick: 'alice', address: 0, link: 3, peer: toPeer(258) }
    const data = dataOf(result)
    const extensions =
      'cid:bafkreiaha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4 urn:sha1:VOV2XK5LVOV2XK5LVOV2XK5LVOV2XK5L peer:AAABAg'
    expect(data).toBe(`"ä.mp3" ${'0'.repeat(32)} 1 2 3 4 alice 0 3 ${extensions}`)
    expect(read(201, data)).toEqual(result)
  })

  it('asks for content by its CID or SHA-1', () => {
    const data = dataOf({ ...search, words: '', cid, sha1 })
    expect(data).toMatch(
      /^FILENAME CONTAINS "" MAX_RESULTS 100 CONTENT "EQUAL TO" "cid:b\w+" CONTENT "EQUAL TO" "urn:sha1:\w+"$/
    )
    expect(read(200, data)).toEqual({ ...search, words: '', cid, sha1 })
  })

  it('is refused when it is broken', () => {
    const song = `"a" ${'0'.repeat(32)} 1 2 3 4`
    for (const bad of ['cid:b', 'cid:b!', `cid:b${'a'.repeat(200)}`, 'urn:sha1:AAAA', 'urn:sha1:'])
      expect(read(100, `${song} ${bad}`)).toMatchObject({ type: 'Unreadable', reason: 'unparsable' })
    expect(read(100, `${song} other:thing`)).toMatchObject({ type: 'Share', song: { cid: undefined, sha1: undefined } })
    expect(() => read(201, `${song} alice 0 3 peer:AA`)).toThrow(ProtocolError)
    expect(() => read(201, `${song} alice 0 3 peer:?`)).toThrow(ProtocolError)
  })
})

describe('frames', () => {
  it('are refused from their length alone if they are longer than 2,048 bytes', () => {
    expect(() => framing.cutter().push(Uint8Array.of(0x01, 0x08, 100, 0))).toThrow(ProtocolError)
    expect(framing.cutter().push(Uint8Array.of(0x00, 0x08, 100, 0))).toEqual([])
  })

  it('say how long they are', () => {
    const { frame } = GENUINE.login as { frame: Uint8Array }
    expect(() => codec.decode(frame.subarray(0, 10), testPeerCodec)).toThrow(ProtocolError)
    expect(() => codec.decode(frame.subarray(0, 3), testPeerCodec)).toThrow(ProtocolError)
  })
})
