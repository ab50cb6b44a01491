import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeenCache } from '../src/index.ts'
import { forAll } from '../src/testing/index.ts'

describe('SeenCache', () => {
  it('remembers an id for its age at the least, and twice that at the most', () => {
    const cache = new SeenCache<string, number>(100, 1000)
    cache.set('early', 1, 0)
    cache.set('late', 2, 99)
    expect(cache.get('early', 99)).toBe(1)
    expect(cache.get('late', 198)).toBe(2)
    expect(cache.get('early', 200)).toBeUndefined()
    expect(cache.get('late', 300)).toBeUndefined()
    expect(cache.size).toBe(0)
  })

  it('forgets everything after a long silence', () => {
    const cache = new SeenCache<string, number>(100, 1000)
    cache.set('id', 1, 0)
    expect(cache.has('id', 1_000_000)).toBe(false)
    expect(cache.size).toBe(0)
  })

  it('makes an id young again when it is set again', () => {
    const cache = new SeenCache<string, number>(100, 1000)
    cache.set('id', 1, 0)
    cache.set('id', 2, 150)
    expect(cache.get('id', 249)).toBe(2)
    expect(cache.size).toBe(1)
  })

  it('forgets what a peer left behind', () => {
    const cache = new SeenCache<string, string>(100, 1000)
    cache.set('a', 'gone', 0)
    cache.set('b', 'here', 150)
    cache.set('c', 'gone', 150)
    cache.deleteValue('gone')
    expect(cache.get('a', 150)).toBeUndefined()
    expect(cache.get('b', 150)).toBe('here')
    expect(cache.get('c', 150)).toBeUndefined()
  })

  it('never holds more than it may, and always the newest', () => {
    const writes = fc.array(fc.record({ id: fc.nat(50), wait: fc.nat(30) }), { maxLength: 200, size: 'max' })
    forAll(fc.tuple(writes, fc.integer({ min: 2, max: 12 })), ([drawn, idsMax]) => {
      const cache = new SeenCache<number, number>(100, idsMax)
      let now = 0
      for (const { id, wait } of drawn) {
        now += wait
        cache.set(id, now, now)
        expect(cache.size).toBeLessThanOrEqual(idsMax)
        expect(cache.get(id, now)).toBe(now)
      }
    })
  })
})
