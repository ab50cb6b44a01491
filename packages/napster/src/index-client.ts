import type { Host, Machine, Peer } from '@servent/machine'
import { checkConfig, type NapsterConfig } from './config.ts'
import { DropCounter, type Drops } from './drops.ts'
import type { FailureReason, NapsterEvent, RequestId } from './events.ts'
import { KnownIndexes } from './known-indexes.ts'
import type { DownloadAck, FileRequest, Message } from './messages.ts'
import { nickOf } from './nick.ts'
import { OpenRequests } from './requests.ts'
import { makeSearch, type SearchOptions } from './search.ts'
import { Shares } from './shares.ts'

const TIMER_LOGIN = 1
const TIMER_RETRY = 2
const TIMER_LIBRARY = 3
const TIMER_SHARE = 4
const TIMER_ANSWER = 5

/** Ours: the password that OpenNap's grammar wants. Nobody looks at it: who a peer is, its connection proves. */
const PASSWORD = 'none'

/** What a transfer does, as an index counts it. */
export type TransferReport = 'DownloadStart' | 'DownloadEnd' | 'UploadStart' | 'UploadEnd'

/** Where a client stands with its index. */
export type ClientState = 'no-index' | 'connecting' | 'logging-in' | 'logged-in' | 'waiting'

/**
 * A user of an index server: logs in at one of the indexes it knows, tells it what the library shares, and asks it.
 *
 * 1. One index at a time. When it goes, everything that it was asked fails, and after a pause the next one is tried.
 * 2. Nothing is asked without an index: a search then fails at once, and says so.
 * 3. An answer has to be what was asked for, and its sharer who he says he is. What is not is counted in `drops`.
 */
export class IndexClient implements Machine<Message> {
  /** Our nick: computed from our key. */
  readonly nick: string
  readonly #host: Host<Message, NapsterEvent>
  readonly #config: Readonly<NapsterConfig>
  readonly #known: KnownIndexes
  readonly #drops = new DropCounter()
  readonly #requests: OpenRequests
  #shares: Shares
  #state: ClientState = 'no-index'
  #index: Peer | undefined = undefined
  /** Grows with every change of index or state: a timer of an earlier one is stale. */
  #epoch = 0

