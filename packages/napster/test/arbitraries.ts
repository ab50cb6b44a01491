import { toPeer } from '@servent/machine'
import { testKeyOf } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { type Message, nickOf, type SharedSong } from '../src/index.ts'

const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xffffffff)

/** Peers that the sequences of a compliance test draw from, and others. */
const peer = fc.oneof(fc.nat(10), u32).map(toPeer)

export const nick = fc.oneof(
  peer.map((named) => nickOf(testKeyOf(named))),
  fc.constantFrom('alice', 'bob')
)

/** No quote, for none can be written; no lone surrogate, for UTF-8 has none. */
const text = (maxLength: number) =>
  fc
    .oneof(
      fc.constantFrom('', 'alpha', 'Alpha Song.txt', 'Ärger über Öl', '東京'),
      fc.string({ unit: 'binary', maxLength })
    )
    .map((drawn) => drawn.replaceAll('"', '').slice(0, maxLength).toWellFormed())

export const name = fc.oneof(
  fc.constantFrom('alpha song', 'Beta Song.mp3', 'folder\\gamma.ogg'),
  text(40).map((drawn) => `a${drawn}`)
)

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const sha1 = optional(fc.uint8Array({ minLength: 20, maxLength: 20 }))
const cid = optional(fc.uint8Array({ minLength: 1, maxLength: 68 }))
const md5 = fc.constantFrom('0'.repeat(32), 'b92870e0d41bc8e698cf2f0a1ddfeac7')

const song: fc.Arbitrary<SharedSong> = fc.record({
  name,
  md5,
  size: fc.oneof(u32, fc.constant(Number.MAX_SAFE_INTEGER)),
  bitrate: u16,
  frequency: u32,
  seconds: u32,
  cid,
  sha1,
})

const type = <Type extends string>(...types: Type[]) => fc.constantFrom(...types)
const comparison = type('AT LEAST', 'AT BEST', 'EQUAL TO')
const bound = optional(fc.record({ comparison, value: u32 }))
const link = fc.nat(10)

const unreadable = fc.oneof(
  fc.record({
    code: fc.constantFrom(1, 205, 1234, 65_535),
    reason: fc.constant('unknown-command' as const),
    data: fc.uint8Array({ maxLength: 40 }),
  }),
  fc.record({
    code: fc.constantFrom(2, 100, 200, 201),
    reason: fc.constant('unparsable' as const),
    data: fc.constantFrom('garbage', '"never ends', '"a" b c').map((drawn) => Uint8Array.from(Buffer.from(drawn))),
  })
)

/** Well-typed messages of every type. */
export const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: type('LoginError', 'Error', 'MessageOfTheDay'), text: text(40) }),
  fc.record({
    type: type('Login', 'NewUserLogin'),
    nick,
    password: fc.constant('secret'),
    port: fc.oneof(fc.constant(0), u16),
    client: text(20),
    link,
    extra: fc.constantFrom(undefined, '42', 'a@b'),
  }),
  fc.record({ type: type('LoginAck'), email: fc.constant('anon@localhost') }),
  fc.record({ type: type('NickFree', 'NickRegistered', 'InvalidNick') }),
  fc.record({ type: type('Share'), song }),
  fc.record({
    type: type('ShareFolder'),
    folder: fc.constantFrom('', 'C:\\MP3\\'),
    songs: fc.array(song, { maxLength: 4 }),
  }),
  fc.record({ type: type('Unshare'), name }),
  fc.record({
    type: type('UnshareAll', 'SearchEnd', 'StatsRequest', 'PingServer'),
  }),
  fc.record({ type: type('DownloadStart', 'DownloadEnd', 'UploadStart', 'UploadEnd') }),
  fc.record({
    type: type('Search'),
    words: text(20),
    moreWords: optional(text(20)),
    maxResults: u16,
    link: bound,
    bitrate: bound,
    frequency: bound,
    cid,
    sha1,
  }),
  fc.record({ type: type('SearchResult'), song, nick, address: u32, link, peer: optional(peer) }),
  fc.record({ type: type('BrowseResult'), nick, song }),
  fc.record({
    type: type(
      'DownloadRequest',
      'AlternateDownloadRequest',
      'GetError',
      'UploadRequest',
      'AcceptUpload',
      'AcceptFailed'
    ),
    nick,
    name,
  }),
  fc.record({
    type: type('DownloadAck', 'AlternateDownloadAck'),
    nick,
    address: u32,
    port: u16,
    name,
    md5,
    link,
    peer: optional(peer),
    cid,
    sha1,
  }),
  fc.record({
    type: type('CheckNick', 'UserSignoff', 'Browse', 'BrowseEnd', 'Whois', 'PingUser', 'Pong'),
    nick,
  }),
  fc.record({ type: type('Stats'), users: u32, files: u32, gigabytes: u32 }),
  fc.record({
    type: type('WhoisResponse'),
    nick,
    level: text(10),
    secondsOnline: u32,
    channels: text(10),
    status: text(10),
    fileCount: u32,
    downloadCount: u32,
    uploadCount: u32,
    link,
    client: text(20),
  }),
  unreadable.map((drawn) => ({ type: 'Unreadable' as const, ...drawn }))
)
