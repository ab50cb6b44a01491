import type { RequestId } from './events.ts'

/** A search that an index has not ended. */
export interface OpenSearch {
  readonly id: RequestId
  readonly words: readonly string[]
  readonly hasContent: boolean
  readonly resultsMax: number
  /** Results that came, and those of them that were told. */
  resultCount: number
  hitCount: number
  /** Whether anybody still wants to hear of it: its results come all the same. */
  isWanted: boolean
}

/** A list that an index has not ended. */
export interface OpenBrowse {
  readonly id: RequestId
  readonly nick: string
  fileCount: number
  hasUser: boolean
  isWanted: boolean
}

/**
 * What an index was asked and has not answered. An answer does not say what it is to: searches are answered in their
 * order, a list by the nick it is of.
 */
export class OpenRequests {
  searches: OpenSearch[] = []
  browses: OpenBrowse[] = []
  #lastId = 0

  get size(): number {
    return this.searches.length + this.browses.length
  }

  nextId(): RequestId {
    return ++this.#lastId as RequestId
  }

  has(id: RequestId): boolean {
    return this.searches.some((search) => search.id === id) || this.browses.some((browse) => browse.id === id)
  }

  forget(id: RequestId): void {
    for (const request of [...this.searches, ...this.browses]) if (request.id === id) request.isWanted = false
  }

  browseOf(nick: string): OpenBrowse | undefined {
    return this.browses.find((browse) => browse.nick === nick)
  }

  endBrowse(ended: OpenBrowse): void {
    this.browses = this.browses.filter((browse) => browse !== ended)
  }

  /** Takes all away. */
  clear(): { searches: readonly OpenSearch[]; browses: readonly OpenBrowse[] } {
    const { searches, browses } = this
    this.searches = []
    this.browses = []
    return { searches, browses }
  }
}
