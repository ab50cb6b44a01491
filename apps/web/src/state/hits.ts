import type { Hit, OverlayName, PeerStatus, Source } from '@servent/servent'

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

/** How the peers that have a content can be reached, as far as it is known without asking them. */
export interface Reachability {
  /** Everybody who has it. */
  readonly sources: number
  /** Of those, who is connected straight, and who through a relay alone. The others are not connected yet. */
  readonly direct: number
  readonly relayed: number
  /** Of those connected, who keeps files for others. */
  readonly keepers: number
}

/** Counts the sources of a hit by how they are connected. */
export function reachabilityOf({ sources }: Hit, peers: readonly PeerStatus[]): Reachability {
  const having = new Set(sources.map(({ peer }) => peer.id))
  const connected = peers.filter(({ id }) => having.has(id))
  const direct = connected.filter(({ path }) => path === 'direct').length
  const keepers = connected.filter(({ isKeeper }) => isKeeper).length
  return { sources: sources.length, direct, relayed: connected.length - direct, keepers }
}
