import { toPeer } from '@servent/machine'
import { hashedValue } from '@servent/records'
import { describe, expect, it } from 'vitest'
import { claimOf, idealTorus } from '../src/index.ts'
import { ABUTTING, relationOf } from '../src/zone.ts'
import {
  claimsOf,
  holders,
  joinAll,
  keys,
  minute,
  pointIn,
  running,
  second,
  type Torus,
  torus,
  volumeIn,
} from './torus.ts'

/** Zones tile a reality: their volumes are the whole, and no two overlap. */
function expectTiled(it: Torus): void {
  const nodes = claimsOf(it)
  for (let reality = 0; reality < it.config.realities; reality++) {
    expect(volumeIn(nodes, reality)).toBe(1)
    for (const key of keys(it, 200)) expect(holders(nodes, pointIn(it, key), reality)).toHaveLength(1)
  }
}

/** Every node knows those beside it, and nobody else. */
function expectNeighbors(it: Torus): void {
  const nodes = claimsOf(it)
  for (const [node, claims] of nodes) {
    const beside = nodes.filter(([other, theirs]) => {
      const abuts = claims.some((zones, reality) =>
        zones.some((zone) => theirs[reality]?.some((each) => relationOf(zone, each) === ABUTTING))
      )
      return other !== node && abuts
    })
    const known = it.sim.machine(node).neighbors.map(Number)
    expect(known.toSorted((a, b) => a - b)).toEqual(beside.map(([other]) => other))
  }
}

/** Looks keys up one after the other and says which part was answered by the only one who owns the point. */
function lookUp(it: Torus, count: number, purpose: string): number {
  const random = it.sim.random(purpose)
  let right = 0
  let seen = it.events.length
  for (const key of keys(it, count, `${purpose} keys`)) {
    const up = running(it)
    it.sim.machine(up[Math.floor(random() * up.length)] as number).lookup(key)
    const deadline = it.sim.now + 30 * second
    for (let isOver = false; !isOver && it.sim.now < deadline; ) {
      it.sim.run(it.sim.now + 50)
      for (; seen < it.events.length; seen++) {
        const event = it.events[seen]?.event
        if (event === undefined || !('key' in event) || event.key !== key) continue
        isOver = true
        if (event.type !== 'lookup-done') continue
        const owners = holders(claimsOf(it), pointIn(it, key), 0)
        if (owners.length === 1 && owners[0] === Number(event.responsible)) right++
      }
    }
  }
  return right / count
}

/** Starts nodes with the zones and neighbors that joins would give them. */
function startIdeal(it: Torus): void {
  const { sim, config } = it
  sim.start()
  const { zones, neighbors } = idealTorus(sim.nodes, (node) => sim.keyOf(toPeer(node)), { ...config, reality: 0 })
  const claims = zones.map((zone) => [[claimOf(zone, 0)]])
  for (const [node, beside] of neighbors.entries()) {
    const acquaintances = beside.map((other) => ({ peer: toPeer(other), claims: claims[other] ?? [] }))
    sim.machine(node).adopt(claims[node] ?? [], acquaintances)
    sim.machine(node).greet()
  }
}

