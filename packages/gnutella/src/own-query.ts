import { holdsAll, keywords } from '@servent/library'
import type { DropReason } from './drops.ts'
import type { ServentId } from './guid.ts'
import type { QueryHitResult } from './messages.ts'

/** A query of ours that hits are taken for: what fits it, and what it got already. */
export class OwnQuery {
  readonly #words: readonly string[]
  readonly #sha1: Uint8Array | undefined
  readonly #cid: Uint8Array | undefined
  readonly #taken = new Set<string>()

  constructor(criteria: string, sha1: Uint8Array | undefined, cid: Uint8Array | undefined) {
    this.#words = keywords(criteria)
    this.#sha1 = sha1
    this.#cid = cid
  }

  /** Takes a result in, or says why not: nobody needs to believe that a file is what was asked for. */
  take(serventId: ServentId, result: QueryHitResult, resultsMax: number): DropReason | undefined {
    const id = `${serventId}${result.index}`
    if (this.#taken.has(id)) return 'duplicate-result'
    if (!this.#fits(result)) return 'unmatched-result'
    if (this.#taken.size >= resultsMax) return 'too-many-results'
    this.#taken.add(id)
    return undefined
  }

  #fits(result: QueryHitResult): boolean {
    if (same(this.#sha1, result.sha1) || same(this.#cid, result.cid)) return true
    // Asked for content alone, words answer nothing; asked for nothing at all (an index query), everything is an answer.
    if (this.#words.length === 0) return this.#sha1 === undefined && this.#cid === undefined
    return holdsAll(result.name, this.#words)
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
