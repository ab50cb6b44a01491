import { toPeer } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROUTE_LOST, type Route, RouteTable } from '../src/route-table.ts'

const [a, b] = [toPeer(1), toPeer(2)]

describe('RouteTable', () => {
  it('keeps a way back for its age at the least, twice that at the most', () => {
    const table = new RouteTable(100, 100)
    table.set('early', a, 0)
    table.set('late', b, 99)
    expect(table.get('early', 99)).toBe(a)
    expect(table.get('late', 198)).toBe(b)
    expect(table.get('early', 200)).toBeUndefined()
    expect(table.get('late', 200)).toBeUndefined()
    expect(table.size).toBe(0)
  })

  it('makes a way young again when it is set again, and takes the new one', () => {
    const table = new RouteTable(100, 100)
    table.set('id', a, 0)
    table.set('other', a, 10)
    table.set('id', b, 150)
    expect(table.size).toBe(2)
    expect(table.get('id', 249)).toBe(b)
  })

  it('knows an id whose neighbor is gone: what comes again is a duplicate still', () => {
    const table = new RouteTable(100, 100)
    for (const id of ['1', '2', '3']) table.set(id, a, 0)
    table.set('4', b, 150)
    table.set('5', a, 150)
    table.lose(a)
    for (const id of ['1', '2', '3', '5']) expect(table.get(id, 150)).toBe(ROUTE_LOST)
    expect(table.get('4', 150)).toBe(b)
  })

  it('agrees with a plain map, within its age and its bound', () => {
    const change = fc.oneof(
      fc.record({ set: fc.nat(30), to: fc.constantFrom(a, b), wait: fc.nat(20) }),
      fc.record({ lose: fc.constantFrom(a, b), wait: fc.nat(20) })
    )
    forAll(
      fc.tuple(fc.array(change, { maxLength: 80, size: 'max' }), fc.integer({ min: 2, max: 40 })),
      ([changes, idsMax]) => {
        const table = new RouteTable(100, idsMax)
        const model = new Map<string, { route: Route; at: number; order: number }>()
        let now = 0
        let order = 0
        for (const drawn of changes) {
          now += drawn.wait
          if ('set' in drawn) {
            table.set(`${drawn.set}`, drawn.to, now)
            model.set(`${drawn.set}`, { route: drawn.to, at: now, order: order++ })
          } else {
            table.lose(drawn.lose)
            for (const [id, entry] of model)
              if (entry.route === drawn.lose) model.set(id, { ...entry, route: ROUTE_LOST })
          }
          expect(table.size).toBeLessThanOrEqual(idsMax)
          for (const [id, entry] of model) {
            const found = table.get(id, now)
            const isRecent = order - entry.order <= (idsMax - 2) >> 1 && now - entry.at < 100
            if (isRecent) expect(found).toBe(entry.route)
            if (now - entry.at >= 200) expect(found).toBeUndefined()
            expect(found === undefined || found === entry.route).toBe(true)
          }
        }
      }
    )
  })
})
