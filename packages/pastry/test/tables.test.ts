import { compareClockwise, compareRingDistance, type Key, keyFromWords, sharedDigits } from '@servent/keyspace'
import { type Peer, toPeer } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LeafSet } from '../src/leaf-set.ts'
import { NeighborhoodSet } from '../src/neighborhood-set.ts'
import { RoutingTable } from '../src/routing-table.ts'
import { Tables } from '../src/tables.ts'

/** Keys by node: words drawn from few, so that prefixes are shared, and spread by the node's number. */
function keysOf(words: readonly number[]): (peer: Peer) => Key {
  const keys = words.map((word, i) => keyFromWords(Int32Array.of(word, i, 0, 0, 0)))
  return (peer) => keys[peer as number] as Key
}

const words = fc.oneof(
  fc.integer(),
  fc.integer({ min: 0, max: 4095 }).map((low) => low << 20)
)
const rings = fc.uniqueArray(words, { minLength: 2, maxLength: 60, size: 'max' })

describe('a leaf set', () => {
  it('that heard of everybody has those next to it, in order, whatever order it heard of them in', () => {
    forAll(rings, (drawn) => {
      const keyOf = keysOf(drawn)
      const self = toPeer(0)
      const leafSet = new LeafSet({ self: toPeer(0), keyOf }, 8)
      const others = drawn.slice(1).map((_, i) => toPeer(i + 1))
      for (const peer of others) leafSet.add(peer, true)
      const clockwise = others.toSorted((a, b) => compareClockwise(keyOf(self), keyOf(a), keyOf(b)))
      expect(leafSet.larger.slice(0, 1)).toEqual(clockwise.slice(0, 1))
      if (others.length >= 40) {
        expect(leafSet.larger).toEqual(clockwise.slice(0, 4))
        expect(leafSet.smaller).toEqual(clockwise.toReversed().slice(0, 4))
      }
      if (others.length < 8) expect(leafSet.members.toSorted()).toEqual(others.toSorted())
    })
  })

  it('replaced by all nodes of a ring has the right sides, and covers all if they meet', () => {
    forAll(rings, (drawn) => {
      const keyOf = keysOf(drawn)
      const others = drawn.slice(1).map((_, i) => toPeer(i + 1))
      const leafSet = new LeafSet({ self: toPeer(0), keyOf }, 8)
      leafSet.replace(others, true)
      const clockwise = others.toSorted((a, b) => compareClockwise(keyOf(toPeer(0)), keyOf(a), keyOf(b)))
      expect(leafSet.larger).toEqual(clockwise.slice(0, 4))
      expect(leafSet.smaller).toEqual(clockwise.toReversed().slice(0, 4))
      expect(leafSet.coversAll).toBe(others.length < 8)
    })
  })

  it('gives the closest of those that it covers', () => {
    forAll(fc.tuple(rings, words), ([drawn, word]) => {
      const keyOf = keysOf(drawn)
      const peers = drawn.map((_, i) => toPeer(i))
      const leafSet = new LeafSet({ self: toPeer(0), keyOf }, 8)
      leafSet.replace(peers, true)
      const key = keyFromWords(Int32Array.of(word, -1, 0, 0, 0))
      if (!leafSet.covers(key)) return
      const [closest] = peers.toSorted((a, b) => compareRingDistance(key, keyOf(a), keyOf(b), 4))
      expect(leafSet.closest(key, () => true)).toBe(closest)
      expect(leafSet.replicas(key, 3)[0]).toBe(closest)
    })
  })

  it('never claims to cover what it does not know, whoever is lost and whoever is heard of', () => {
    const steps = fc.array(fc.tuple(fc.nat(39), fc.boolean(), fc.boolean()), { maxLength: 60, size: 'max' })
    const large = fc.uniqueArray(fc.integer(), { minLength: 40, maxLength: 40 })
    forAll(fc.tuple(large, steps), ([drawn, lost]) => {
      const keyOf = keysOf(drawn)
      const peers = drawn.map((_, i) => toPeer(i))
      const leafSet = new LeafSet({ self: toPeer(0), keyOf }, 8)
      leafSet.replace(peers, true)
      for (const [peer, isLost, isNear] of lost) {
        if (isLost) leafSet.remove(toPeer(peer))
        else leafSet.add(toPeer(peer), isNear && leafSet.covers(keyOf(toPeer(peer))))
      }
      // Sides may be short, but a node from one half of the ring is never counted to the other.
      expect(leafSet.coversAll).toBe(leafSet.members.length === 0)
    })
  })

  it('of a small ring fills a place from the other side when somebody goes', () => {
    const keyOf = keysOf([0, 10, 20, 30, 40].map((word) => word << 20))
    const leafSet = new LeafSet({ self: toPeer(0), keyOf }, 4)
    leafSet.replace([1, 2, 3, 4].map(toPeer), true)
    expect([leafSet.smaller, leafSet.larger]).toEqual([
      [4, 3],
      [1, 2],
    ])
    leafSet.add(toPeer(1), true)
    leafSet.replace([1, 2, 4].map(toPeer), true)
    expect(leafSet.remove(toPeer(1))).toBe(true)
    expect([leafSet.smaller, leafSet.larger]).toEqual([
      [4, 2],
      [2, 4],
    ])
    expect(leafSet.remove(toPeer(1))).toBe(false)
  })

  it('that lost a whole side lets it be closed when nobody else is there', () => {
    const keyOf = keysOf([0, 1 << 30, 2 << 29, -(1 << 30)])
    const leafSet = new LeafSet({ self: toPeer(0), keyOf }, 4)
    leafSet.replace([toPeer(1)], false)
    expect(leafSet.isIncomplete).toBe(true)
    leafSet.close()
    expect([leafSet.isIncomplete, leafSet.coversAll]).toEqual([false, true])
  })
})