  constructor(host: Host<Message, NapsterEvent>, config: Readonly<NapsterConfig>) {
    checkConfig(config)
    this.#host = host
    this.#config = config
    this.nick = nickOf(host.keyOf(host.self))
    this.#requests = new OpenRequests({
      self: host.self,
      keyOf: (peer) => host.keyOf(peer),
      emit: (event) => host.emit(event),
      drop: (reason) => this.#drops.add(reason),
    })
    this.#known = new KnownIndexes(config)
    this.#shares = new Shares(config.library, config.sharesMax)
  }

  /** The index that we are logged in at. */
  get index(): Peer | undefined {
    return this.#state === 'logged-in' ? this.#index : undefined
  }

  get state(): ClientState {
    return this.#state
  }

  /** Indexes that we know of, best first. */
  get indexes(): readonly Peer[] {
    return this.#known.peers
  }

  /** Files that our index was told of, or will be. */
  get shareCount(): number {
    return this.#shares.count
  }

  /** Searches and lists that are waited for. */
  get requestCount(): number {
    return this.#requests.size
  }

  get drops(): Drops {
    return this.#drops.counts
  }

  start(): void {
    if (this.#config.librarySyncMs > 0) this.#host.setTimer(TIMER_LIBRARY, this.#config.librarySyncMs)
    this.#tryNext()
  }

  stop(): void {
    this.#enter('no-index', undefined)
    this.#requests.clear()
    this.#known.clear()
  }

  /** Makes an index server known. It is connected to unless there is another. */
  addIndex(peer: Peer): void {
    // Only an index server's own operator has itself for an index.
    if (peer === this.#host.self && !this.#config.isIndex) return
    this.#known.add(peer)
    if (this.#state === 'no-index' || this.#state === 'waiting') this.#tryNext()
  }

  /** Forgets an index server, and leaves it. */
  removeIndex(peer: Peer): void {
    this.#known.remove(peer)
    if (peer === this.#index) this.#giveUp()
  }

  /**
   * Asks for files whose names hold all the words, or for the content named in `options`. `napster-hit` events tell each
   * result, and then comes one `search-ended`; or `search-failed`, at once if there is no index.
   */
  search(words: string, options: SearchOptions = {}): RequestId {
    const id = this.#requests.nextId()
    const failure = this.#whyNot()
    if (failure !== undefined || this.#index === undefined) {
      this.#host.emit({ type: 'search-failed', id, reason: failure ?? 'no-index' })
      return id
    }
    const search = makeSearch(words, options, this.#config.searchResultsMax)
    this.#requests.addSearch(id, search)
    this.#host.send(this.#index, search)
    this.#host.setTimer(TIMER_ANSWER, this.#config.answerTimeoutMs, id)
    return id
  }

  /** Asks what a user shares. `browse-file` events tell each file, then one `browse-ended`. */
  browse(nick: string): RequestId {
    const id = this.#requests.nextId()
    const failure = this.#whyNot()
    if (failure !== undefined || this.#index === undefined) {
      this.#host.emit({ type: 'browse-ended', id, fileCount: 0, failure: failure ?? 'no-index' })
      return id
    }
    this.#requests.addBrowse(id, nick)
    this.#host.send(this.#index, { type: 'Browse', nick })
    this.#host.setTimer(TIMER_ANSWER, this.#config.answerTimeoutMs, id)
    return id
  }

  /** Tells no more of a search or a list. */
  forget(id: RequestId): void {
    this.#requests.forget(id)
  }

  /** Asks a user for a file: `download-ready` or `download-refused` answers. False if there is no index. */
  get(nick: string, sharedName: string): boolean {
    return this.#ask({ type: 'DownloadRequest', nick, name: sharedName })
  }

  /** Asks a user that nobody can connect to for a push: there it is a `push-requested` event. False if there is no index. */
  push(nick: string, sharedName: string): boolean {
    return this.#ask({ type: 'AlternateDownloadRequest', nick, name: sharedName })
  }

  /** Asks whether a user is there: a `pong` event answers. False if there is no index. */
  ping(nick: string): boolean {
    return this.#ask({ type: 'PingUser', nick })
  }

  /** Asks how much there is: a `stats` event answers. False if there is no index. */
  askStats(): boolean {
    return this.#ask({ type: 'StatsRequest' })
  }

  /** Lets the index count our transfers. */
  report(type: TransferReport): boolean {
    return this.#ask({ type })
  }

  onPeerConnected(peer: Peer): void {
    if (peer !== this.#index || this.#state !== 'connecting') return
    this.#enter('logging-in', peer)
    const { port, link, client, loginTimeoutMs } = this.#config
    this.#host.send(peer, { type: 'Login', nick: this.nick, password: PASSWORD, port, client, link, extra: undefined })
    this.#host.setTimer(TIMER_LOGIN, loginTimeoutMs, this.#epoch)
  }

  onPeerDisconnected(peer: Peer): void {
    if (peer === this.#index) this.#lost()
  }

  onTimer(timer: number, arg: number): void {
    switch (timer) {
      case TIMER_LIBRARY:
        this.#host.setTimer(TIMER_LIBRARY, this.#config.librarySyncMs)
        return this.#syncLibrary()
      case TIMER_SHARE:
        if (arg === this.#epoch) this.#share()
        return
      case TIMER_LOGIN:
        if (arg === this.#epoch) this.#giveUp()
        return
      case TIMER_RETRY:
        if (arg === this.#epoch) this.#tryNext()
        return
      case TIMER_ANSWER:
        // Its answer may come yet, and would be taken for that of the next: only a new login makes sense of it again.
        if (this.#requests.has(arg as RequestId)) this.#giveUp('timeout')
    }
  }

  onMessage(from: Peer, message: Message): void {
    if (from !== this.#index) return this.#onOther(from, message)
    if (this.#state === 'logged-in') return this.#onIndex(from, message)
    if (this.#state !== 'logging-in') return this.#drops.add('unexpected-message')
    switch (message.type) {
      case 'LoginAck':
        return this.#onLoginAck(from)
      case 'LoginError':
        return this.#onLoginRefused(from, message.text)
      case 'InvalidNick':
        return this.#onLoginRefused(from, 'invalid nick')
      default:
        return this.#drops.add('unexpected-message')
    }
  }

  /** Who takes us for an index server is told that we are none; it would wait for an answer. */
  #onOther(from: Peer, message: Message): void {
    this.#drops.add('unexpected-message')
    if (message.type !== 'Login' && message.type !== 'NewUserLogin') return
    this.#host.send(from, { type: 'LoginError', text: 'this is no index server' })
    this.#host.disconnect(from)
  }

  #onLoginAck(index: Peer): void {
    this.#enter('logged-in', index)
    this.#known.reached(index)
    this.#host.emit({ type: 'login', index, nick: this.nick })
    this.#shares = new Shares(this.#config.library, this.#config.sharesMax)
    this.#syncLibrary()
  }

  #onLoginRefused(index: Peer, text: string): void {
    this.#drops.add('login-refused')
    this.#host.emit({ type: 'login-refused', index, text })
    this.#known.refused(index)
    this.#giveUp()
  }

  #onIndex(index: Peer, message: Message): void {
    switch (message.type) {
      case 'SearchResult':
        return this.#requests.onSearchResult(message)
      case 'SearchEnd':
        return this.#requests.onSearchEnd()
      case 'BrowseResult':
        return this.#requests.onBrowseResult(message)
      case 'UserSignoff':
        return this.#requests.onUserSignoff(message.nick)
      case 'BrowseEnd':
        return this.#requests.onBrowseEnd(message.nick)
      case 'Stats': {
        const { users, files, gigabytes } = message
        return this.#host.emit({ type: 'stats', index, users, files, gigabytes })
      }
      case 'Error':
      case 'MessageOfTheDay':
        return this.#host.emit({ type: 'index-says', index, isError: message.type === 'Error', text: message.text })
      case 'LoginError':
        // OpenNap says so to a user whom it sends away.
        return this.#onLoginRefused(index, message.text)
      default:
        return this.#onUsers(index, message)
    }
  }

  /** What other users want of us, or answer. */
  #onUsers(index: Peer, message: Message): void {
    switch (message.type) {
      case 'UploadRequest':
        return this.#onUploadRequest(index, message)
      case 'DownloadAck':
      case 'AlternateDownloadAck':
        return this.#onAck(message)
      case 'GetError':
      case 'AcceptFailed':
        return this.#host.emit({ type: 'download-refused', nick: message.nick, sharedName: message.name })
      case 'PingUser':
        return this.#host.send(index, { type: 'Pong', nick: message.nick })
      case 'Pong':
        return this.#host.emit({ type: 'pong', nick: message.nick })
      case 'Unreadable':
        return this.#drops.add(message.reason)
      default:
        return this.#drops.add('unexpected-message')
    }
  }

  #onUploadRequest(index: Peer, { nick, name }: FileRequest): void {
    const fileIndex = this.#shares.fileOf(name)
    if (fileIndex === undefined) return this.#drops.add('unknown-song')
    this.#host.send(index, { type: 'AcceptUpload', nick, name })
    this.#host.emit({ type: 'upload-requested', nick, fileIndex })
  }

  #onAck({ type, nick, name, peer, port, cid, sha1 }: DownloadAck): void {
    if (peer === undefined || nick !== nickOf(this.#host.keyOf(peer))) return this.#drops.add('forged-nick')
    if (type === 'DownloadAck') {
      const isFirewalled = port === 0
      this.#host.emit({ type: 'download-ready', nick, sharedName: name, peer, isFirewalled, cid, sha1 })
      return
    }
    const fileIndex = this.#shares.fileOf(name)
    if (fileIndex === undefined) return this.#drops.add('unknown-song')
    this.#host.emit({ type: 'push-requested', nick, peer, fileIndex })
  }

  #whyNot(): FailureReason | undefined {
    if (this.#state !== 'logged-in') return 'no-index'
    return this.#requests.size >= this.#config.requestsMax ? 'too-many-requests' : undefined
  }

  #ask(message: Message): boolean {
    if (this.#state !== 'logged-in' || this.#index === undefined) return false
    this.#host.send(this.#index, message)
    return true
  }

  #syncLibrary(): void {
    if (this.#state !== 'logged-in' || this.#index === undefined) return
    const hadMore = !this.#shares.isTold
    for (const message of this.#shares.sync()) this.#host.send(this.#index, message)
    if (!hadMore && !this.#shares.isTold) this.#share()
  }

  /** Tells the index of some more files, and goes on later if there are more. */
  #share(): void {
    if (this.#state !== 'logged-in' || this.#index === undefined) return
    for (const message of this.#shares.next(this.#config.shareBurst)) this.#host.send(this.#index, message)
    if (!this.#shares.isTold) this.#host.setTimer(TIMER_SHARE, this.#config.shareIntervalMs, this.#epoch)
  }

  #enter(state: ClientState, index: Peer | undefined): void {
    this.#state = state
    this.#index = index
    this.#epoch++
  }

  /** Dials the index that is due, or waits for the next that will be. */
  #tryNext(): void {
    const next = this.#known.next()
    if (next === undefined) return this.#enter('no-index', undefined)
    const waitMs = next.dueAt - this.#host.now()
    if (waitMs > 0) {
      this.#enter('waiting', undefined)
      this.#host.setTimer(TIMER_RETRY, waitMs, this.#epoch)
      return
    }
    this.#enter('connecting', next.peer)
    this.#host.connect(next.peer)
    this.#host.setTimer(TIMER_LOGIN, this.#config.loginTimeoutMs, this.#epoch)
  }

  /** Leaves the index, for it does not do what it should. */
  #giveUp(reason: FailureReason = 'index-lost'): void {
    if (this.#index !== undefined) this.#host.disconnect(this.#index)
    this.#lost(reason)
  }

  #lost(reason: FailureReason = 'index-lost'): void {
    const [index, wasLoggedIn] = [this.#index, this.#state === 'logged-in']
    this.#enter('waiting', undefined)
    if (index !== undefined) this.#known.failed(index, this.#host.now(), this.#host.random())
    this.#requests.fail(reason)
    if (wasLoggedIn && index !== undefined) this.#host.emit({ type: 'index-lost', index })
    this.#tryNext()
  }
}
