import { type Key, keysEqual } from '@servent/keyspace'
import { toPeer } from '@servent/machine'
import { hashedValue, type ProviderRecord, signValue, type ValueRecord } from '@servent/records'
import { describe, expect, it } from 'vitest'
import { Network } from './network.ts'

const minute = 60_000
const hour = 60 * minute

function value(text: string, ttlMs = hour): ValueRecord {
  return hashedValue(
    Uint8Array.from(text, (char) => char.charCodeAt(0)),
    ttlMs
  )
}

function signed(sequence: number): ValueRecord {
  const secretKey = new Uint8Array(32).fill(7)
  return signValue(secretKey, { name: 'profile', sequence, value: Uint8Array.of(sequence), ttlMs: hour })
}

/** The nodes that keep the value of a key, asked one by one. */
function holders(network: Network, key: Key): number[] {
  return network.running.filter((node) => network.machine(node).kept(key) !== undefined)
}

/** The k running nodes closest to a key, in the order of their numbers. */
function closest(network: Network, key: Key, count: number): number[] {
  const nearest = network.machine(network.closestTo(key)).tables.leafSet.replicas(key, count)
  return (nearest as unknown as number[]).toSorted((a, b) => a - b)
}

describe('a value', () => {
  it('is kept by the eight nodes closest to its key, and found from everywhere', () => {
    const network = new Network(120).startIdeal()
    const record = value('hello')
    expect(network.request(3, (machine) => machine.put(record))).toMatchObject({ type: 'put-done', replicas: 8 })
    expect(holders(network, record.key)).toEqual(closest(network, record.key, 8))
    for (const node of [0, 40, 80, 119]) {
      const ending = network.request(node, (machine) => machine.get(record.key))
      expect(ending).toMatchObject({ type: 'get-done', values: [{ value: record.value }] })
    }
  })

  it('takes few messages among forty nodes: some eighteen to put with eight replicas, some three to get', () => {
    const network = new Network(40, { config: { leafSetIntervalMs: 0, tableIntervalMs: 0, meetIntervalMs: 0 } })
    network.startIdeal()
    const sent = () => [...network.sent.values()].reduce((sum, count) => sum + count, 0)
    const records = Array.from({ length: 40 }, (_, i) => value(`value ${i}`))
    for (const [node, record] of records.entries()) network.request(node, (machine) => machine.put(record))
    expect(sent() / 40).toBeLessThan(18)
    const before = sent()
    for (const [node, { key }] of records.entries()) network.request(39 - node, (machine) => machine.get(key))
    expect((sent() - before) / 40).toBeLessThan(4)
  })

  it('that nobody put is not found', () => {
    const network = new Network(50).startIdeal()
    const ending = network.request(3, (machine) => machine.get(value('nothing').key))
    expect(ending).toMatchObject({ type: 'get-failed', reason: 'not-found' })
  })

  it('is found by its owner only as new as it is, and an older one is refused', () => {
    const network = new Network(50).startIdeal()
    for (const sequence of [1, 2]) {
      expect(network.request(5, (machine) => machine.put(signed(sequence)))).toMatchObject({ type: 'put-done' })
    }
    expect(network.request(9, (machine) => machine.put(signed(1)))).toMatchObject({
      type: 'put-failed',
      reason: 'stale-sequence',
    })
    expect(network.request(20, (machine) => machine.get(signed(1).key))).toMatchObject({ values: [{ sequence: 2 }] })
  })

  it('follows the leaf set: after nodes came and went, those closest keep it', () => {
    const network = new Network(100, { config: { republishIntervalMs: minute } })
    for (let node = 0; node < 60; node++) {
      network.simulator.start(node)
      if (node > 0) network.machine(node).addContact(toPeer(0))
    }
    network.pass(minute)
    const records = Array.from({ length: 20 }, (_, i) => value(`value ${i}`))
    for (const record of records) network.request(network.pick(), (machine) => machine.put(record))
    for (let node = 60; node < 100; node++) {
      network.simulator.start(node)
      network.machine(node).addContact(toPeer(network.pick()))
      network.pass(3000)
    }
    for (let node = 0; node < 30; node++) {
      if (node % 2 === 0) network.simulator.crash(node)
      else network.simulator.stop(node)
      network.pass(4000)
    }
    network.pass(2 * minute)
    for (const { key } of records) {
      const kept = holders(network, key)
      for (const node of closest(network, key, 8)) expect(kept).toContain(node)
    }
  })

  it('is kept by the next in line when its only keeper leaves', () => {
    const network = new Network(40, { config: { replicas: 1, republishIntervalMs: 0 } }).startIdeal()
    const record = value('alone')
    network.request(3, (machine) => machine.put(record))
    const [keeper] = holders(network, record.key)
    network.machine(keeper as number).leave()
    network.pass(1000)
    network.simulator.stop(keeper as number)
    expect(holders(network, record.key)).toEqual(closest(network, record.key, 1))
  })

  it('is stored again by whoever put it, and gone when its time is over', () => {
    const network = new Network(60, { config: { republishIntervalMs: minute } }).startIdeal()
    const record = value('for ten minutes', 10 * minute)
    network.request(3, (machine) => machine.put(record))
    for (const node of closest(network, record.key, 8)) if (node !== 3) network.simulator.crash(node)
    network.pass(4 * minute)
    expect(network.request(20, (machine) => machine.get(record.key))).toMatchObject({ type: 'get-done' })
    network.pass(10 * minute)
    expect(network.request(20, (machine) => machine.get(record.key))).toMatchObject({ type: 'get-failed' })
    expect(holders(network, record.key)).toEqual([])
  })

  it('that many ask for is kept on the way, where they find it sooner', () => {
    const network = new Network(400).startIdeal()
    const record = value('popular')
    network.request(3, (machine) => machine.put(record))
    const hops = [...Array(3)].map(() => {
      const endings = network.running.map((node) => network.request(node, (machine) => machine.get(record.key)))
      return endings.reduce((sum, ending) => sum + ('path' in ending ? ending.path.length - 1 : 0), 0) / endings.length
    })
    expect(hops[1]).toBeLessThan(0.1)
    expect(hops[0]).toBeLessThan(1.5)
  })
})

