import type { Peer } from '@servent/machine'
import type { LinkType, Login } from './messages.ts'

/** A file of a user that another one asked for. */
export interface UploadRequest {
  readonly asker: Peer
  readonly askerNick: string
  readonly name: string
  /** Whether the owner is to connect to whoever asks. */
  readonly isPush: boolean
  readonly until: number
}

/** One connected peer, as an index server sees it: a stranger until it has logged in, a user then. */
export class Session {
  readonly peer: Peer
  readonly nick: string
  /** When it connected, then when it logged in. */
  since: number
  /** Its number in the index; 0 for a stranger. */
  owner = 0
  port = 0
  link: LinkType = 0
  client = ''
  downloadCount = 0
  uploadCount = 0
  /** What it has not answered yet, by {@link requestKey}. */
  uploadRequests: Map<string, UploadRequest> | undefined = undefined
  // Token buckets, see token-bucket.ts.
  messagesFullAt = 0
  searchesFullAt = 0
  songsFullAt = 0

  constructor(peer: Peer, nick: string, now: number) {
    this.peer = peer
    this.nick = nick
    this.since = now
  }

  get isUser(): boolean {
    return this.owner !== 0
  }

  get isFirewalled(): boolean {
    return this.port === 0
  }

  logIn({ port, link, client }: Login, owner: number, now: number): void {
    this.port = port
    this.link = link
    this.client = client
    this.owner = owner
    this.since = now
  }
}

/** Names a request among those of one owner. */
export function requestKey(askerNick: string, name: string): string {
  return `${askerNick} ${name}`
}
