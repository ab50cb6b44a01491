import type { Peer } from '@servent/machine'

declare const requestBrand: unique symbol

/** Names a search or a list of ours: 1, 2, 3, … */
export type RequestId = number & { readonly [requestBrand]: true }

/** A file that an index knows of. */
export interface IndexedFile {
  /** Made safe to be shown and saved. */
  readonly name: string
  /** As it is shared: what `get` wants. */
  readonly sharedName: string
  /** Bytes, as its owner says. */
  readonly size: number
  readonly nick: string
  readonly cid: Uint8Array | undefined
  readonly sha1: Uint8Array | undefined
}

/** We are logged in. */
export interface LoginEvent {
  readonly type: 'login'
  readonly index: Peer
  readonly nick: string
}

/** An index will not have us. */
export interface LoginRefused {
  readonly type: 'login-refused'
  readonly index: Peer
  /** In the index's words. */
  readonly text: string
}

/** The index that we were logged in at is gone. Nothing can be found until another `login`. */
export interface IndexLost {
  readonly type: 'index-lost'
  readonly index: Peer
}

/** The index says something: a line of its message of the day, or what is wrong. */
export interface IndexSays {
  readonly type: 'index-says'
  readonly index: Peer
  readonly isError: boolean
  readonly text: string
}

/** How much there is. */
export interface StatsEvent {
  readonly type: 'stats'
  readonly index: Peer
  readonly users: number
  readonly files: number
  readonly gigabytes: number
}

/** One result of a search. */
export interface NapsterHit extends IndexedFile {
  readonly type: 'napster-hit'
  readonly id: RequestId
  /** Who shares it. */
  readonly peer: Peer
  readonly link: number
  readonly bitrate: number
  readonly frequency: number
  readonly seconds: number
}

/** That was all of a search. */
export interface SearchEnded {
  readonly type: 'search-ended'
  readonly id: RequestId
  readonly hitCount: number
  /** Messages that this search took, both ways: one out, the results, one that ends them. */
  readonly messageCount: number
}

export type FailureReason =
  /** We are logged in nowhere. */
  | 'no-index'
  /** The index went away before it had answered. */
  | 'index-lost'
  | 'timeout'
  /** Too many are waited for already. */
  | 'too-many-requests'

/** A search found nothing, for nobody answered it. */
export interface SearchFailed {
  readonly type: 'search-failed'
  readonly id: RequestId
  readonly reason: FailureReason
}

/** One file of a user that we asked about. */
export interface BrowseFile extends IndexedFile {
  readonly type: 'browse-file'
  readonly id: RequestId
}

/** That was all of a list, or it could not be had. */
export interface BrowseEnded {
  readonly type: 'browse-ended'
  readonly id: RequestId
  readonly fileCount: number
  /** Why there is no more; undefined if there is none. */
  readonly failure: FailureReason | 'no-user' | undefined
}

/** The owner of a file that we asked for lets us have it. */
export interface DownloadReady {
  readonly type: 'download-ready'
  readonly nick: string
  readonly sharedName: string
  readonly peer: Peer | undefined
  /** Whether nobody can connect to its owner: ask for a push. */
  readonly isFirewalled: boolean
  readonly cid: Uint8Array | undefined
  readonly sha1: Uint8Array | undefined
}

/** A file that we asked for cannot be had. */
export interface DownloadRefused {
  readonly type: 'download-refused'
  readonly nick: string
  readonly sharedName: string
}

/** Somebody asked the index for a file of ours, and was told yes. */
export interface UploadRequested {
  readonly type: 'upload-requested'
  readonly nick: string
  /** Index in our library. */
  readonly fileIndex: number
}

/** Somebody who cannot connect to us asks us to connect to him and send a file. */
export interface PushRequested {
  readonly type: 'push-requested'
  readonly nick: string
  readonly peer: Peer
  readonly fileIndex: number
}

/** A user answered our ping. */
export interface PongEvent {
  readonly type: 'pong'
  readonly nick: string
}

export type NapsterEvent =
  | LoginEvent
  | LoginRefused
  | IndexLost
  | IndexSays
  | StatsEvent
  | NapsterHit
  | SearchEnded
  | SearchFailed
  | BrowseFile
  | BrowseEnded
  | DownloadReady
  | DownloadRefused
  | UploadRequested
  | PushRequested
  | PongEvent
