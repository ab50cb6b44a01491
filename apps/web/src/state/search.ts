import { computed, signal } from '@preact/signals'
import type { Hit, OverlayProgress, PeerIdentity, SearchOptions, SearchProgress } from '@servent/servent'
import { filterSources, withHit } from './hits.ts'
import { overlaysToAsk } from './overlays.ts'
import { network, whenReady, whenSomeoneToAsk } from './peer.ts'
import { suggestWords } from './suggestions.ts'

/** What is in the search box. */
export const searchText = signal('')

/** One search, as far as it has come. */
export interface SearchRun {
  readonly words: string
  /** The one peer that is asked for everything; undefined: a search for words. */
  readonly of: PeerIdentity | undefined
  readonly phase: 'waiting' | 'running' | 'done'
  readonly hits: readonly Hit[]
  /** Peers that have them, counted once a content. */
  readonly sourceCount: number
  /** How each overlay that is asked is doing. */
  readonly overlays: readonly OverlayProgress[]
  /** Undefined unless the search itself failed: a sentence. */
  readonly problem: string | undefined
}

/** The search on the screen; undefined: none, and what is shared nearby is shown. */
export const search = signal<SearchRun | undefined>(undefined)

/** How long a search waits for somebody to ask, before it says that nobody is there. */
const SOMEONE_WAIT_MS = 10_000

let running: AbortController | undefined

/** Asks everyone within reach. Ends the search before. */
export async function startSearch(words: string): Promise<void> {
  clearSearch()
  searchText.value = words
  if (words.trim() !== '') await run(words, undefined)
}

/** Asks one peer for all it shares. Ends the search before. */
export async function startBrowsing(peer: PeerIdentity): Promise<void> {
  clearSearch()
  await run('', peer)
}

async function run(words: string, of: PeerIdentity | undefined): Promise<void> {
  const controller = new AbortController()
  running = controller
  const { signal: aborted } = controller
  const overlays = of === undefined ? overlaysToAsk.value : (['gnutella'] as const)
  search.value = { words, of, phase: 'waiting', hits: [], sourceCount: 0, overlays: [], problem: undefined }
  const update = (change: Partial<SearchRun>) => {
    if (!aborted.aborted && search.value !== undefined) search.value = { ...search.value, ...change }
  }
  try {
    const servent = await whenReady()
    await whenSomeoneToAsk(overlays, SOMEONE_WAIT_MS, aborted)
    update({ phase: 'running' })
    const options: SearchOptions = {
      overlays,
      signal: aborted,
      onProgress: ({ overlays, sourceCount }: SearchProgress) => update({ overlays, sourceCount }),
    }
    const hits = of === undefined ? servent.search(words, options) : servent.browse(of.id, options)
    for await (const hit of hits) update({ hits: withHit(search.value?.hits ?? [], hit) })
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

/** Whether the neighbors have been asked to the end at least once. */
export const hasLookedNearby = signal(false)

const nearbyFound = signal<readonly Hit[]>([])

/** What the neighbors share, as they told without being asked for words. */
export const nearby = computed(() => {
  const there = new Set(network.value.peers.map((peer) => peer.id))
  return filterSources(nearbyFound.value, (peerId) => there.has(peerId))
})

/** Words that are sure to find something. */
export const suggestions = computed(() => suggestWords(nearby.value.map((hit) => hit.name)))

/** Asks each neighbor for all that it shares. */
export async function lookNearby(aborted: AbortSignal): Promise<void> {
  const servent = await whenReady()
  if (!servent.searchOverlays.includes('gnutella')) return
  try {
    let found: readonly Hit[] = []
    for await (const hit of servent.search('', { overlays: ['gnutella'], signal: aborted, ttl: 1 })) {
      found = withHit(found, hit)
      nearbyFound.value = withHit(nearbyFound.value, hit)
    }
    // Only now: what is no longer shared goes, and nothing flickers meanwhile.
    if (aborted.aborted) return
    nearbyFound.value = found
    hasLookedNearby.value = true
  } catch (error) {
    if (!aborted.aborted) console.error('The neighbors could not be asked', error)
  }
}
