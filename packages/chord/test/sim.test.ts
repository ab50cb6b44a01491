import { toPeer } from '@servent/machine'
import { hashedValue, type StructuredEvent } from '@servent/records'
import { describe, expect, it } from 'vitest'
import { build, config, faults, idealOf, joinLater, minute, randomKey, ringOf, running, second } from './rings.ts'

describe('nodes that join', () => {
  it('one after the other have the tables of the ideal ring: predecessors, successor lists and fingers', () => {
    const ring = ringOf(100, 1)
    ring.start(0)
    for (let node = 1; node < 100; node++) joinLater(ring, node, (node * 7) % node, node * 200)
    ring.run(15 * minute)
    expect(faults(ring)).toEqual([])
    for (const peer of running(ring).slice(1)) expect(ring.machine(peer as number).isJoined).toBe(true)
  })

  it('by going from node to node themselves have them too', () => {
    const ring = ringOf(40, 12, { configOf: () => ({ ...config, routing: 'iterative' }) })
    ring.start(0)
    for (let node = 1; node < 40; node++) joinLater(ring, node, node >> 1, node * 200)
    ring.run(15 * minute)
    expect(faults(ring)).toEqual([])
  })

  it('all at the same moment, through one node, do so too', () => {
    const ring = ringOf(60, 2)
    ring.start(0)
    for (let node = 1; node < 60; node++) joinLater(ring, node, 0, 0)
    ring.run(15 * minute)
    expect(faults(ring)).toEqual([])
  })

  it('at the same place at the same moment do so too', () => {
    const ring = ringOf(40, 3)
    build(ring, 20)
    for (let node = 20; node < 40; node++) joinLater(ring, node, node - 20, 10 * second)
    ring.run(15 * minute)
    expect(faults(ring)).toEqual([])
  })

  it('through each other, being the first two, are a ring', () => {
    const ring = ringOf(2, 4)
    joinLater(ring, 0, 1, 0)
    joinLater(ring, 1, 0, 0)
    ring.run(5 * minute)
    expect(faults(ring)).toEqual([])
  })

  it('through a dead contact go on to the next, and wait for one that comes back', () => {
    const ring = ringOf(30, 5)
    build(ring, 28)
    ring.crash(3)
    joinLater(ring, 28, 3, second)
    ring.schedule(second, () => ring.machine(28).addContact(toPeer(4)))
    joinLater(ring, 29, 3, second)
    ring.run(minute)
    expect(ring.machine(28).isJoined).toBe(true)
    expect(ring.machine(29).isJoined).toBe(false)
    joinLater(ring, 3, 7, 0)
    ring.run(15 * minute)
    expect(faults(ring)).toEqual([])
  })
})

describe('a ring', () => {
  it('that is parted becomes two, and one again when the halves meet', () => {
    const ring = ringOf(60, 6)
    build(ring)
    ring.schedule(10 * second, () => ring.partition((node) => node % 2))
    ring.run(5 * minute)
    // Each half is a ring of its own.
    for (let half = 0; half < 2; half++) {
      const ideal = idealOf(
        ring,
        running(ring).filter((peer) => (peer as number) % 2 === half)
      )
      for (const peer of ideal.peers) {
        const want = ideal.placeOf(peer, config.successorsMax).successors
        expect(ring.machine(peer as number).successors).toEqual(want)
      }
    }
    ring.heal()
    ring.run(30 * minute)
    expect(faults(ring)).toEqual([])
  })

  it('of which a third crash at once is whole again within half a minute', () => {
    const ring = ringOf(150, 7)
    build(ring)
    ring.schedule(minute, () => {
      for (let node = 0; node < 150; node += 3) ring.crash(node)
    })
    ring.run(90 * second)
    const ideal = idealOf(ring)
    for (const peer of ideal.peers) {
      expect(ring.machine(peer as number).successors[0]).toBe(ideal.placeOf(peer, 1).successors[0])
    }
    ring.run(20 * minute)
    expect(faults(ring)).toEqual([])
  })

  it('closes at once behind one that leaves in order', () => {
    const ring = ringOf(50, 8)
    build(ring)
    ring.schedule(minute, () => ring.stop(10))
    ring.run(minute + second / 2)
    const ideal = idealOf(ring)
    for (const peer of ideal.peers) {
      expect(ring.machine(peer as number).successors[0]).toBe(ideal.placeOf(peer, 1).successors[0])
    }
  })
})

