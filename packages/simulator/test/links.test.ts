import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BROKEN, Links, NONE, OPEN, OPENING } from '../src/links.ts'

describe('the table of connections', () => {
  it('holds what was added and not removed, like a map', () => {
    const command = fc.record({ add: fc.boolean(), node: fc.nat(3), peer: fc.nat(40) })
    fc.assert(
      fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
        const links = new Links(4)
        const oracle = new Map<string, number>()
        for (const { add, node, peer } of commands) {
          const key = `${node}-${peer}`
          const place = links.find(node, peer)
          expect(place !== NONE).toBe(oracle.has(key))
          if (add && place === NONE) {
            const serial = links.nextSerial()
            links.add(node, peer, serial, OPEN, 0)
            oracle.set(key, serial)
          } else if (!add && place !== NONE) {
            links.remove(node, place)
            oracle.delete(key)
          }
        }
        for (const [key, serial] of oracle) {
          const [node, peer] = key.split('-').map(Number) as [number, number]
          expect(links.serialAt(links.find(node, peer))).toBe(serial)
          expect(links.isOpen(node, peer, serial)).toBe(true)
        }
        const listed = [0, 1, 2, 3].flatMap((node) => links.peersOf(node).map((peer) => `${node}-${peer}`))
        expect(listed.sort()).toEqual([...oracle.keys()].sort())
      }),
      { seed: 20260102, numRuns: 300 }
    )
  })

  it('finds each of very many neighbors', () => {
    const links = new Links(1)
    for (let peer = 1; peer <= 20_000; peer++) links.add(0, peer, peer, OPENING, peer)
    for (let peer = 1; peer <= 20_000; peer += 2) links.remove(0, links.find(0, peer))
    expect(links.peersOf(0)).toHaveLength(10_000)
    expect(links.arrivalAt(links.find(0, 19_998))).toBe(19_998)
    expect(links.find(0, 19_999)).toBe(NONE)
  })

  it('keeps status, and whether it was asked for, apart', () => {
    const links = new Links(2)
    links.add(0, 1, 1, OPENING, 0)
    const place = links.find(0, 1)
    expect(links.isAsked(place)).toBe(false)
    links.setAsked(place)
    expect([links.isAsked(place), links.statusAt(place)]).toEqual([true, OPENING])
    links.setStatus(place, BROKEN)
    expect([links.isAsked(place), links.statusAt(place)]).toEqual([false, BROKEN])
    expect(links.isOpen(0, 1, 1)).toBe(false)
  })

  it('lets nothing overtake', () => {
    const links = new Links(2)
    links.add(0, 1, 1, OPEN, 100)
    const place = links.find(0, 1)
    expect([90, 120, 110].map((time) => links.arrival(place, time))).toEqual([100, 120, 120])
  })

  it('uses the memory of outgrown blocks again', () => {
    const links = new Links(1000)
    for (let node = 0; node < 1000; node++) for (let i = 1; i <= 4; i++) links.add(node, node + i, i, OPEN, 0)
    // Blocks of four are free now; the ends that are left still stand in blocks of eight.
    expect(links.bytes).toBeLessThan(1000 * 12 + 16_384 * 16 + 1)
  })
})
