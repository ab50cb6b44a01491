import { effect, signal } from '@preact/signals'
import type { QuerySeen } from '@servent/servent'
import { servent } from './peer.ts'

/** One question of somebody else, with a number to tell it from an equal one. */
export interface NumberedQuery extends QuerySeen {
  readonly number: number
}

/** As many as can be read while they come. */
const SHOWN_MAX = 8

/** What others asked, newest first: a servent answers and carries the questions of strangers. */
export const queriesSeen = signal<readonly NumberedQuery[]>([])

/** How many came by since the page was opened. */
export const querySeenCount = signal(0)

/** Keeps the list while the page lives. */
export function followQueries(): () => void {
  return effect(() => {
    const peer = servent.value
    const onQuery = ({ detail }: CustomEvent<QuerySeen>) => {
      // Neighbors ask each other for everything now and then: no person did.
      if (detail.words.trim() === '') return
      querySeenCount.value++
      queriesSeen.value = [{ ...detail, number: querySeenCount.value }, ...queriesSeen.value].slice(0, SHOWN_MAX)
    }
    peer?.addEventListener('query', onQuery)
    return () => peer?.removeEventListener('query', onQuery)
  })
}
