import { CID } from 'multiformats/cid'
import { LookupError, type LookupOverlay } from './lookup-overlay.ts'
import type { AnswerListener, Asked, Question, SearchOverlay } from './search-overlay.ts'

/** A structured overlay as a search sees it: it knows nothing of words, and finds who has a content by its identifier. */
export class LookupSearch implements SearchOverlay {
  readonly name: LookupOverlay['name']
  readonly #overlay: LookupOverlay

  constructor(overlay: LookupOverlay) {
    this.name = overlay.name
    this.#overlay = overlay
  }

  ask({ words, cid, size }: Question, listener: AnswerListener): Asked {
    const stop = new AbortController()
    const asked = { sentCount: 0, receivedCount: 0, path: [] as readonly string[], forget: () => stop.abort() }
    if (cid === undefined || size === undefined) {
      queueMicrotask(() => stop.signal.aborted || listener.onDone())
      return asked
    }
    // What was asked of an overlay is its own affair: here is seen who was asked, and who answered.
    asked.sentCount = 1
    const found = this.#overlay.findProviders(
      CID.decode(cid),
      {
        onWay: ({ path, timeouts }) => {
          asked.path = path
          asked.sentCount = Math.max(1, path.length - 1 + timeouts)
          asked.receivedCount = path.length - 1
        },
        onProvider: (peer) => {
          const hops = Math.max(1, asked.path.length - 1)
          if (stop.signal.aborted) return
          listener.onAnswer({ name: words, size, cid, sha1: undefined, peer, hops, push: undefined })
        },
      },
      stop.signal
    )
    found.then(
      () => stop.signal.aborted || listener.onDone(),
      (error: unknown) => stop.signal.aborted || listener.onDone(sentenceOf(error))
    )
    return asked
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof LookupError ? error.message : 'The look-up could not be made.'
}