describe('a routing table', () => {
  it('has a node in the row of the digits that it shares, and the nearest of those that fit', () => {
    forAll(rings, (drawn) => {
      const keyOf = keysOf(drawn)
      const distanceOf = (peer: Peer) => ((peer as number) * 7919) % 61
      const table = new RoutingTable({ self: toPeer(0), keyOf })
      for (let i = 0; i < drawn.length; i++) table.add(toPeer(i), { distanceOf })
      for (let i = 1; i < drawn.length; i++) {
        const peer = toPeer(i)
        const rival = table.rivalOf(peer)
        expect(rival).toBeDefined()
        expect(distanceOf(rival as Peer)).toBeLessThanOrEqual(distanceOf(peer))
        expect(table.rowOf(peer)).toBe(sharedDigits(keyOf(toPeer(0)), keyOf(peer), 4))
        expect(table.row(table.rowOf(peer))).toContain(rival)
      }
      expect(table.has(toPeer(0))).toBe(false)
    })
  })

  it('keeps who is there if nobody knows who is nearer', () => {
    const table = new RoutingTable({ self: toPeer(0), keyOf: keysOf([0, 1 << 28, (1 << 28) | (1 << 24)]) })
    const unknown = { distanceOf: () => Number.POSITIVE_INFINITY }
    expect(table.add(toPeer(1), unknown)).toBe(true)
    expect(table.add(toPeer(2), unknown)).toBe(false)
    expect(table.remove(toPeer(1))).toBe(0)
    expect(table.remove(toPeer(1))).toBe(-1)
    expect(table.add(toPeer(2), unknown)).toBe(true)
  })
})

describe('a neighborhood set', () => {
  it('has the nearest, whatever order they came in, and nobody whose distance is not known', () => {
    forAll(fc.array(fc.nat(100), { maxLength: 60 }), (drawn) => {
      const set = new NeighborhoodSet(5)
      const distanceOf = (peer: Peer) => (peer === 0 ? Number.POSITIVE_INFINITY : ((peer as number) * 7919) % 101)
      for (const number of drawn) set.add(toPeer(number), { distanceOf })
      const nearest = [...new Set(drawn)].filter((number) => number !== 0).map(toPeer)
      expect(set.members).toEqual(nearest.toSorted((a, b) => distanceOf(a) - distanceOf(b)).slice(0, 5))
    })
  })

  it('moves a member that is farther away now', () => {
    const distances = new Map([1, 2, 3].map((number) => [toPeer(number), number]))
    const set = new NeighborhoodSet(3)
    const distanceOf = (peer: Peer) => distances.get(peer) as number
    for (const peer of distances.keys()) set.add(peer, { distanceOf })
    distances.set(toPeer(1), 9)
    set.add(toPeer(1), { distanceOf })
    expect(set.members).toEqual([2, 3, 1])
    set.remove(toPeer(3))
    expect(set.members).toEqual([2, 1])
  })
})

describe('the routing procedure', () => {
  it('brings each message to the closest node in few hops, passing nobody twice', () => {
    const drawn = fc.uniqueArray(fc.integer(), { minLength: 60, maxLength: 60 })
    const check = ([ring, word]: [number[], number]) => {
      const keyOf = keysOf(ring)
      const peers = ring.map((_, i) => toPeer(i))
      const sizes = { leafSetSize: 8, neighborhoodSize: 0 }
      const distances = { distanceOf: () => Number.POSITIVE_INFINITY }
      const tables = peers.map((self) => {
        const table = new Tables({ self, keyOf }, sizes, distances)
        table.leafSet.replace(peers, true)
        for (const peer of peers) table.enter(peer)
        return table
      })
      const key = keyFromWords(Int32Array.of(word, -1, 0, 0, 0))
      const [closest] = peers.toSorted((a, b) => compareRingDistance(key, keyOf(a), keyOf(b), 4))
      const path = [toPeer(0)]
      for (;;) {
        const at = path.at(-1) as Peer
        const next = (tables[at as number] as Tables).nextHop(key, () => true)
        if (next === at) break
        expect(path).not.toContain(next)
        path.push(next)
      }
      expect(path.at(-1)).toBe(closest)
      expect(path.length - 1).toBeLessThanOrEqual(4)
    }
    forAll(fc.tuple(drawn, fc.integer()), check, { runs: 50 })
  })
})
