import { type Peer, toPeer } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import { utf8Encode } from '@servent/wire'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  hashedValue,
  keyOfContent,
  type ProviderRecord,
  RECORD_LIMITS,
  RecordCache,
  type RecordLimits,
  RecordStore,
  signValue,
} from '../src/index.ts'

const minute = 60_000
const alice = toPeer('alice')
const secretKey = new Uint8Array(32).fill(7)
const small: RecordLimits = { ...RECORD_LIMITS, recordsMax: 12, recordsPerPeerMax: 5, providersPerKeyMax: 3 }

function value(text: string, ttlMs = minute) {
  return hashedValue(utf8Encode(text), ttlMs)
}

function signed(sequence: number, text: string) {
  return signValue(secretKey, { name: 'profile', sequence, value: utf8Encode(text), ttlMs: minute })
}

function provider(content: string, peer: Peer, ttlMs = minute): ProviderRecord {
  return { type: 'provider', key: keyOfContent(utf8Encode(content)), peer, ttlMs }
}

describe('a record store', () => {
  it('hands out what it keeps with the time that is left, and not a moment longer', () => {
    const store = new RecordStore()
    const record = value('hello')
    expect(store.put(record, alice, 1000)).toBeUndefined()
    expect(store.value(record.key, 11_000)).toEqual({ ...record, ttlMs: 50_000 })
    expect(store.value(record.key, 60_999)?.ttlMs).toBe(1)
    expect(store.value(record.key, 61_000)).toBeUndefined()
    expect([...store.values(61_000)]).toEqual([])
    store.sweep(61_000)
    expect([store.size, store.bytes]).toEqual([0, 0])
  })

  it('keeps the same value for the longer of two times', () => {
    const store = new RecordStore()
    store.put(value('hello', minute), alice, 0)
    store.put(value('hello', 10), alice, 0)
    expect(store.size).toBe(1)
    expect(store.value(value('hello').key, 20)?.ttlMs).toBe(minute - 20)
  })

  it('replaces a signed value by a newer one only', () => {
    const store = new RecordStore()
    expect(store.put(signed(2, 'two'), alice, 0)).toBeUndefined()
    expect(store.put(signed(1, 'one'), alice, 0)).toBe('stale-sequence')
    expect(store.put(signed(2, 'other two'), alice, 0)).toBe('stale-sequence')
    expect(store.put(signed(2, 'two'), alice, 0)).toBeUndefined()
    expect(store.put(signed(3, 'three'), alice, 0)).toBeUndefined()
    expect(store.value(signed(1, '').key, 0)).toMatchObject({ sequence: 3, value: utf8Encode('three') })
    expect(store.size).toBe(1)
  })

  it('lists the providers of a key, the latest first, and no more than so many', () => {
    const store = new RecordStore(small)
    for (let i = 0; i < 5; i++) {
      const refusal = store.put(provider('film', toPeer(i), minute + i), toPeer(i), 0)
      expect(refusal).toBe(i < 3 ? undefined : 'key-full')
    }
    expect(store.providers(provider('film', alice).key, 1).map(({ peer }) => peer)).toEqual([2, 1, 0])
    expect(store.put(provider('film', toPeer(1), 2 * minute), toPeer(1), 2)).toBeUndefined()
    expect(store.providers(provider('film', alice).key, 3).map(({ peer }) => peer)).toEqual([1, 2, 0])
    expect(store.put(provider('film', toPeer(9)), toPeer(9), minute + 3)).toBeUndefined()
  })

  it('gives no peer more than its share', () => {
    const store = new RecordStore()
    const refusals = new Map<string, number>()
    for (let i = 0; i < 10_000; i++) {
      const refusal = store.put(value(`record ${i}`), alice, 0) ?? 'kept'
      refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1)
    }
    expect(refusals.get('kept')).toBe(RECORD_LIMITS.recordsPerPeerMax)
    expect(refusals.get('peer-full')).toBe(10_000 - RECORD_LIMITS.recordsPerPeerMax)
    expect(store.put(value('of another'), toPeer('bob'), 0)).toBeUndefined()
  })

  it('counts bytes too', () => {
    const store = new RecordStore({ ...small, bytesPerPeerMax: 2000, bytesMax: 3000 })
    const long = (i: number) => hashedValue(new Uint8Array(1000).fill(i), minute)
    expect(store.put(long(1), alice, 0)).toBeUndefined()
    expect(store.put(long(2), alice, 0)).toBe('peer-full')
    expect(store.put(long(3), toPeer('bob'), 0)).toBeUndefined()
    expect(store.put(long(4), toPeer('carol'), 0)).toBe('store-full')
    expect(store.put(long(1), alice, 0)).toBeUndefined()
  })

  it('makes room from what is over', () => {
    const store = new RecordStore(small)
    for (let i = 0; i < 5; i++) store.put(value(`old ${i}`, 100), alice, 0)
    expect(store.put(value('new'), alice, 50)).toBe('peer-full')
    expect(store.put(value('new'), alice, 100)).toBeUndefined()
    expect(store.size).toBe(1)
  })

  it('keeps its books right, whatever is put, swept and deleted', () => {
    const records = fc.oneof(
      fc.record({
        text: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
        ttl: fc.integer({ min: -5, max: 50 }),
      })
    )
    const steps = fc.array(fc.tuple(records, fc.nat(4), fc.nat(3), fc.nat(20)), { maxLength: 80, size: 'max' })
    forAll(steps, (drawn) => {
      const store = new RecordStore(small)
      let now = 0
      for (const [{ text, ttl }, by, kind, pass] of drawn) {
        const peer = toPeer(by)
        if (kind < 2) store.put(kind === 0 ? value(text, ttl) : provider(text, peer, ttl), peer, now)
        else if (kind === 2) store.deleteValue(value(text).key)
        now += pass
        if (kind === 3) store.sweep(now)
        expect(store.size).toBeLessThanOrEqual(small.recordsMax)
        expect([...store.values(now)].length).toBeLessThanOrEqual(store.size)
      }
      store.sweep(now + 100)
      expect([store.size, store.bytes]).toEqual([0, 0])
    })
  })
})

describe('a record cache', () => {
  it('forgets what was used longest ago, and what is over', () => {
    const cache = new RecordCache(2, 1000)
    cache.set(value('a'), 0)
    cache.set(value('b'), 0)
    expect(cache.get(value('a').key, 10)).toEqual(value('a', 990))
    cache.set(value('c'), 10)
    expect(cache.get(value('b').key, 10)).toBeUndefined()
    expect(cache.get(value('a').key, 1000)).toBeUndefined()
    expect(cache.size).toBe(1)
    cache.delete(value('c').key)
    expect(cache.size).toBe(0)
  })

  it('of no size keeps nothing', () => {
    const cache = new RecordCache(0, 1000)
    cache.set(value('a'), 0)
    expect(cache.size).toBe(0)
  })
})
