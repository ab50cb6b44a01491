import type { Peer } from '@servent/machine'

/*
 * The messages of OpenNap, by the names of its document ("napster.txt"). The number before each is its type on the wire;
 * C is sent by a client, S by the index server. Where a message names a third party, that party also stands in it as a
 * `peer`: this network has no IPv4 addresses.
 */

/** How fast a client says it is: 0 unknown, 1 to 3 modems, 4 56K, 5 64K, 6 128K, 7 cable, 8 DSL, 9 T1, 10 T3 and more. */
export type LinkType = number

/** What a client tells of a file. Name, size and the rates are never checked by anyone. */
export interface SharedSong {
  /** With its folders, if any: `folder\name`. No quote can be in it. */
  readonly name: string
  /** Of the beginning of the audio, 32 hexadecimal digits. The index does not keep it. */
  readonly md5: string
  /** Bytes. */
  readonly size: number
  /** kbit/s. */
  readonly bitrate: number
  /** Hz. */
  readonly frequency: number
  readonly seconds: number
  /** Binary CID of the content. Ours. */
  readonly cid: Uint8Array | undefined
  /** 20 bytes. Ours. */
  readonly sha1: Uint8Array | undefined
}

/** 0 S: the login failed. The connection ends. */
export interface LoginError {
  readonly type: 'LoginError'
  readonly text: string
}

/** 2 C: who I am. 6, a new account, is the same with an e-mail address in place of the build number. */
export interface Login {
  readonly type: 'Login' | 'NewUserLogin'
  readonly nick: string
  readonly password: string
  /** Of the data port; 0 if nobody can connect to us. */
  readonly port: number
  readonly client: string
  readonly link: LinkType
  /** Build number or e-mail address, if given. */
  readonly extra: string | undefined
}

/** 3 S: the login succeeded. */
export interface LoginAck {
  readonly type: 'LoginAck'
  readonly email: string
}

/** 7 C: may I have this nick? 8, 9, 10 S: nobody has it, somebody has, nobody can. */
export interface NickCheck {
  readonly type: 'CheckNick'
  readonly nick: string
}
export interface NickAnswer {
  readonly type: 'NickFree' | 'NickRegistered' | 'InvalidNick'
}

/** 100 C: I share this file. */
export interface Share {
  readonly type: 'Share'
  readonly song: SharedSong
}

/** 870 C: I share these files, all of one folder, whose name goes before theirs. */
export interface ShareFolder {
  readonly type: 'ShareFolder'
  /** Ends with a separator, or is empty. */
  readonly folder: string
  readonly songs: readonly SharedSong[]
}

/** 102 C: I share this file no longer. */
export interface Unshare {
  readonly type: 'Unshare'
  readonly name: string
}

/** 110 C: I share nothing. */
export interface UnshareAll {
  readonly type: 'UnshareAll'
}

export type Comparison = 'AT LEAST' | 'AT BEST' | 'EQUAL TO'

/** A bound on a number. */
export interface Bound {
  readonly comparison: Comparison
  readonly value: number
}

/** 200 C: which files are there? */
export interface Search {
  readonly type: 'Search'
  /** Words that a name must hold. */
  readonly words: string
  /** More of them: the second FILENAME CONTAINS. */
  readonly moreWords: string | undefined
  readonly maxResults: number
  readonly link: Bound | undefined
  readonly bitrate: Bound | undefined
  readonly frequency: Bound | undefined
  /** The very content. Ours. */
  readonly cid: Uint8Array | undefined
  readonly sha1: Uint8Array | undefined
}

/** 201 S: here is one. */
export interface SearchResult {
  readonly type: 'SearchResult'
  readonly song: SharedSong
  readonly nick: string
  /** IPv4, its bytes read little endian; 0 here. */
  readonly address: number
  readonly link: LinkType
  /** Who shares it. Ours. */
  readonly peer: Peer | undefined
}

/** 202 S: that is all. */
export interface SearchEnd {
  readonly type: 'SearchEnd'
}

/** 203 C: I want to download this. 500 C: let its owner connect to me. 206, 609 S: it cannot be had. 607 S: somebody wants it. 608 C: he may. */
export interface FileRequest {
  readonly type:
    | 'DownloadRequest'
    | 'AlternateDownloadRequest'
    | 'GetError'
    | 'UploadRequest'
    | 'AcceptUpload'
    | 'AcceptFailed'
  readonly nick: string
  readonly name: string
}

/** 204 S: where to download from. 501 S, to the owner: whom to connect to, and what to send. */
export interface DownloadAck {
  readonly type: 'DownloadAck' | 'AlternateDownloadAck'
  readonly nick: string
  readonly address: number
  readonly port: number
  readonly name: string
  readonly md5: string
  readonly link: LinkType
  /** Ours, as in {@link SearchResult}. */
  readonly peer: Peer | undefined
  readonly cid: Uint8Array | undefined
  readonly sha1: Uint8Array | undefined
}

/**
 * What has a nick and nothing else: 210 S that user is not here; 211 C what does that user share; 213 S that was all;
 * 603 C who is that; 751 C, S ping a user; 752 C, S the answer.
 */
export interface AboutUser {
  readonly type: 'UserSignoff' | 'Browse' | 'BrowseEnd' | 'Whois' | 'PingUser' | 'Pong'
  readonly nick: string
}

/** 212 S: one file of a user. */
export interface BrowseResult {
  readonly type: 'BrowseResult'
  readonly nick: string
  readonly song: SharedSong
}

/** 214 C empty: how much is there? */
export interface StatsRequest {
  readonly type: 'StatsRequest'
}

/** 214 S: so much. */
export interface Stats {
  readonly type: 'Stats'
  readonly users: number
  readonly files: number
  readonly gigabytes: number
}

/** What is nothing but its type: 218 to 221 C a transfer began or ended; 750 ping, and its answer. */
export interface Bare {
  readonly type: 'DownloadStart' | 'DownloadEnd' | 'UploadStart' | 'UploadEnd' | 'PingServer'
}

/** 604 S: who that is. */
export interface WhoisResponse {
  readonly type: 'WhoisResponse'
  readonly nick: string
  readonly level: string
  /** Since the login. */
  readonly secondsOnline: number
  readonly channels: string
  readonly status: string
  readonly fileCount: number
  readonly downloadCount: number
  readonly uploadCount: number
  readonly link: LinkType
  readonly client: string
}

/** 404 S: that did not work. 621 S: a line of the message of the day. */
export interface Text {
  readonly type: 'Error' | 'MessageOfTheDay'
  readonly text: string
}

/** A command that is not known, or whose parameters cannot be read. It is kept as it came. */
export interface Unreadable {
  readonly type: 'Unreadable'
  readonly code: number
  readonly reason: 'unknown-command' | 'unparsable'
  readonly data: Uint8Array
}

export type Message =
  | LoginError
  | Login
  | LoginAck
  | NickCheck
  | NickAnswer
  | Share
  | ShareFolder
  | Unshare
  | UnshareAll
  | Search
  | SearchResult
  | SearchEnd
  | FileRequest
  | DownloadAck
  | AboutUser
  | BrowseResult
  | StatsRequest
  | Stats
  | Bare
  | WhoisResponse
  | Text
  | Unreadable