describe('a torus that nodes join', () => {
  it('is tiled by their zones at every moment, what is under way to its owner included', () => {
    const it = torus({ nodes: 60, seed: 3 }, { dimensions: 2 })
    const random = it.sim.random('joins')
    for (let node = 0; node < 60; node++) {
      it.sim.schedule(node * 300, () => {
        it.sim.start(node)
        if (node > 0) it.sim.machine(node).addContact(toPeer(Math.floor(random() * node)))
      })
    }
    for (let at = 10; at < 25 * second; at += 10) {
      it.sim.run(at)
      const nodes = claimsOf(it)
      let volume = volumeIn(nodes, 0)
      for (const [joiner, claims] of nodes) {
        if (claims[0]?.length !== 0) continue
        for (const [giver] of nodes)
          for (const { depth } of it.sim.machine(giver).grantsTo(toPeer(joiner))) volume += 2 ** -depth
      }
      expect(volume).toBe(1)
    }
    expectTiled(it)
    expectNeighbors(it)
  })

  it('is the ideal one if they join one after the other', () => {
    for (const uniform of [false, true]) {
      const it = torus({ nodes: 120, seed: 1 }, { dimensions: 3, uniform })
      // The last one that starts knows nobody before it joins: the first.
      joinAll(it, 2 * second)
      it.sim.run(it.sim.now + minute)
      expectNeighbors(it)
      if (uniform) continue
      const { zones, neighbors } = idealTorus(120, (node) => it.sim.keyOf(toPeer(node)), { ...it.config, reality: 0 })
      for (const node of running(it)) {
        const machine = it.sim.machine(node)
        expect(machine.claims).toEqual([[claimOf(zones[node] as never, 0)]])
        expect(machine.neighbors.map(Number).toSorted()).toEqual(neighbors[node]?.toSorted())
      }
    }
  })

  it('stands when a crowd joins at once, in two realities', () => {
    const it = torus({ nodes: 150, seed: 2 }, { dimensions: 2, realities: 2 })
    joinAll(it, 20)
    it.sim.run(it.sim.now + minute)
    expectTiled(it)
    expectNeighbors(it)
  })

  it('stands when all begin at once and know one another only', () => {
    const it = torus({ nodes: 40, seed: 3 })
    it.sim.start()
    for (let node = 1; node < 40; node++) {
      it.sim.machine(node).addContact(toPeer(0))
      it.sim.machine(0).addContact(toPeer(node))
    }
    it.sim.run(minute)
    expectTiled(it)
  })

  it('is joined past a contact that is dead', () => {
    const it = torus({ nodes: 30, seed: 4 })
    joinAll(it)
    it.sim.run(it.sim.now + minute)
    it.sim.crash(7)
    it.sim.crash(8)
    it.sim.start(8)
    it.sim.machine(8).addContact(toPeer(7))
    it.sim.machine(8).addContact(toPeer(9))
    it.sim.run(it.sim.now + 2 * minute)
    expect(it.sim.machine(8).isJoined).toBe(true)
    expectTiled(it)
  })

  it('is the same with every message through its bytes', () => {
    const print = (wire: boolean): string => {
      const it = torus({ nodes: 60, seed: 5, wire, loss: 0.01 }, { realities: 2, dimensions: 2 })
      joinAll(it)
      it.sim.crash(3)
      it.sim.stop(4)
      for (const key of keys(it, 20)) it.sim.machine(10).lookup(key)
      it.sim.machine(11).put(hashedValue(Uint8Array.of(1), minute))
      it.sim.run(it.sim.now + minute)
      return it.sim.fingerprint
    }
    expect(print(true)).toBe(print(false))
  })
})

