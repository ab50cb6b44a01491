import { keywords } from '@servent/library'
import type { Host, Machine, Peer } from '@servent/machine'
import { utf8Size } from '@servent/wire'
import { checkConfig, type NapsterConfig } from './config.ts'
import { DropCounter, type DropReason, type Drops } from './drops.ts'
import type { NapsterEvent } from './events.ts'
import { IndexClient } from './index-client.ts'
import { Loopback } from './loopback.ts'
import type { Bound, Login, Message, Search, SharedSong, Unreadable } from './messages.ts'
import { isIndexable } from './names.ts'
import { nickOf } from './nick.ts'
import { Session } from './session.ts'
import { SongIndex } from './song-index.ts'
import { take } from './token-bucket.ts'
import { UploadDesk } from './upload-desk.ts'

const TIMER_MAINTENANCE = 1

const GIBIBYTE = 2 ** 30

/**
 * The index server: users tell it what they share, and ask it who shares what. Files never pass through it.
 *
 * 1. A user is a connected peer; its nick is computed from its key. What it shares goes when it goes.
 * 2. Whoever runs the server uses it too, by the `operator`, a client within the same process.
 * 3. Users, songs, requests and rates are bounded; what is over is counted in `drops`, and the user is told.
 */
export class IndexServer implements Machine<Message> {
  /** The client of whoever runs this server: what it shares is in the index, what it asks is answered at once. */
  readonly operator: IndexClient
  readonly #host: Host<Message, NapsterEvent>
  readonly #config: Readonly<NapsterConfig>
  readonly #loopback: Loopback
  readonly #songs: SongIndex
  readonly #sessions = new Map<Peer, Session>()
  readonly #users = new Map<string, Session>()
  readonly #owners: (Session | undefined)[] = []
  readonly #drops = new DropCounter()
  readonly #uploads: UploadDesk

