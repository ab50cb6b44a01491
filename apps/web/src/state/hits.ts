import type { Hit } from '@servent/servent'

/** One content, whoever offers it and under whatever names. */
export interface HitGroup {
  readonly cid: string
  /** The name under which it was found first. */
  readonly name: string
  readonly size: number
  /** The offers, one a peer, in order of arrival; never empty. */
  readonly hits: readonly [Hit, ...Hit[]]
}

/** Contents shown at most: more than anyone reads, few enough to draw at once. */
export const GROUPS_MAX = 300
/** Sources kept of one content. */
export const SOURCES_MAX = 50

/** The groups with one more hit. Groups stay in order of arrival, so that nothing moves under a finger. */
export function withHit(groups: readonly HitGroup[], hit: Hit): readonly HitGroup[] {
  const at = groups.findIndex((group) => group.cid === hit.cid)
  const group = groups[at]
  if (group === undefined) {
    if (groups.length >= GROUPS_MAX) return groups
    return [...groups, { cid: hit.cid, name: hit.name, size: hit.size, hits: [hit] }]
  }
  if (group.hits.length >= SOURCES_MAX || group.hits.some((known) => known.peer.id === hit.peer.id)) return groups
  return groups.with(at, { ...group, hits: [...group.hits, hit] })
}

/** The groups without the offers of peers that do not pass. */
export function filterPeers(groups: readonly HitGroup[], isThere: (peerId: string) => boolean): readonly HitGroup[] {
  return groups.flatMap((group) => {
    const [first, ...rest] = group.hits.filter((hit) => isThere(hit.peer.id))
    return first === undefined ? [] : [{ ...group, name: first.name, hits: [first, ...rest] as const }]
  })
}

/** The hit that traveled least. */
export function nearest(group: HitGroup): Hit {
  return group.hits.reduce((best, hit) => (hit.hops < best.hops ? hit : best))
}
