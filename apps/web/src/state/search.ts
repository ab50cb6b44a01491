import { computed, signal } from '@preact/signals'
import { filterPeers, type HitGroup, withHit } from './hit-groups.ts'
import { network, whenNeighbor, whenReady } from './peer.ts'
import { suggestWords } from './suggestions.ts'

/** What is in the search box. */
export const searchText = signal('')

/** One search, as far as it has come. */
export interface SearchRun {
  readonly words: string
  readonly phase: 'waiting' | 'running' | 'done'
  readonly groups: readonly HitGroup[]
  readonly hitCount: number
  /** Neighbors that the query went to. */
  readonly neighborCount: number
  /** Undefined unless the search itself failed: a sentence. */
  readonly problem: string | undefined
}

/** The search on the screen; undefined: none, and what is shared nearby is shown. */
export const search = signal<SearchRun | undefined>(undefined)

/** How long a search waits for somebody to ask, before it says that nobody is there. */
const NEIGHBOR_WAIT_MS = 10_000
/** Hits taken of one search. */
const HITS_MAX = 2_000

let running: AbortController | undefined

/** Asks everyone within reach. Ends the search before. */
export async function startSearch(words: string): Promise<void> {
  clearSearch()
  searchText.value = words
  if (words.trim() === '') return
  const controller = new AbortController()
  running = controller
  const { signal: aborted } = controller
  search.value = { words, phase: 'waiting', groups: [], hitCount: 0, neighborCount: 0, problem: undefined }
  const update = (change: Partial<SearchRun>) => {
    if (!aborted.aborted && search.value !== undefined) search.value = { ...search.value, ...change }
  }
  try {
    const servent = await whenReady()
    await whenNeighbor(NEIGHBOR_WAIT_MS, aborted)
    update({ phase: 'running' })
    const onProgress = (progress: { neighborCount: number }) => update({ neighborCount: progress.neighborCount })
    for await (const hit of servent.search(words, { signal: aborted, onProgress })) {
      const { groups, hitCount } = search.value ?? { groups: [], hitCount: 0 }
      update({ groups: withHit(groups, hit), hitCount: hitCount + 1 })
      if (hitCount + 1 >= HITS_MAX) break
    }
    update({ phase: 'done' })
  } catch (error) {
    if (aborted.aborted) return
    console.error('The search failed', error)
    update({ phase: 'done', problem: 'The search could not be sent.' })
  }
}

/** Back to what is shared nearby. */
export function clearSearch(): void {
  running?.abort()
  running = undefined
  search.value = undefined
  searchText.value = ''
}

const nearbyFound = signal<readonly HitGroup[]>([])

/** What the neighbors share, as they told without being asked for words. */
export const nearby = computed(() => {
  const there = new Set(network.value.peers.map((peer) => peer.id))
  return filterPeers(nearbyFound.value, (peerId) => there.has(peerId))
})

/** Words that are sure to find something. */
export const suggestions = computed(() => suggestWords(nearby.value.map((group) => group.name)))

/** Asks each neighbor for all that it shares. */
export async function lookNearby(aborted: AbortSignal): Promise<void> {
  const servent = await whenReady()
  try {
    let found: readonly HitGroup[] = []
    for await (const hit of servent.search('', { signal: aborted, ttl: 1 })) {
      found = withHit(found, hit)
      nearbyFound.value = withHit(nearbyFound.value, hit)
    }
    // Only now: what is no longer shared goes, and nothing flickers meanwhile.
    if (!aborted.aborted) nearbyFound.value = found
  } catch (error) {
    if (!aborted.aborted) console.error('The neighbors could not be asked', error)
  }
}
