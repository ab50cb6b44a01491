import { type Peer, toPeer } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DynamicQuery, horizonOf, type QueryConnection } from '../../src/v06/dynamic-query.ts'

const limits = {
  probeConnections: 3,
  hopWaitMs: 2400,
  horizonMax: 200_000,
  horizonBlind: 40_000,
  lifetimeMs: 600_000,
}

/** Connections with peers from 1, those in `matching` with a table that matches. */
function connections(count: number, matching: readonly number[] = [], degree = 32, ttlMax = 4): QueryConnection[] {
  return Array.from({ length: count }, (_, i) => ({
    peer: toPeer(i + 1),
    degree,
    ttlMax,
    isMatch: matching.includes(i + 1),
  }))
}

const query = (target = 150) => new DynamicQuery(target, limits, 0)
const plain = (sends: readonly { peer: Peer; ttl: number }[]) => sends.map(({ peer, ttl }) => [peer, ttl])

describe('the horizon', () => {
  it.each([
    [32, 1, 1],
    [32, 2, 32],
    [32, 3, 993],
    [32, 4, 30_784],
    [15, 4, 2955],
    [1, 3, 3],
    [0, 3, 3],
  ])('of degree %i and TTL %i is %i ultrapeers', (degree, ttl, hosts) => {
    expect(horizonOf(degree, ttl)).toBe(hosts)
  })
})

describe('the probe', () => {
  it('goes to three whose tables match, with TTL 1, and waits one hop', () => {
    const step = query().step(connections(32, [5, 9, 11, 20]), 0, 0)
    expect(plain(step.sends)).toEqual([
      [5, 1],
      [9, 1],
      [11, 1],
    ])
    expect(step.lookAgainMs).toBe(2400)
  })

  it('goes further through others where fewer match', () => {
    const step = query().step(connections(32, [5]), 0, 0)
    expect(plain(step.sends)).toEqual([
      [5, 1],
      [1, 2],
      [2, 2],
    ])
    expect(step.lookAgainMs).toBe(4800)
  })

  it('is no probe where nobody would be left after it: all at once, as far as they let us', () => {
    const asked = query()
    const step = asked.step(connections(2), 0, 0)
    expect(plain(step.sends)).toEqual([
      [1, 4],
      [2, 4],
    ])
    expect(asked.step(connections(2), 0, step.lookAgainMs as number).end).toBe('no-connections')
  })

  it('waits for connections no longer than there are none', () => {
    expect(query().step([], 0, 0).end).toBe('no-connections')
  })
})

describe('after the probe', () => {
  it('one connection is asked at a time', () => {
    const asked = query()
    asked.step(connections(32), 0, 0)
    for (let peer = 4; peer <= 10; peer++) {
      const { sends } = asked.step(connections(32), 1, peer * 10_000)
      expect(sends.map((send) => send.peer)).toEqual([peer])
    }
    expect(asked.askedCount).toBe(10)
  })

  it('the TTL is the lowest that should find what is missing', () => {
    // Three with TTL 2 are 96 ultrapeers. R / (r / H) over 29 connections: 150 results of 1 in 96 want 493 each.
    const ttlAfter = (resultCount: number) => {
      const asked = query()
      asked.step(connections(32), 0, 0)
      return asked.step(connections(32), resultCount, 5000).sends[0]?.ttl
    }
    expect(ttlAfter(1)).toBe(3)
    // 140 / (10 / 96) / 29 = 46: more than the 32 of TTL 2.
    expect(ttlAfter(10)).toBe(3)
    // 135 / (15 / 96) / 29 = 30.
    expect(ttlAfter(15)).toBe(2)
    expect(ttlAfter(149)).toBe(2)
    // Nothing yet: 40,000 / 29 = 1,379, more than the 993 of TTL 3.
    expect(ttlAfter(0)).toBe(4)
  })

  it('the TTL is what the connection takes, at most', () => {
    const asked = query()
    asked.step(connections(32, [], 32, 3), 0, 0)
    expect(asked.step(connections(32, [], 32, 3), 0, 5000).sends).toEqual([{ peer: 4, ttl: 3 }])
  })

  it('a match is asked before others, and with TTL 1 if that should do', () => {
    const asked = query()
    asked.step(connections(32), 0, 0)
    expect(asked.step(connections(32, [30]), 148, 5000).sends).toEqual([{ peer: 30, ttl: 1 }])
  })

  it('it waits 2.4 s for each hop', () => {
    const asked = query()
    asked.step(connections(32), 0, 0)
    expect(asked.step(connections(32), 0, 5000).lookAgainMs).toBe(4 * 2400)
  })
})

describe('it is over', () => {
  it.each([
    ['own query', 150],
    ["leaf's", 50],
  ])('when there are results enough: %s, %i', (_, target) => {
    const asked = query(target)
    asked.step(connections(32), 0, 0)
    expect(asked.step(connections(32), target - 1, 5000).end).toBeUndefined()
    expect(asked.step(connections(32), target, 10_000).end).toBe('enough-results')
  })

  it('when 200,000 ultrapeers were reached in theory', () => {
    const asked = query()
    let steps = 0
    while (asked.step(connections(32), 0, 5000).end === undefined) steps++
    expect(asked.horizon).toBeGreaterThanOrEqual(200_000)
    // The probe, and seven of 30,784 each.
    expect(steps).toBe(8)
    expect(asked.step(connections(32), 0, 5000).end).toBe('horizon')
  })

  it('when ten minutes have passed', () => {
    const asked = query()
    asked.step(connections(32), 0, 0)
    expect(asked.step(connections(32), 0, 600_000).end).toBe('expired')
  })

  it('always: nobody is asked twice, with no TTL that it does not take', () => {
    const connection = fc.record({
      peer: fc.nat(30).map(toPeer),
      degree: fc.nat(64),
      ttlMax: fc.integer({ min: 1, max: 4 }),
      isMatch: fc.boolean(),
    })
    const steps = fc.array(
      fc.record({ left: fc.uniqueArray(connection, { selector: ({ peer }) => peer }), results: fc.nat(200) }),
      { maxLength: 60 }
    )
    forAll(steps, (drawn) => {
      const asked = query()
      const seen = new Set<Peer>()
      drawn.forEach(({ left, results }, i) => {
        const { sends, lookAgainMs, end } = asked.step(left, results, i * 1000)
        expect(end === undefined).toBe(sends.length > 0)
        if (end === undefined) expect(lookAgainMs).toBeGreaterThan(0)
        for (const { peer, ttl } of sends) {
          expect(seen.has(peer)).toBe(false)
          seen.add(peer)
          expect(ttl).toBeGreaterThanOrEqual(1)
          expect(ttl).toBeLessThanOrEqual(left.find((one) => one.peer === peer)?.ttlMax as number)
        }
      })
    })
  })
})
