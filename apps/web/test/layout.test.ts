import { describe, expect, it } from 'vitest'
import { placePeers } from '../src/views/network/layout.ts'
import { peer } from './samples.ts'

const many = (count: number, isNeighbor: boolean) =>
  Array.from({ length: count }, (_, i) => peer(`${isNeighbor ? 'n' : 'o'}${i}`, { isNeighbor }))

describe('placePeers', () => {
  it('puts neighbors nearer than others', () => {
    const places = placePeers([...many(3, false), ...many(3, true)])
    const near = places.filter((place) => place.peer.isNeighbor).map(({ y }) => Math.abs(y))
    const far = places.filter((place) => !place.peer.isNeighbor).map(({ x, y }) => Math.hypot(x / 1.35, y))
    expect(Math.max(...near)).toBeLessThan(Math.min(...far))
  })

  it('does not depend on the order of the list', () => {
    const peers = many(6, true)
    expect(placePeers(peers.toReversed())).toEqual(placePeers(peers))
  })

  it('draws neighbors first when there is no room for all', () => {
    const places = placePeers([...many(30, false), ...many(20, true)])
    expect(places).toHaveLength(24)
    expect(places.filter((place) => place.peer.isNeighbor)).toHaveLength(20)
  })

  it('stays within the picture', () => {
    for (const { x, y } of placePeers([...many(12, true), ...many(12, false)])) {
      expect(Math.abs(x)).toBeLessThan(137)
      expect(Math.abs(y)).toBeLessThan(94)
    }
  })
})
