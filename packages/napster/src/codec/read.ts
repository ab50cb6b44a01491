import type { PeerCodec } from '@servent/machine'
import type { DownloadAck, FileRequest, Login, Message, SharedSong, ShareFolder } from '../messages.ts'
import { CODES } from './codes.ts'
import type { Fields } from './fields.ts'
import { readSearch } from './search.ts'
import { readExtensions, readSong } from './song.ts'

const U16 = 0xffff
const U32 = 0xffffffff
/** Ours: OpenNap knows 0 to 10, and does not check. */
const LINK_MAX = 255

type Reader = (fields: Fields, peers: PeerCodec) => Message

/** How the data of each type is read. */
export const READERS: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [CODES.LoginError, (fields) => ({ type: 'LoginError', text: fields.rest() })],
  [CODES.Login, (fields) => readLogin('Login', fields)],
  [CODES.LoginAck, (fields) => ({ type: 'LoginAck', email: fields.rest() })],
  [CODES.NewUserLogin, (fields) => readLogin('NewUserLogin', fields)],
  [CODES.CheckNick, aboutUser('CheckNick')],
  [CODES.NickFree, bare('NickFree')],
  [CODES.NickRegistered, bare('NickRegistered')],
  [CODES.InvalidNick, bare('InvalidNick')],
  [CODES.Share, (fields) => ({ type: 'Share', song: readSongWhole(fields) })],
  [CODES.Unshare, (fields) => ({ type: 'Unshare', name: readName(fields) })],
  [CODES.UnshareAll, bare('UnshareAll')],
  [CODES.Search, readSearch],
  [CODES.SearchResult, readSearchResult],
  [CODES.SearchEnd, bare('SearchEnd')],
  [CODES.DownloadRequest, fileRequest('DownloadRequest')],
  [CODES.DownloadAck, (fields, peers) => readDownloadAck('DownloadAck', fields, peers)],
  [CODES.GetError, fileRequest('GetError')],
  [CODES.UserSignoff, aboutUser('UserSignoff')],
  [CODES.Browse, aboutUser('Browse')],
  [CODES.BrowseResult, (fields) => ({ type: 'BrowseResult', nick: fields.word(), song: readSongWhole(fields) })],
  [CODES.BrowseEnd, aboutUser('BrowseEnd')],
  [CODES.Stats, readStats],
  [CODES.DownloadStart, bare('DownloadStart')],
  [CODES.DownloadEnd, bare('DownloadEnd')],
  [CODES.UploadStart, bare('UploadStart')],
  [CODES.UploadEnd, bare('UploadEnd')],
  [CODES.Error, (fields) => ({ type: 'Error', text: fields.rest() })],
  [CODES.AlternateDownloadRequest, fileRequest('AlternateDownloadRequest')],
  [CODES.AlternateDownloadAck, (fields, peers) => readDownloadAck('AlternateDownloadAck', fields, peers)],
  [CODES.Whois, aboutUser('Whois')],
  [CODES.WhoisResponse, readWhois],
  [CODES.UploadRequest, fileRequest('UploadRequest')],
  [CODES.AcceptUpload, fileRequest('AcceptUpload')],
  [CODES.AcceptFailed, fileRequest('AcceptFailed')],
  [CODES.MessageOfTheDay, (fields) => ({ type: 'MessageOfTheDay', text: fields.rest() })],
  [CODES.PingServer, bare('PingServer')],
  [CODES.PingUser, aboutUser('PingUser')],
  [CODES.Pong, aboutUser('Pong')],
  [CODES.ShareFolder, readFolder],
])

type BareType = Extract<
  Message['type'],
  | 'NickFree'
  | 'NickRegistered'
  | 'InvalidNick'
  | 'UnshareAll'
  | 'SearchEnd'
  | 'DownloadStart'
  | 'DownloadEnd'
  | 'UploadStart'
  | 'UploadEnd'
  | 'PingServer'
>

/** What stands behind a message that has no parameters is passed over, as OpenNap does. */
function bare(type: BareType): Reader {
  return () => ({ type })
}

type AboutType = Extract<
  Message['type'],
  'CheckNick' | 'UserSignoff' | 'Browse' | 'BrowseEnd' | 'Whois' | 'PingUser' | 'Pong'
>

function aboutUser(type: AboutType): Reader {
  return (fields) => ({ type, nick: fields.word() })
}

/** Behind a 607 a newer OpenNap writes the speed of whoever asks: passed over. */
function fileRequest(type: FileRequest['type']): Reader {
  return (fields) => ({ type, nick: fields.word(), name: fields.text() })
}

function readLogin(type: Login['type'], fields: Fields): Login {
  return {
    type,
    nick: fields.word(),
    password: fields.word(),
    port: fields.integer(U16),
    client: fields.text(),
    link: fields.integer(LINK_MAX),
    extra: fields.isAtEnd ? undefined : fields.rest(),
  }
}

function readSongWhole(fields: Fields): SharedSong {
  const song = readSong(fields)
  const { cid, sha1 } = readExtensions(fields)
  return { ...song, cid, sha1 }
}

/** A name that is all there is: in quotes or without. */
function readName(fields: Fields): string {
  const name = fields.lastText()
  if (name === '') fields.refuse()
  return name
}

function readFolder(fields: Fields): ShareFolder {
  const folder = fields.text()
  const songs: SharedSong[] = []
  while (!fields.isAtEnd && !fields.isBad) songs.push(readSongWhole(fields))
  return { type: 'ShareFolder', folder, songs }
}

function readSearchResult(fields: Fields, peers: PeerCodec): Message {
  const song = readSong(fields)
  const nick = fields.word()
  const address = fields.integer(U32)
  const link = fields.integer(LINK_MAX)
  const { cid, sha1, peer } = readExtensions(fields, peers)
  return { type: 'SearchResult', song: { ...song, cid, sha1 }, nick, address, link, peer }
}

function readDownloadAck(type: DownloadAck['type'], fields: Fields, peers: PeerCodec): DownloadAck {
  return {
    type,
    nick: fields.word(),
    address: fields.integer(U32),
    port: fields.integer(U16),
    name: fields.text(),
    md5: fields.word(),
    link: fields.integer(LINK_MAX),
    ...readExtensions(fields, peers),
  }
}

function readStats(fields: Fields): Message {
  if (fields.isAtEnd) return { type: 'StatsRequest' }
  const [users, files, gigabytes] = [fields.integer(U32), fields.integer(U32), fields.integer(U32)]
  return { type: 'Stats', users, files, gigabytes }
}

function readWhois(fields: Fields): Message {
  return {
    type: 'WhoisResponse',
    nick: fields.word(),
    level: fields.text(),
    secondsOnline: fields.integer(U32),
    channels: fields.text(),
    status: fields.text(),
    fileCount: fields.integer(U32),
    downloadCount: fields.integer(U32),
    uploadCount: fields.integer(U32),
    link: fields.integer(LINK_MAX),
    client: fields.text(),
  }
}