  constructor(host: Host<Message, NapsterEvent>, config: Readonly<NapsterConfig>) {
    checkConfig(config)
    this.#host = host
    this.#config = config
    const { songsMax, candidatesMax } = config
    this.#songs = new SongIndex({ songsMax, candidatesMax, seed: Math.floor(host.random() * 2 ** 31) })
    this.#loopback = new Loopback(host, this)
    this.operator = new IndexClient(this.#loopback, config)
    this.#loopback.attach(this.operator)
    this.#uploads = new UploadDesk(config, {
      now: () => host.now(),
      sessionOf: (peer) => this.#sessions.get(peer),
      songOf: (owner, name) => this.#songs.find(owner, name),
      send: (session, message) => this.#send(session, message),
      drop: (reason) => this.#drops.add(reason),
    })
  }

  /** Peers that are connected, logged in or not, ourselves left out. */
  get users(): readonly Peer[] {
    return [...this.#sessions.keys()].filter((peer) => peer !== this.#host.self)
  }

  /** How many peers are connected. */
  get connectionCount(): number {
    return this.#sessions.size - (this.#sessions.has(this.#host.self) ? 1 : 0)
  }

  get userCount(): number {
    return this.#users.size
  }

  get songCount(): number {
    return this.#songs.songCount
  }

  /** Requests for files that have not been answered. */
  get uploadRequestCount(): number {
    return this.#uploads.count
  }

  get drops(): Drops {
    return this.#drops.counts
  }

  start(): void {
    this.#host.setTimer(TIMER_MAINTENANCE, this.#config.maintenanceIntervalMs)
    this.operator.start()
    this.operator.addIndex(this.#host.self)
  }

  stop(): void {
    this.#loopback.stop()
    this.operator.stop()
    for (const session of [...this.#sessions.values()]) this.#forget(session)
  }

  onPeerConnected(peer: Peer): void {
    if (this.#sessions.has(peer)) return
    if (peer !== this.#host.self && this.connectionCount >= this.#config.usersMax) {
      this.#drops.add('users-full')
      this.#host.send(peer, { type: 'LoginError', text: 'the server is full' })
      this.#host.disconnect(peer)
      return
    }
    this.#sessions.set(peer, new Session(peer, nickOf(this.#host.keyOf(peer)), this.#host.now()))
  }

  onPeerDisconnected(peer: Peer): void {
    const session = this.#sessions.get(peer)
    if (session !== undefined) this.#forget(session)
  }

  onTimer(timer: number, arg: number): void {
    if (timer === TIMER_MAINTENANCE) this.#maintain()
    else this.#loopback.onTimer(timer, arg)
  }

  onMessage(from: Peer, message: Message): void {
    const session = this.#sessions.get(from)
    if (session === undefined) return
    const { messageIntervalMs, messageBurst } = this.#config
    // What the operator does is ours.
    if (from !== this.#host.self) {
      const fullAt = take(session.messagesFullAt, this.#host.now(), messageIntervalMs, messageBurst)
      if (fullAt === undefined) return this.#drops.add('message-limit')
      session.messagesFullAt = fullAt
    }
    if (session.isUser) this.#onUser(session, message)
    else this.#onStranger(session, message)
  }

  #onStranger(session: Session, message: Message): void {
    switch (message.type) {
      case 'Login':
      case 'NewUserLogin':
        return this.#onLogin(session, message)
      case 'CheckNick':
        if (message.nick === session.nick) return this.#send(session, { type: 'NickFree' })
        this.#drops.add('invalid-nick')
        return this.#send(session, { type: 'InvalidNick' })
      // What an index says to its users is no answer to ours.
      case 'LoginError':
      case 'Error':
        return this.#drops.add('unexpected-message')
      default:
        return this.#refuse(session, 'not-logged-in', 'invalid command')
    }
  }

  #onLogin(session: Session, login: Login): void {
    if (login.nick !== session.nick) {
      this.#drops.add('invalid-nick')
      this.#send(session, { type: 'InvalidNick' })
      return this.#hangUp(session)
    }
    session.logIn(login, this.#songs.addOwner(), this.#host.now())
    this.#owners[session.owner] = session
    this.#users.set(session.nick, session)
    this.#send(session, { type: 'LoginAck', email: this.#config.email })
    for (const text of this.#config.messageOfTheDay) this.#send(session, { type: 'MessageOfTheDay', text })
    this.#onStats(session)
  }

  #onUser(session: Session, message: Message): void {
    switch (message.type) {
      case 'Share':
        return this.#onShare(session, '', [message.song])
      case 'ShareFolder':
        return this.#onShare(session, message.folder, message.songs)
      case 'Unshare':
        if (!this.#songs.remove(session.owner, message.name)) this.#drops.add('unknown-song')
        return
      case 'UnshareAll':
        return this.#songs.removeAll(session.owner)
      case 'Search':
        return this.#onSearch(session, message)
      case 'Browse':
        return this.#onBrowse(session, message.nick)
      case 'StatsRequest':
        return this.#onStats(session)
      case 'Whois':
        return this.#onWhois(session, message.nick)
      case 'DownloadRequest':
      case 'AlternateDownloadRequest':
        return this.#uploads.onRequest(session, this.#users.get(message.nick), message)
      case 'AcceptUpload':
        return this.#uploads.onAccept(session, message)
      case 'Unreadable':
        return this.#onUnreadable(session, message)
      case 'Login':
      case 'NewUserLogin':
        return this.#refuse(session, 'already-logged-in', `${session.nick} is already active`)
      default:
        return this.#onLesser(session, message)
    }
  }

  #onLesser(session: Session, message: Message): void {
    switch (message.type) {
      case 'DownloadStart':
        session.downloadCount++
        return
      case 'DownloadEnd':
        session.downloadCount = Math.max(session.downloadCount - 1, 0)
        return
      case 'UploadStart':
        session.uploadCount++
        return
      case 'UploadEnd':
        session.uploadCount = Math.max(session.uploadCount - 1, 0)
        return
      case 'PingServer':
        return this.#send(session, { type: 'PingServer' })
      case 'PingUser':
      case 'Pong':
        return this.#passOn(session, message.type, message.nick)
      case 'CheckNick':
        return this.#send(session, { type: message.nick === session.nick ? 'NickRegistered' : 'InvalidNick' })
      default:
        return this.#drops.add('unexpected-message')
    }
  }

  #onShare(session: Session, folder: string, songs: readonly SharedSong[]): void {
    const { songIntervalMs, songBurst, userSongsMax, songsMax } = this.#config
    const fullAt = take(session.songsFullAt, this.#host.now(), songIntervalMs, songBurst, songs.length)
    if (fullAt === undefined) return this.#complain(session, 'song-limit', 'you are sharing files too fast')
    session.songsFullAt = fullAt
    for (const song of songs) {
      const name = folder + song.name
      if (!isIndexable(name, utf8Size(name))) {
        this.#drops.add('bad-name')
        continue
      }
      if (this.#songs.songCountOf(session.owner) >= userSongsMax)
        return this.#complain(session, 'user-songs-full', `you are sharing ${userSongsMax} files, which is the limit`)
      const how = this.#songs.add(session.owner, folder === '' ? song : { ...song, name })
      if (how === 'duplicate') this.#drops.add('duplicate-song')
      if (how === 'index-full')
        return this.#complain(session, 'index-full', `the index holds ${songsMax} files, which is the limit`)
    }
  }

  #onSearch(session: Session, search: Search): void {
    const { searchIntervalMs, searchBurst, resultsMax } = this.#config
    const fullAt = take(session.searchesFullAt, this.#host.now(), searchIntervalMs, searchBurst)
    if (fullAt === undefined) {
      this.#complain(session, 'search-limit', 'you are searching too often')
      return this.#send(session, { type: 'SearchEnd' })
    }
    session.searchesFullAt = fullAt
    const { words: first, moreWords, cid, sha1, link, bitrate, frequency } = search
    const words = keywords(moreWords === undefined ? first : `${first} ${moreWords}`)
    const accepts = (owner: number, itsBitrate: number, itsFrequency: number): boolean =>
      holds(link, this.#owners[owner]?.link ?? 0) && holds(bitrate, itsBitrate) && holds(frequency, itsFrequency)
    const found = this.#songs.search({ words, cid, sha1, accepts }, Math.min(search.maxResults, resultsMax))
    for (const { owner, song } of found) {
      const sharer = this.#owners[owner]
      if (sharer === undefined) continue
      const { nick, peer, link } = sharer
      this.#send(session, { type: 'SearchResult', song, nick, address: 0, link, peer })
    }
    this.#send(session, { type: 'SearchEnd' })
  }

  #onBrowse(session: Session, nick: string): void {
    const user = this.#users.get(nick)
    if (user === undefined) {
      this.#drops.add('unknown-user')
      this.#send(session, { type: 'UserSignoff', nick })
    } else {
      for (const song of this.#songs.songsOf(user.owner, this.#config.browseMax))
        this.#send(session, { type: 'BrowseResult', nick, song })
    }
    this.#send(session, { type: 'BrowseEnd', nick })
  }

  #onStats(session: Session): void {
    const gigabytes = Math.floor(this.#songs.byteCount / GIBIBYTE)
    const stats = { users: this.#users.size, files: this.#songs.songCount, gigabytes: Math.min(gigabytes, 0xffffffff) }
    this.#send(session, { type: 'Stats', ...stats })
  }

  #onWhois(session: Session, nick: string): void {
    const user = this.#users.get(nick)
    if (user === undefined) return this.#complain(session, 'unknown-user', `${nick} is not online`)
    const { downloadCount, uploadCount, link, client, since } = user
    this.#send(session, {
      type: 'WhoisResponse',
      nick,
      level: 'User',
      secondsOnline: Math.floor((this.#host.now() - since) / 1000),
      channels: ' ',
      status: 'Active',
      fileCount: this.#songs.songCountOf(user.owner),
      downloadCount,
      uploadCount,
      link,
      client,
    })
  }

  #passOn(session: Session, type: 'PingUser' | 'Pong', nick: string): void {
    const user = this.#users.get(nick)
    if (user === undefined) return this.#complain(session, 'unknown-user', `${nick} is not online`)
    this.#send(user, { type, nick: session.nick })
  }

  #onUnreadable(session: Session, { code, reason }: Unreadable): void {
    const text = reason === 'unparsable' ? 'parameters are unparsable' : `Unknown command code ${code}`
    this.#complain(session, reason, text)
  }

  #maintain(): void {
    const { maintenanceIntervalMs, loginTimeoutMs, compactionSongs } = this.#config
    this.#host.setTimer(TIMER_MAINTENANCE, maintenanceIntervalMs)
    const now = this.#host.now()
    for (const session of [...this.#sessions.values()]) {
      if (session.isUser || now - session.since < loginTimeoutMs) continue
      this.#refuse(session, 'login-timeout', 'login timed out')
    }
    this.#uploads.expire()
    this.#songs.compact(compactionSongs)
  }

  /** Tells a user what is wrong. */
  #complain(session: Session, reason: DropReason, text: string): void {
    this.#drops.add(reason)
    this.#send(session, { type: 'Error', text })
  }

  /** Tells a peer what is wrong, and ends its connection. */
  #refuse(session: Session, reason: DropReason, text: string): void {
    this.#drops.add(reason)
    this.#send(session, { type: 'LoginError', text })
    this.#hangUp(session)
  }

  #hangUp(session: Session): void {
    this.#forget(session)
    if (session.peer === this.#host.self) this.#loopback.disconnect()
    else this.#host.disconnect(session.peer)
  }

  #forget(session: Session): void {
    this.#sessions.delete(session.peer)
    if (!session.isUser) return
    this.#users.delete(session.nick)
    this.#owners[session.owner] = undefined
    this.#songs.removeOwner(session.owner)
    session.owner = 0
    this.#uploads.forget(session)
  }

  #send(session: Session, message: Message): void {
    if (session.peer === this.#host.self) this.#loopback.deliver(message)
    else this.#host.send(session.peer, message)
  }
}

function holds(bound: Bound | undefined, value: number): boolean {
  if (bound === undefined) return true
  if (bound.comparison === 'AT LEAST') return value >= bound.value
  return bound.comparison === 'AT BEST' ? value <= bound.value : value === bound.value
}