describe('lookups', () => {
  function run(options: { wire?: boolean; iterative?: boolean }) {
    const done: StructuredEvent[] = []
    const ring = ringOf(200, 9, {
      wire: options.wire ?? false,
      configOf: () => ({ ...config, routing: options.iterative === true ? 'iterative' : 'recursive' }),
      onEvent: (_node, event) => {
        if (event.type === 'lookup-done' || event.type === 'lookup-failed') done.push(event)
      },
    })
    build(ring)
    const random = ring.random('keys')
    for (let i = 0; i < 300; i++) {
      ring.schedule(second + i * 20, () => ring.machine(i % 200).lookup(randomKey(random)))
    }
    ring.run(30 * second)
    return { done, ideal: idealOf(ring), fingerprint: ring.fingerprint }
  }

  it.each([false, true])('end at the node that the key belongs to, with the way there (iterative: %s)', (iterative) => {
    const { done, ideal } = run({ iterative })
    expect(done).toHaveLength(300)
    for (const event of done) {
      if (event.type !== 'lookup-done') throw new Error(event.type)
      expect(event.responsible).toBe(ideal.successorOf(event.key))
      expect(event.path.at(-1)).toBe(event.responsible)
      expect(new Set(event.path).size).toBe(event.path.length)
      expect(event.path.length).toBeLessThanOrEqual(7)
    }
  })

  it('do the same with every message through its bytes', () => {
    expect(run({ wire: true }).fingerprint).toBe(run({}).fingerprint)
    expect(run({ wire: true, iterative: true }).fingerprint).toBe(run({ iterative: true }).fingerprint)
  })
})

describe('values', () => {
  const values = Array.from({ length: 60 }, (_, i) => hashedValue(Uint8Array.of(i, 1), 3_600_000))

  function stored() {
    const events: StructuredEvent[] = []
    const ring = ringOf(60, 10, { onEvent: (_node, event) => events.push(event) })
    build(ring, 50)
    for (const [i, value] of values.entries()) ring.schedule(second + i * 50, () => ring.machine(i % 50).put(value))
    ring.run(10 * second)
    const found = () => events.filter((event) => event.type === 'get-done').length
    const getAll = (from: number, delayMs: number) => {
      for (const [i, { key }] of values.entries()) {
        ring.schedule(delayMs + i * 20, () => ring.machine(from).get(key))
      }
    }
    return { ring, events, found, getAll }
  }

  function holders(ring: ReturnType<typeof ringOf>, index: number): number[] {
    const key = values[index]?.key
    return running(ring)
      .map((peer) => peer as number)
      .filter((node) => key !== undefined && ring.machine(node).holds(key))
  }

  it('are kept by the eight nodes behind their key, and found from everywhere', () => {
    const { ring, events, found, getAll } = stored()
    const replicas = events.filter((event) => event.type === 'put-done').map((event) => event.replicas)
    expect(replicas).toEqual(values.map(() => 8))
    const ideal = idealOf(ring)
    values.forEach(({ key }, i) => {
      const want = ideal.holdersOf(key, 8).map((peer) => peer as number)
      expect(holders(ring, i)).toEqual(want.toSorted((a, b) => a - b))
    })
    getAll(17, 0)
    ring.run(30 * second)
    expect(found()).toBe(60)
  })

  it('go to nodes that join, and are copied anew when nodes leave or crash', () => {
    const { ring, found, getAll } = stored()
    for (let node = 50; node < 60; node++) joinLater(ring, node, node - 50, (node - 50) * second)
    for (let node = 0; node < 16; node += 2) ring.schedule(minute, () => ring.crash(node))
    for (let node = 1; node < 8; node += 2) ring.schedule(2 * minute, () => ring.stop(node))
    ring.run(12 * minute)
    const ideal = idealOf(ring)
    values.forEach(({ key }, i) => {
      const kept = holders(ring, i)
      for (const peer of ideal.holdersOf(key, 8)) expect(kept).toContain(peer)
    })
    getAll(30, 0)
    ring.run(13 * minute)
    expect(found()).toBe(60)
  })

  it('that are not there are not found, which is told', () => {
    const { ring, events } = stored()
    ring.schedule(0, () => ring.machine(3).get(hashedValue(Uint8Array.of(99), 1000).key))
    ring.run(20 * second)
    expect(events).toContainEqual(expect.objectContaining({ type: 'get-failed', reason: 'not-found' }))
  })
})

describe('providers', () => {
  it('are found by all, until they say so no more', () => {
    const found: StructuredEvent[] = []
    const ring = ringOf(40, 11, {
      configOf: () => ({ ...config, provideTtlMs: 5 * minute, republishIntervalMs: 2 * minute }),
      onEvent: (_node, event) => {
        if (event.type === 'provider-found' || event.type === 'put-done') found.push(event)
      },
    })
    build(ring)
    const key = randomKey(ring.random('key'))
    const providers = () => found.filter((event) => event.type === 'provider-found').map((event) => event.peer)
    ring.schedule(0, () => ring.machine(5).provide(key))
    ring.schedule(0, () => ring.machine(6).provide(key))
    ring.schedule(5 * second, () => ring.machine(20).findProviders(key))
    ring.run(20 * second)
    expect(found.filter((event) => event.type === 'put-done')).toHaveLength(2)
    expect(providers().toSorted()).toEqual([5, 6])
    ring.schedule(0, () => ring.machine(6).stopProviding(key))
    ring.schedule(10 * minute, () => ring.machine(21).findProviders(key))
    found.length = 0
    ring.run(12 * minute)
    expect(providers()).toEqual([5])
  })
})
