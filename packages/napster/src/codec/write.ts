import type { PeerCodec } from '@servent/machine'
import type { DownloadAck, Login, Message, ShareFolder, Unreadable, WhoisResponse } from '../messages.ts'
import { quoted } from './fields.ts'
import { writeSearch } from './search.ts'
import { writeExtensions, writeSong, writeSongWhole } from './song.ts'

/** The data of a message, as text. */
export function writeData(message: Exclude<Message, Unreadable>, peers: PeerCodec): string {
  switch (message.type) {
    case 'LoginError':
    case 'Error':
    case 'MessageOfTheDay':
      return message.text
    case 'Login':
    case 'NewUserLogin':
      return writeLogin(message)
    case 'LoginAck':
      return message.email
    case 'Share':
      return writeSongWhole(message.song)
    case 'ShareFolder':
      return writeFolder(message)
    case 'Unshare':
      return message.name
    case 'Search':
      return writeSearch(message)
    case 'SearchResult': {
      const { song, nick, address, link, peer } = message
      return `${writeSong(song)} ${nick} ${address} ${link}${writeExtensions(song, peer, peers)}`
    }
    case 'BrowseResult':
      return `${message.nick} ${writeSongWhole(message.song)}`
    case 'DownloadRequest':
    case 'AlternateDownloadRequest':
    case 'GetError':
    case 'UploadRequest':
    case 'AcceptUpload':
    case 'AcceptFailed':
      return `${message.nick} ${quoted(message.name)}`
    case 'DownloadAck':
    case 'AlternateDownloadAck':
      return writeDownloadAck(message, peers)
    case 'CheckNick':
    case 'UserSignoff':
    case 'Browse':
    case 'BrowseEnd':
    case 'Whois':
    case 'PingUser':
    case 'Pong':
      return message.nick
    case 'Stats':
      return `${message.users} ${message.files} ${message.gigabytes}`
    case 'WhoisResponse':
      return writeWhois(message)
    default:
      // The others are nothing but their type.
      return ''
  }
}

function writeLogin({ nick, password, port, client, link, extra }: Login): string {
  return `${nick} ${password} ${port} ${quoted(client)} ${link}${extra === undefined ? '' : ` ${extra}`}`
}

function writeFolder({ folder, songs }: ShareFolder): string {
  let text = quoted(folder)
  for (const song of songs) text += ` ${writeSongWhole(song)}`
  return text
}

function writeDownloadAck(message: DownloadAck, peers: PeerCodec): string {
  const { nick, address, port, name, md5, link, peer } = message
  const extensions = writeExtensions(message, peer, peers)
  return `${nick} ${address} ${port} ${quoted(name)} ${md5} ${link}${extensions}`
}

function writeWhois(message: WhoisResponse): string {
  const { nick, level, secondsOnline, channels, status, fileCount, downloadCount, uploadCount, link, client } = message
  const counts = `${fileCount} ${downloadCount} ${uploadCount} ${link}`
  return `${nick} ${quoted(level)} ${secondsOnline} ${quoted(channels)} ${quoted(status)} ${counts} ${quoted(client)}`
}
