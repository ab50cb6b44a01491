import type { Peer } from '@servent/machine'
import type { NapsterConfig } from './config.ts'
import type { DropReason } from './drops.ts'
import type { DownloadAck, FileRequest, Message, SharedSong } from './messages.ts'
import { NO_MD5 } from './segment.ts'
import { requestKey, type Session, type UploadRequest } from './session.ts'

/** What an upload desk needs of its server. */
export interface UploadDeskOffice {
  now(): number
  sessionOf(peer: Peer): Session | undefined
  songOf(owner: number, name: string): SharedSong | undefined
  send(session: Session, message: Message): void
  drop(reason: DropReason): void
}

/**
 * Brings together who wants a file and who has it. A sharer that can be connected to is asked first (607) and the other
 * told when it accepts (204). One that cannot is told of at once, so that the other can ask for a push (500); when the
 * sharer accepts that, it is told whom to connect to (501).
 */
export class UploadDesk {
  readonly #config: Readonly<NapsterConfig>
  readonly #office: UploadDeskOffice
  /** Sharers that have something to answer. */
  readonly #busy = new Set<Session>()

  constructor(config: Readonly<NapsterConfig>, office: UploadDeskOffice) {
    this.#config = config
    this.#office = office
  }

  /** Requests that have not been answered. */
  get count(): number {
    let count = 0
    for (const { uploadRequests } of this.#busy) count += uploadRequests?.size ?? 0
    return count
  }

  onRequest(asker: Session, sharer: Session | undefined, { type, nick, name }: FileRequest): void {
    const song = sharer === undefined ? undefined : this.#office.songOf(sharer.owner, name)
    if (sharer === undefined || song === undefined) {
      this.#office.drop(sharer === undefined ? 'unknown-user' : 'unknown-song')
      this.#office.send(asker, { type: 'GetError', nick, name })
      return
    }
    const isPush = type === 'AlternateDownloadRequest'
    if (isPush && !sharer.isFirewalled) {
      this.#office.drop('not-firewalled')
      this.#office.send(asker, { type: 'Error', text: `${nick} is not firewalled` })
      return
    }
    if (!isPush && sharer.isFirewalled) this.#office.send(asker, ack('DownloadAck', sharer, song))
    else this.#ask(sharer, asker, name, isPush)
  }

  onAccept(sharer: Session, { nick, name }: FileRequest): void {
    const key = requestKey(nick, name)
    const request = sharer.uploadRequests?.get(key)
    if (request === undefined) return this.#office.drop('unknown-request')
    this.#close(sharer, key)
    const asker = this.#office.sessionOf(request.asker)
    if (asker === undefined) return this.#office.drop('unknown-user')
    const song = this.#office.songOf(sharer.owner, name)
    if (song === undefined) return this.#fail(sharer, request)
    if (request.isPush) this.#office.send(sharer, ack('AlternateDownloadAck', asker, song))
    else this.#office.send(asker, ack('DownloadAck', sharer, song))
  }

  /** Gives up what has not been answered in time. */
  expire(): void {
    const now = this.#office.now()
    for (const sharer of this.#busy) {
      for (const [key, request] of sharer.uploadRequests ?? []) {
        if (request.until > now) continue
        this.#close(sharer, key)
        this.#office.drop('request-expired')
        this.#fail(sharer, request)
      }
    }
  }

  /** A user has gone. */
  forget(sharer: Session): void {
    this.#busy.delete(sharer)
    for (const request of sharer.uploadRequests?.values() ?? []) this.#fail(sharer, request)
    sharer.uploadRequests = undefined
  }

  #ask(sharer: Session, asker: Session, name: string, isPush: boolean): void {
    sharer.uploadRequests ??= new Map()
    const key = requestKey(asker.nick, name)
    if (sharer.uploadRequests.size >= this.#config.uploadRequestsMax && !sharer.uploadRequests.has(key)) {
      this.#office.drop('upload-requests-full')
      this.#office.send(asker, { type: 'AcceptFailed', nick: sharer.nick, name })
      return
    }
    const until = this.#office.now() + this.#config.uploadRequestMs
    sharer.uploadRequests.set(key, { asker: asker.peer, askerNick: asker.nick, name, isPush, until })
    this.#busy.add(sharer)
    this.#office.send(sharer, { type: 'UploadRequest', nick: asker.nick, name })
  }

  #close(sharer: Session, key: string): void {
    sharer.uploadRequests?.delete(key)
    if (sharer.uploadRequests?.size === 0) this.#busy.delete(sharer)
  }

  #fail(sharer: Session, { asker, name }: UploadRequest): void {
    const session = this.#office.sessionOf(asker)
    if (session !== undefined) this.#office.send(session, { type: 'AcceptFailed', nick: sharer.nick, name })
  }
}

function ack(type: DownloadAck['type'], { nick, peer, port, link }: Session, song: SharedSong): DownloadAck {
  const { name, cid, sha1 } = song
  return { type, nick, address: 0, port, name, md5: NO_MD5, link, peer, cid, sha1 }
}
