import type { Hit, OverlayName, Source } from '@servent/servent'

/** Contents shown at most: more than anyone reads, few enough to draw at once. */
export const HITS_MAX = 300

/** The hits with one more, or with what is newly known of one. They stay in order of arrival: nothing moves under a finger. */
export function withHit(hits: readonly Hit[], hit: Hit): readonly Hit[] {
  const at = hits.findIndex(({ cid }) => cid === hit.cid)
  if (at !== -1) return hits.with(at, hit)
  return hits.length >= HITS_MAX ? hits : [...hits, hit]
}

/** The hits without the sources that do not pass, and without those that then have none. */
export function filterSources(hits: readonly Hit[], isThere: (peerId: string) => boolean): readonly Hit[] {
  return hits.flatMap((hit) => {
    const [first, ...rest] = hit.sources.filter((source) => isThere(source.peer.id))
    return first === undefined ? [] : [{ ...hit, sources: [first, ...rest] as const }]
  })
}

/** The fewest links over which a source was found. */
export function hopsTo(source: Source): number {
  return Math.min(...source.findings.map(({ hops }) => hops))
}

/** The source that was found over the fewest links. */
export function nearest(hit: Hit): Source {
  return hit.sources.reduce((best, source) => (hopsTo(source) < hopsTo(best) ? source : best))
}

/** Milliseconds until the first answer. */
export function firstAfterMs(hit: Hit): number {
  return hit.sources[0].findings[0].afterMs
}

/** The overlays that found a content, the first one first. */
export function overlaysOf({ sources }: Hit): OverlayName[] {
  return [...new Set(sources.flatMap(({ findings }) => findings.map(({ overlay }) => overlay)))]
}
