import { keywords } from '@servent/library'
import type { Host, Peer } from '@servent/machine'
import type { DropReason } from './drops.ts'
import type { FailureReason, IndexedFile, NapsterEvent, RequestId } from './events.ts'
import type { BrowseResult, Message, Search, SearchResult, SharedSong } from './messages.ts'
import { baseName } from './names.ts'
import { nickOf } from './nick.ts'

/** A search that an index has not ended. */
interface OpenSearch {
  readonly id: RequestId
  readonly search: Search
  /** Folded. */
  readonly words: readonly string[]
  /** Results that came, and those of them that were told. */
  resultCount: number
  hitCount: number
  /** Whether anybody still wants to hear of it: its results come all the same. */
  isWanted: boolean
}

/** A list that an index has not ended. */
interface OpenBrowse {
  readonly id: RequestId
  readonly nick: string
  fileCount: number
  hasUser: boolean
  isWanted: boolean
}

/** What open requests need of the client that they are of. */
export type RequestsOffice = Pick<Host<Message, NapsterEvent>, 'self' | 'keyOf' | 'emit'> & {
  drop(reason: DropReason): void
}

/**
 * What an index was asked and has not answered. An answer does not say what it is to: searches are answered in their
 * order, a list by the nick it is of.
 */
export class OpenRequests {
  readonly #office: RequestsOffice
  #searches: OpenSearch[] = []
  #browses: OpenBrowse[] = []
  #lastId = 0

  constructor(office: RequestsOffice) {
    this.#office = office
  }

  get size(): number {
    return this.#searches.length + this.#browses.length
  }

  nextId(): RequestId {
    return ++this.#lastId as RequestId
  }

  has(id: RequestId): boolean {
    return this.#all().some((request) => request.id === id)
  }

  addSearch(id: RequestId, search: Search): void {
    const { words: first, moreWords } = search
    const words = keywords(moreWords === undefined ? first : `${first} ${moreWords}`)
    this.#searches.push({ id, search, words, resultCount: 0, hitCount: 0, isWanted: true })
  }

  addBrowse(id: RequestId, nick: string): void {
    this.#browses.push({ id, nick, fileCount: 0, hasUser: true, isWanted: true })
  }

  /** Tells no more of a request. */
  forget(id: RequestId): void {
    for (const request of this.#all()) if (request.id === id) request.isWanted = false
  }

  /** Tells that none will be answered any more. */
  fail(reason: FailureReason): void {
    const { emit } = this.#office
    for (const { id, isWanted } of this.#searches) if (isWanted) emit({ type: 'search-failed', id, reason })
    for (const { id, fileCount, isWanted } of this.#browses) {
      if (isWanted) emit({ type: 'browse-ended', id, fileCount, failure: reason })
    }
    this.clear()
  }

  clear(): void {
    this.#searches = []
    this.#browses = []
  }

  onSearchResult({ song, nick, link, peer }: SearchResult): void {
    const [open] = this.#searches
    if (open === undefined) return this.#office.drop('result-without-search')
    open.resultCount++
    const reason = this.#whyNotTaken(open, song, nick, peer)
    if (reason !== undefined || peer === undefined) return this.#office.drop(reason ?? 'forged-nick')
    open.hitCount++
    if (!open.isWanted) return
    const { bitrate, frequency, seconds } = song
    const file = indexedFile(song, nick)
    this.#office.emit({ type: 'napster-hit', id: open.id, ...file, peer, link, bitrate, frequency, seconds })
  }

  onSearchEnd(): void {
    const open = this.#searches.shift()
    if (open === undefined) return this.#office.drop('result-without-search')
    const { id, hitCount, resultCount, isWanted } = open
    if (isWanted) this.#office.emit({ type: 'search-ended', id, hitCount, messageCount: resultCount + 2 })
  }

  onBrowseResult({ nick, song }: BrowseResult): void {
    const open = this.#browseOf(nick)
    if (open === undefined) return
    open.fileCount++
    if (open.isWanted) this.#office.emit({ type: 'browse-file', id: open.id, ...indexedFile(song, nick) })
  }

  onUserSignoff(nick: string): void {
    const open = this.#browseOf(nick)
    if (open !== undefined) open.hasUser = false
  }

  onBrowseEnd(nick: string): void {
    const open = this.#browseOf(nick)
    if (open === undefined) return
    this.#browses = this.#browses.filter((other) => other !== open)
    const { id, fileCount, hasUser, isWanted } = open
    const failure = hasUser ? undefined : 'no-user'
    if (isWanted) this.#office.emit({ type: 'browse-ended', id, fileCount, failure })
  }

  #all(): readonly (OpenSearch | OpenBrowse)[] {
    return [...this.#searches, ...this.#browses]
  }

  /** The oldest list of a user that has not ended. If there is none, what came for it is dropped. */
  #browseOf(nick: string): OpenBrowse | undefined {
    const open = this.#browses.find((browse) => browse.nick === nick)
    if (open === undefined) this.#office.drop('result-without-search')
    return open
  }

  #whyNotTaken(open: OpenSearch, song: SharedSong, nick: string, peer: Peer | undefined): DropReason | undefined {
    const { maxResults, cid, sha1 } = open.search
    if (open.resultCount > maxResults) return 'too-many-results'
    if (peer === undefined || nick !== nickOf(this.#office.keyOf(peer))) return 'forged-nick'
    if (peer === this.#office.self) return 'own-result'
    const held = keywords(song.name)
    if (!open.words.every((word) => held.includes(word))) return 'unmatched-result'
    if (cid === undefined && sha1 === undefined) return undefined
    return equal(cid, song.cid) || equal(sha1, song.sha1) ? undefined : 'unmatched-result'
  }
}

function indexedFile({ name, size, cid, sha1 }: SharedSong, nick: string): IndexedFile {
  return { name: baseName(name), sharedName: name, size, nick, cid, sha1 }
}

/** Whether two are the same bytes; what is not there is the same as nothing. */
function equal(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i])
}
