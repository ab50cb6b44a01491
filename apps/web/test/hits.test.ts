import type { Hit } from '@servent/servent'
import { describe, expect, it } from 'vitest'
import { filterSources, HITS_MAX, hopsTo, nearest, withHit } from '../src/state/hits.ts'
import { hit, source } from './samples.ts'

function list(...hits: readonly Hit[]): readonly Hit[] {
  return hits.reduce<readonly Hit[]>(withHit, [])
}

describe('withHit', () => {
  it('puts what is newly known of a content in its place', () => {
    const more = hit('x', { sources: [source('a'), source('c')] })
    const hits = list(hit('x'), hit('y'), more)
    expect(hits.map(({ cid }) => cid)).toEqual(['x', 'y'])
    expect(hits[0]).toBe(more)
  })

  it('leaves the list that it was given as it was', () => {
    const before = list(hit('x'))
    withHit(before, hit('y'))
    expect(before).toHaveLength(1)
  })

  it('takes no more contents than it may, and still what is new of those it has', () => {
    const full = list(...Array.from({ length: HITS_MAX + 5 }, (_, i) => hit(`c${i}`)))
    expect(full).toHaveLength(HITS_MAX)
    expect(withHit(full, hit('c1', { name: 'renamed' }))[1]?.name).toBe('renamed')
  })
})

describe('nearest', () => {
  it('is the source of the fewest hops, the earlier one of two', () => {
    const sources = [source('a', { hops: 3 }), source('b', { hops: 1 }), source('c', { hops: 1 })] as const
    expect(nearest(hit('x', { sources })).peer.id).toBe('b')
  })

  it('counts the shortest way on which any overlay found it', () => {
    const far = source('a', { hops: 4 })
    expect(hopsTo({ ...far, findings: [...far.findings, { overlay: 'napster', hops: 1, afterMs: 5 }] })).toBe(1)
  })
})

describe('filterSources', () => {
  it('drops the peers that have gone, and contents that nobody has any more', () => {
    const hits = list(hit('x', { sources: [source('gone'), source('here')] }), hit('y', { sources: [source('gone')] }))
    const left = filterSources(hits, (id) => id === 'here')
    expect(left.map(({ cid, sources }) => [cid, sources.length])).toEqual([['x', 1]])
  })
})