describe('a torus that nodes leave', () => {
  it('is whole at once when they leave in order, values and all', () => {
    const it = torus({ nodes: 50, seed: 6 })
    joinAll(it)
    it.sim.run(it.sim.now + 30 * second)
    const records = Array.from({ length: 30 }, (_, i) => hashedValue(Uint8Array.of(i), 10 * minute))
    for (const record of records) it.sim.machine(1).put(record)
    it.sim.run(it.sim.now + 10 * second)
    for (let node = 20; node < 40; node++) it.sim.schedule((node - 20) * second, () => it.sim.stop(node))
    it.sim.run(it.sim.now + 90 * second)
    expectTiled(it)
    for (const { key } of records) it.sim.machine(2).get(key)
    it.sim.run(it.sim.now + 10 * second)
    expect(it.events.filter(({ event }) => event.type === 'get-done')).toHaveLength(30)
  })

  it('is taken over when a third crashes at once, and nearly every lookup is right all the same', () => {
    const it = torus({ nodes: 300, seed: 7 })
    startIdeal(it)
    it.sim.run(30 * second)
    expect(lookUp(it, 30, 'calm')).toBe(1)
    const random = it.sim.random('crash')
    for (const node of running(it)) if (random() < 0.3) it.sim.crash(node)
    expect(lookUp(it, 60, 'at once')).toBeGreaterThanOrEqual(0.95)
    it.sim.run(it.sim.now + 3 * minute)
    expectTiled(it)
    expectNeighbors(it)
    // Background reassignment has given everybody one zone again.
    for (const [, claims] of claimsOf(it)) expect(claims[0]?.length).toBe(1)
  })

  it('keeps its values when a third of those who keep them crash', () => {
    const it = torus({ nodes: 200, seed: 8 })
    startIdeal(it)
    it.sim.run(30 * second)
    const records = Array.from({ length: 100 }, (_, i) => hashedValue(Uint8Array.of(i, 1), 10 * minute))
    for (const [i, record] of records.entries()) it.sim.machine(i).put(record)
    it.sim.run(it.sim.now + 30 * second)
    const random = it.sim.random('crash')
    for (const node of running(it)) if (node > 0 && random() < 0.3) it.sim.crash(node)
    it.sim.run(it.sim.now + 30 * second)
    for (const { key } of records) it.sim.machine(0).get(key)
    it.sim.run(it.sim.now + 30 * second)
    expect(it.events.filter(({ event }) => event.type === 'get-done').length).toBeGreaterThanOrEqual(99)
  })
})

describe('a torus that broke', () => {
  it('is one again after a partition, with every zone in one hand', () => {
    const it = torus({ nodes: 60, seed: 9 }, { dimensions: 2 })
    joinAll(it)
    it.sim.run(it.sim.now + minute)
    it.sim.partition((node) => node % 2)
    it.sim.run(it.sim.now + 2 * minute)
    const [evens, odds] = [0, 1].map((part) => claimsOf(it).filter(([node]) => node % 2 === part))
    // Each half has taken over what the other had.
    expect(volumeIn(evens ?? [], 0)).toBeGreaterThan(0.98)
    expect(volumeIn(odds ?? [], 0)).toBeGreaterThan(0.98)
    it.sim.heal()
    it.sim.run(it.sim.now + 4 * minute)
    expectTiled(it)
    expectNeighbors(it)
  })

  it('is one when two of them meet', () => {
    const it = torus({ nodes: 60, seed: 10 }, { dimensions: 2 })
    const random = it.sim.random('joins')
    for (let node = 0; node < 60; node++) {
      const contact = (node % 2) + 2 * Math.floor(random() * Math.floor(node / 2))
      it.sim.schedule(node * 200, () => {
        it.sim.start(node)
        if (node > 1) it.sim.machine(node).addContact(toPeer(contact))
      })
    }
    it.sim.run(72 * second)
    expect(volumeIn(claimsOf(it), 0)).toBe(2)
    it.sim.machine(0).addContact(toPeer(1))
    it.sim.run(it.sim.now + 3 * minute)
    expectTiled(it)
    expectNeighbors(it)
  })

  it('stays one under churn', () => {
    const it = torus({ nodes: 100, seed: 11 })
    startIdeal(it)
    const random = it.sim.random('churn')
    for (let i = 0; i < 200; i++) {
      it.sim.schedule(i * second, () => {
        const node = 1 + Math.floor(random() * 99)
        if (it.sim.isUp(node)) return random() < 0.5 ? it.sim.crash(node) : it.sim.stop(node)
        it.sim.start(node)
        it.sim.machine(node).addContact(toPeer(0))
      })
    }
    it.sim.run(200 * second)
    expect(lookUp(it, 20, 'churning')).toBeGreaterThanOrEqual(0.9)
    it.sim.run(it.sim.now + 4 * minute)
    expectTiled(it)
  })
})
