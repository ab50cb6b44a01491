import { toPeer } from '@servent/machine'
import { forAll, RecordingHost } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HostCache } from '../src/host-cache.ts'
import { Unwanted } from '../src/unwanted.ts'

const limits = { hostsMax: 8, hostAgeMs: 1000, dialBackoffMs: 10, dialBackoffMaxMs: 50, dialFailuresMax: 5 }
const host = new RecordingHost<never, never>(toPeer(0))
const random = () => host.random()
const all = () => true
const peers = (cache: HostCache) => [...cache.values()].map(({ peer }) => peer)

describe('HostCache', () => {
  it('tells whether a host is new, and forgets the one heard of longest ago', () => {
    const cache = new HostCache(limits)
    for (let i = 1; i <= 8; i++) expect(cache.add(toPeer(i), undefined, 0, 0, i)).toBe(true)
    expect(cache.add(toPeer(1), undefined, 5, 50, 9)).toBe(false)
    expect(cache.add(toPeer(9), undefined, 0, 0, 10)).toBe(true)
    expect(peers(cache)).toEqual([3, 4, 5, 6, 7, 8, 1, 9])
    expect(cache.get(toPeer(1))).toMatchObject({ fileCount: 5, kilobyteCount: 50, heardAt: 9 })
  })

  it('lets no neighbor fill it with its friends', () => {
    const cache = new HostCache(limits)
    for (let i = 1; i <= 6; i++) cache.add(toPeer(i), toPeer(100 + i), 0, 0, i)
    for (let i = 50; i < 90; i++) cache.add(toPeer(i), toPeer(666), 0, 0, i)
    const friends = [...cache.values()].filter(({ reporter }) => reporter === toPeer(666))
    expect(friends.length).toBeLessThanOrEqual(3)
    expect(cache.size).toBe(8)
  })

  it('leaves a host alone for twice as long each time it fails, and forgets it in the end', () => {
    const cache = new HostCache(limits)
    cache.add(toPeer(1), undefined, 0, 0, 0)
    const waits: number[] = []
    for (let i = 0; i < 4; i++) {
      cache.failed(toPeer(1), 0, () => 0.5)
      waits.push(cache.get(toPeer(1))?.retryAt ?? -1)
    }
    expect(waits).toEqual([10, 20, 40, 50])
    cache.failed(toPeer(1), 0, random)
    expect(cache.size).toBe(0)
  })

  it('starts over with a host that became a neighbor', () => {
    const cache = new HostCache(limits)
    cache.add(toPeer(1), toPeer(2), 0, 0, 0)
    cache.failed(toPeer(1), 0, random)
    cache.succeeded(toPeer(1))
    expect(cache.get(toPeer(1))).toMatchObject({ failureCount: 0, retryAt: 0, reporter: undefined })
  })

  it('forgets hosts that nobody speaks of', () => {
    const cache = new HostCache(limits)
    cache.add(toPeer(1), undefined, 0, 0, 0)
    cache.add(toPeer(2), undefined, 0, 0, 500)
    cache.expire(1001)
    expect(peers(cache)).toEqual([2])
  })

  it('chooses every host equally often', () => {
    const cache = new HostCache(limits)
    for (let i = 1; i <= 8; i++) cache.add(toPeer(i), undefined, 0, 0, 0)
    const counts = new Array<number>(9).fill(0)
    for (let i = 0; i < 8000; i++) {
      const chosen = cache.sample(random, 3, all)
      expect(new Set(chosen).size).toBe(3)
      for (const { peer } of chosen) counts[peer as number] = (counts[peer as number] as number) + 1
    }
    // 3000 each; six standard deviations are 260.
    for (const count of counts.slice(1)) expect(Math.abs(count - 3000)).toBeLessThan(260)
    expect(cache.sample(random, 99, ({ peer }) => peer === toPeer(3))).toHaveLength(1)
  })

  it('never holds more than it may', () => {
    const spoken = fc.record({
      peer: fc.nat(30).map(toPeer),
      reporter: fc.option(fc.nat(3).map(toPeer), { nil: undefined }),
    })
    forAll(fc.array(spoken, { maxLength: 100 }), (drawn) => {
      const cache = new HostCache(limits)
      drawn.forEach(({ peer, reporter }, now) => {
        const wasKnown = cache.get(peer) !== undefined
        const isNew = cache.add(peer, reporter, 0, 0, now)
        expect(isNew && wasKnown).toBe(false)
        expect(cache.size).toBeLessThanOrEqual(8)
      })
    })
  })
})

describe('Unwanted', () => {
  const bounds = { unwantedMax: 3, discouragementMs: 10, discouragementMaxMs: 30 }

  it('keeps out for twice as long each time, up to the most', () => {
    const unwanted = new Unwanted(bounds)
    const lengths: number[] = []
    let now = 0
    for (let i = 0; i < 4; i++) {
      unwanted.discourage(toPeer(1), now)
      let length = 0
      while (unwanted.isDiscouraged(toPeer(1), now + length)) length++
      lengths.push(length)
      now += length
    }
    expect(lengths).toEqual([10, 20, 30, 30])
    unwanted.expire(now + 29)
    expect(unwanted.size).toBe(1)
    unwanted.expire(now + 30)
    expect(unwanted.size).toBe(0)
  })

  it('forgets the oldest when it is full', () => {
    const unwanted = new Unwanted(bounds)
    for (let i = 0; i < 9; i++) {
      unwanted.block(toPeer(i))
      unwanted.discourage(toPeer(i), 0)
    }
    expect([...unwanted.blocked]).toEqual([6, 7, 8])
    expect(unwanted.size).toBe(6)
    unwanted.unblock(toPeer(8))
    expect(unwanted.isBlocked(toPeer(8))).toBe(false)
    expect(unwanted.isDiscouraged(toPeer(8), 0)).toBe(false)
  })
})
