import { compareKeys, isInSpan, type Key } from '@servent/keyspace'
import { type Peer, toPeer } from '@servent/machine'
import { testKeyOf } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IdealRing } from '../src/index.ts'
import { RingTable } from '../src/ring-table.ts'
import { key } from './arbitraries.ts'

const peers = fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 60 }).map((numbers) => numbers.map(toPeer))
const isNobody = () => false

function drawn<T>(arbitrary: fc.Arbitrary<T>): T[] {
  return fc.sample(arbitrary, { numRuns: 300, seed: 1 })
}

/** A node's table in the ideal ring of some peers. */
function tableOf(members: readonly Peer[], successorsMax: number) {
  const self = members[0] as Peer
  const ring = new IdealRing(members, testKeyOf)
  const { predecessor, successors, fingers } = ring.placeOf(self, successorsMax)
  const table = new RingTable({ self, keyOf: testKeyOf }, successorsMax)
  table.set(predecessor, successors, fingers)
  return { ring, table, self }
}

describe('the ideal ring', () => {
  it('has each key at the first node at or behind it', () => {
    for (const [members, wanted] of drawn(fc.tuple(peers, key))) {
      const sorted = members.toSorted((a, b) => compareKeys(testKeyOf(a), testKeyOf(b)))
      const want = sorted.find((peer) => compareKeys(testKeyOf(peer), wanted) >= 0) ?? sorted[0]
      const ring = new IdealRing(members, testKeyOf)
      expect(ring.successorOf(wanted)).toBe(want)
      expect(ring.holdersOf(wanted, 1000)[0]).toBe(want)
    }
  })
})

describe('a ring table', () => {
  it('sends each request nearer to its key, and at last to its successor', () => {
    for (const [members, wanted, max] of drawn(fc.tuple(peers, key, fc.integer({ min: 1, max: 8 })))) {
      const { ring, table, self } = tableOf(members, max)
      const step = table.next(wanted, isNobody)
      if (step === undefined) expect(members).toHaveLength(1)
      else if (step.isFinal) expect(step.peer).toBe(ring.successorOf(wanted))
      else expect(isInSpan(testKeyOf(self), testKeyOf(step.peer), wanted)).toBe(true)
    }
  })

  it('finds the closest preceding node of all that it knows, those excluded left out', () => {
    for (const [members, wanted, excluded] of drawn(fc.tuple(peers, key, fc.nat(3)))) {
      const { table, self } = tableOf(members, 4)
      const out = new Set(table.fingers.slice(0, excluded))
      const known = [...table.successors, ...table.fingers].filter(
        (peer): peer is Peer => peer !== undefined && peer !== self && !out.has(peer)
      )
      const before = known.filter((peer) => isStrictlyBetween(testKeyOf(self), testKeyOf(peer), wanted))
      const best = before.find((peer) =>
        before.every((other) => !isStrictlyBetween(testKeyOf(peer), testKeyOf(other), wanted))
      )
      expect(table.closestPreceding(wanted, (peer) => out.has(peer))).toBe(best)
    }
  })

  it('owns what is between its predecessor and itself', () => {
    for (const [members, wanted] of drawn(fc.tuple(peers, key))) {
      const { ring, table, self } = tableOf(members, 4)
      expect(table.owns(wanted)).toBe(members.length > 1 && ring.successorOf(wanted) === self)
    }
  })

  it('names preceding nodes from the closest on, each once', () => {
    for (const [members, wanted] of drawn(fc.tuple(peers, key))) {
      const { table, self } = tableOf(members, 4)
      const named = table.precedingNodes(wanted, 8)
      expect(new Set(named).size).toBe(named.length)
      named.forEach((peer, i) => {
        const next = named[i + 1]
        if (next !== undefined) expect(isStrictlyBetween(testKeyOf(self), testKeyOf(next), testKeyOf(peer))).toBe(true)
      })
    }
  })

  it('takes a whole list over, itself and what is behind it left out', () => {
    const { table, self } = tableOf([1, 2, 3, 4, 5].map(toPeer), 4)
    const [head, ...rest] = table.successors
    expect(table.adopt(head as Peer, [...rest, self, head as Peer])).toBe(0)
    expect(table.successors).toEqual([head, ...rest])
  })
})

function isStrictlyBetween(a: Key, x: Key, b: Key): boolean {
  return isInSpan(a, x, b) && compareKeys(x, b) !== 0 && compareKeys(x, a) !== 0
}
