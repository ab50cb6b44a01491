import type { FailureReason, IndexClient, NapsterEvent, NapsterHit, RequestId } from '@servent/napster'
import type { AnswerListener, Asked, Question, SearchOverlay } from './search-overlay.ts'

/** The verbs of a Napster client that a search needs. */
type NapsterVerbs = Pick<IndexClient, 'search' | 'forget'>

interface Waiting {
  readonly listener: AnswerListener
  /** 0 once it turned out that there was nobody to send it to. */
  sentCount: number
  receivedCount: number
}

/** Why an index gave no answer, for a person. */
const FAILURES: Readonly<Record<FailureReason, string>> = {
  'no-index': 'There is no central index to ask.',
  'index-lost': 'The central index went away before it had answered.',
  timeout: 'The central index did not answer in time.',
  'too-many-requests': 'Too many questions are still waiting for the central index.',
}

/** Napster as a search sees it: one question to the index, which answers for everybody. */
export class NapsterSearch implements SearchOverlay {
  readonly name = 'napster' as const
  readonly #client: () => NapsterVerbs
  readonly #waiting = new Map<RequestId, Waiting>()

  /** @param client - the one that runs now: there is a new one after each start */
  constructor(client: () => NapsterVerbs) {
    this.#client = client
  }

  ask({ words, cid }: Question, listener: AnswerListener): Asked {
    // An index lists nothing for no words; neighbors do.
    if (words === '' && cid === undefined) {
      queueMicrotask(() => listener.onDone())
      return { sentCount: 0, receivedCount: 0, forget: () => undefined }
    }
    const client = this.#client()
    const id = client.search(words, cid === undefined ? {} : { cid })
    const waiting: Waiting = { listener, sentCount: 1, receivedCount: 0 }
    this.#waiting.set(id, waiting)
    return {
      get sentCount() {
        return waiting.sentCount
      },
      get receivedCount() {
        return waiting.receivedCount
      },
      forget: () => {
        this.#waiting.delete(id)
        client.forget(id)
      },
    }
  }

  /** To be called with each event of the client. */
  onEvent(event: NapsterEvent): void {
    switch (event.type) {
      case 'napster-hit':
        this.#onHit(event)
        break
      case 'search-ended':
        this.#onEnd(event.id, undefined)
        break
      case 'search-failed':
        this.#onEnd(event.id, event.reason)
        break
      default:
        break
    }
  }

  #onHit({ id, name, size, cid, sha1, peer, nick, sharedName }: NapsterHit): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    waiting.receivedCount++
    const push = { overlay: this.name, nick, fileName: sharedName } as const
    const peerId = typeof peer === 'string' ? peer : undefined
    // One link to the index, and one answer: how far the owner is does not matter to the search.
    waiting.listener.onAnswer({ name, size, cid, sha1, peer: peerId, hops: 1, push })
  }

  #onEnd(id: RequestId, failure: FailureReason | undefined): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    if (failure === undefined) waiting.receivedCount++
    if (failure === 'no-index' || failure === 'too-many-requests') waiting.sentCount = 0
    waiting.listener.onDone(failure && FAILURES[failure])
  }
}