describe('providers', () => {
  it('are found by those who look for them', () => {
    const network = new Network(80).startIdeal()
    const key = network.randomKey()
    for (const node of [11, 12, 13]) {
      expect(network.request(node, (machine) => machine.provide(key))).toMatchObject({ type: 'put-done', replicas: 8 })
    }
    const id = network.machine(70).findProviders(key)
    network.pass(3000)
    expect(network.endings.get(id)).toMatchObject({ type: 'find-done', count: 3 })
    expect(network.found.get(id)?.toSorted()).toEqual([11, 12, 13])
  })

  it('of nothing are none', () => {
    const network = new Network(80).startIdeal()
    const ending = network.request(70, (machine) => machine.findProviders(network.randomKey()))
    expect(ending).toMatchObject({ type: 'find-done', count: 0 })
  })

  it('say it again until they stop, and are forgotten an hour later', () => {
    const network = new Network(40).startIdeal()
    const key = network.randomKey()
    network.request(11, (machine) => machine.provide(key))
    network.pass(2 * hour)
    expect(network.request(20, (machine) => machine.findProviders(key))).toMatchObject({ count: 1 })
    network.machine(11).stopProviding(key)
    network.pass(hour + 15 * minute)
    expect(network.request(20, (machine) => machine.findProviders(key))).toMatchObject({ count: 0 })
  })

  it('are believed only of themselves', () => {
    const network = new Network(40).startIdeal()
    const key = network.randomKey()
    const root = network.closestTo(key)
    const record: ProviderRecord = { type: 'provider', key, peer: toPeer(1), ttlMs: hour }
    network.machine(root).onMessage(toPeer(2), { type: 'Store', id: 1, record })
    expect(network.machine(root).drops).toEqual({ 'not-the-provider': 1 })
    network.machine(root).onMessage(toPeer(1), { type: 'Store', id: 1, record })
    expect(network.request(20, (machine) => machine.findProviders(key))).toMatchObject({ count: 1 })
    expect(keysEqual(record.key, key)).toBe(true)
  })
})
