import type { Hit } from '@servent/servent'
import { describe, expect, it } from 'vitest'
import { filterPeers, GROUPS_MAX, type HitGroup, nearest, SOURCES_MAX, withHit } from '../src/state/hit-groups.ts'
import { hit } from './hits.ts'

function group(...hits: readonly Hit[]): readonly HitGroup[] {
  return hits.reduce<readonly HitGroup[]>(withHit, [])
}

describe('withHit', () => {
  it('puts hits of one content together, whatever their names', () => {
    const groups = group(
      hit('a', 'x', { name: 'song.mp3' }),
      hit('b', 'y'),
      hit('c', 'x', { name: 'the same song.mp3' })
    )
    expect(groups.map(({ cid, name }) => [cid, name])).toEqual([
      ['x', 'song.mp3'],
      ['y', 'y.txt'],
    ])
    expect(groups[0]?.hits.map((found) => found.peer.id)).toEqual(['a', 'c'])
  })

  it('counts a peer once', () => {
    expect(group(hit('a', 'x'), hit('a', 'x'))[0]?.hits).toHaveLength(1)
  })

  it('leaves the groups that it was given as they were', () => {
    const before = group(hit('a', 'x'))
    withHit(before, hit('b', 'x'))
    expect(before[0]?.hits).toHaveLength(1)
  })

  it('takes no more contents than it may', () => {
    const many = Array.from({ length: GROUPS_MAX + 5 }, (_, i) => hit('a', `c${i}`))
    expect(group(...many)).toHaveLength(GROUPS_MAX)
  })

  it('takes no more sources of one content than it may', () => {
    const many = Array.from({ length: SOURCES_MAX + 5 }, (_, i) => hit(`p${i}`, 'x'))
    expect(group(...many)[0]?.hits).toHaveLength(SOURCES_MAX)
  })
})

describe('nearest', () => {
  it('is the hit of the fewest hops, the earlier one of two', () => {
    const [found] = group(hit('a', 'x', { hops: 3 }), hit('b', 'x', { hops: 1 }), hit('c', 'x', { hops: 1 }))
    expect(found && nearest(found).peer.id).toBe('b')
  })
})

describe('filterPeers', () => {
  it('drops the offers of peers that have gone, and contents that nobody offers any more', () => {
    const groups = group(
      hit('gone', 'x', { name: 'old name' }),
      hit('here', 'x', { name: 'new name' }),
      hit('gone', 'y')
    )
    const left = filterPeers(groups, (id) => id === 'here')
    expect(left.map(({ cid, name }) => [cid, name])).toEqual([['x', 'new name']])
  })
})
