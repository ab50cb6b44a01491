import { type Key, keyFromWords } from '@servent/keyspace'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimOf, claimsWithout, mergedClaims } from '../src/claim.ts'
import {
  ABUTTING,
  APART,
  contains,
  depthMax,
  halves,
  homeOf,
  isZone,
  keyAt,
  NESTED,
  parentOf,
  pointOf,
  relationOf,
  SIDE,
  siblingOf,
  squaredDistance,
  volumeOf,
  volumeOfAll,
  wholeTorus,
  without,
  type Zone,
  zoneAt,
  zonesEqual,
} from '../src/zone.ts'

const words = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 5, maxLength: 5 })
const key: fc.Arbitrary<Key> = words.map((drawn) => keyFromWords(Int32Array.from(drawn)))
const dimensions = fc.integer({ min: 1, max: 10 })
/** A zone and a point of it, in any number of dimensions. */
const zoneAndPoint = fc.tuple(key, dimensions, fc.nat(40)).map(([drawn, d, depth]) => ({
  point: pointOf(drawn, d),
  zone: zoneAt(pointOf(drawn, d), Math.min(depth, depthMax(d))),
}))

describe('a zone', () => {
  it('has the points that it was made around, and is one', () => {
    forAll(zoneAndPoint, ({ zone, point }) => {
      expect(contains(zone, point)).toBe(true)
      expect(squaredDistance(zone, point)).toBe(0)
      expect(isZone(zone, point.length)).toBe(true)
    })
  })

  it('splits into halves that are siblings, abut, tile it, and merge into it', () => {
    forAll(zoneAndPoint, ({ zone, point }) => {
      if (zone.depth === depthMax(point.length)) return
      const [lower, upper] = halves(zone)
      expect(volumeOf(lower) + volumeOf(upper)).toBe(volumeOf(zone))
      expect(contains(lower, point)).not.toBe(contains(upper, point))
      expect(siblingOf(lower)).toEqual(upper)
      expect(siblingOf(upper)).toEqual(lower)
      expect(parentOf(lower)).toEqual(zone)
      expect(parentOf(upper)).toEqual(zone)
      expect(relationOf(lower, upper)).toBe(ABUTTING)
      expect(relationOf(lower, zone)).toBe(NESTED)
      expect(mergedClaims([claimOf(lower, 1), claimOf(upper, 2)])).toEqual([claimOf(zone, 2)])
    })
  })

  it('without a part is what the part leaves, exactly', () => {
    forAll(fc.tuple(zoneAndPoint, fc.nat(10)), ([{ zone, point }, deeper]) => {
      const part = zoneAt(point, Math.min(zone.depth + deeper, depthMax(point.length)))
      const rest = without(zone, part)
      expect(volumeOfAll(rest) + volumeOf(part)).toBe(volumeOf(zone))
      for (const each of rest) expect(relationOf(each, part)).not.toBe(NESTED)
      expect(mergedClaims([...rest, part].map((each) => claimOf(each, 0)))).toEqual([claimOf(zone, 0)])
      expect(volumeOfAll(claimsWithout([claimOf(zone, 0)], part))).toBe(volumeOfAll(rest))
      expect(claimsWithout([claimOf(part, 0)], zone)).toEqual([])
    })
  })

  it('abuts the zones across its sides, around the edge of the torus too', () => {
    const left: Zone = { depth: 2, low: [0, 0] }
    expect(relationOf(left, { depth: 2, low: [SIDE / 2, 0] })).toBe(ABUTTING)
    expect(relationOf(left, { depth: 2, low: [0, SIDE / 2] })).toBe(ABUTTING)
    // They touch at a corner only.
    expect(relationOf(left, { depth: 2, low: [SIDE / 2, SIDE / 2] })).toBe(APART)
    const small: Zone = { depth: 4, low: [0, 0] }
    expect(relationOf(small, { depth: 4, low: [(3 * SIDE) / 4, 0] })).toBe(ABUTTING)
    expect(relationOf(small, { depth: 4, low: [SIDE / 2, 0] })).toBe(APART)
  })

  it('is as far from a point as the nearest of its points, the short way around', () => {
    const zone: Zone = { depth: 2, low: [0, 0] }
    expect(squaredDistance(zone, [SIDE - 3, 5])).toBe(9)
    expect(squaredDistance(zone, [SIDE / 2 + 1, SIDE - 1])).toBe(2 ** 2 + 1)
    forAll(fc.tuple(zoneAndPoint, key), ([{ zone: other, point }, drawn]) => {
      const away = pointOf(drawn, point.length)
      expect(squaredDistance(other, away) === 0).toBe(
        relationOf(other, zoneAt(away, depthMax(point.length))) === NESTED
      )
    })
  })

  it('is none if it is not aligned, outside, too deep or of another torus', () => {
    expect(isZone({ depth: 1, low: [1, 0] }, 2)).toBe(false)
    expect(isZone({ depth: 1, low: [SIDE, 0] }, 2)).toBe(false)
    expect(isZone({ depth: 49, low: [0, 0] }, 2)).toBe(false)
    expect(isZone({ depth: 1, low: [0, 0] }, 3)).toBe(false)
    expect(isZone(wholeTorus(3), 3)).toBe(true)
  })
})

describe('a key', () => {
  it('is found again from its point, as far as the point goes', () => {
    forAll(fc.tuple(key, dimensions), ([drawn, d]) => {
      const point = pointOf(drawn, d)
      expect(pointOf(keyAt(point), d)).toEqual(point)
    })
  })

  it('has another home in each reality, its own point in the first', () => {
    forAll(key, (drawn) => {
      expect(homeOf(drawn, 2, 0)).toEqual(pointOf(drawn, 2))
      expect(zonesEqual(zoneAt(homeOf(drawn, 2, 1), 40), zoneAt(homeOf(drawn, 2, 2), 40))).toBe(false)
    })
  })
})
