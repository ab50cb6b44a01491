import { toPeer } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import { Network } from './network.ts'

const minute = 60_000

describe('nodes that join', () => {
  it('one after the other have the leaf sets they should have, and soon the same entries filled', () => {
    const network = new Network(300).startJoining(300).pass(300 * 300 + 3000)
    expect(network.joined.size).toBe(299)
    expect(network.wrongLeafSets()).toEqual([])
    const { missing, extra, all } = network.wrongSlots()
    expect(extra).toBe(0)
    expect(missing / all).toBeLessThan(0.01)
    network.pass(15 * minute)
    expect(network.wrongLeafSets()).toEqual([])
    expect(network.wrongSlots()).toMatchObject({ missing: 0, extra: 0 })
  })

  it('all at the same moment, each knowing one that starts then too, become one ring', () => {
    const network = new Network(200).startJoining(0).pass(minute)
    expect(network.wrongLeafSets()).toEqual([])
    expect(network.joined.size).toBe(199)
  })

  it('in a circle, each through the next, become one ring', () => {
    const network = new Network(12)
    network.simulator.start()
    for (let node = 0; node < 12; node++) network.machine(node).addContact(toPeer((node + 1) % 12))
    network.pass(minute)
    expect(network.wrongLeafSets()).toEqual([])
  })

  it('through a contact that is dead take the next one', () => {
    const network = new Network(21)
    for (let node = 0; node < 20; node++) network.simulator.start(node)
    for (let node = 1; node < 20; node++) network.machine(node).addContact(toPeer(0))
    network.pass(minute)
    network.simulator.crash(5)
    network.simulator.start(20)
    network.machine(20).addContact(toPeer(5))
    network.machine(20).addContact(toPeer(7))
    network.pass(minute)
    expect(network.joined.has(20)).toBe(true)
    expect(network.wrongLeafSets()).toEqual([])
  })

  it('through a contact that dies while they join, find their place', () => {
    const network = new Network(60).startJoining(200).pass(60 * 200 - 1)
    // Number 59 has just sent its join.
    network.simulator.crash(network.pick() % 59)
    network.pass(3 * minute)
    expect(network.wrongLeafSets()).toEqual([])
    expect(network.machine(59).isJoined).toBe(true)
  })

  it('alone are a ring, and answer for every key', () => {
    const network = new Network(1)
    network.simulator.start(0)
    const key = network.randomKey()
    expect(network.request(0, (machine) => machine.lookup(key))).toMatchObject({
      type: 'lookup-done',
      responsible: 0,
      path: [0],
    })
  })

  it('with nobody left to join through go on alone, and meet the others later', () => {
    const network = new Network(8)
    network.simulator.start(7)
    network.machine(7).addContact(toPeer(0))
    network.pass(minute)
    expect(network.machine(7).isJoined).toBe(true)
    for (let node = 0; node < 7; node++) {
      network.simulator.start(node)
      if (node > 0) network.machine(node).addContact(toPeer(0))
    }
    network.pass(5 * minute)
    expect(network.wrongLeafSets()).toEqual([])
  })

  it('send no more messages than the paper says: 1.5 times 3 · 2^b · log N', () => {
    const nodes = 400
    const network = new Network(nodes, { config: { leafSetIntervalMs: 0, tableIntervalMs: 0, meetIntervalMs: 0 } })
    network.startJoining(500).pass(nodes * 500 + 5000)
    const total = [...network.sent.values()].reduce((sum, count) => sum + count, 0)
    expect(total / nodes).toBeLessThan(1.5 * 48 * (Math.log(nodes) / Math.log(16)))
    expect(network.wrongLeafSets()).toEqual([])
  })
})

describe('parts of a ring', () => {
  it('that were parted and meet again become one', () => {
    const network = new Network(120).startIdeal().pass(10_000)
    network.simulator.partition((node) => node % 2)
    network.pass(4 * minute)
    const [even, odd] = [0, 1].map((part) => network.running.filter((node) => node % 2 === part))
    for (const part of [even, odd] as number[][]) {
      for (const node of part) {
        for (const peer of network.machine(node).neighbors) expect((peer as number) % 2).toBe(node % 2)
      }
    }
    network.simulator.heal()
    network.pass(5 * minute)
    expect(network.wrongLeafSets()).toEqual([])
  })

  it('that never knew each other become one as soon as one node is told of one', () => {
    const network = new Network(80)
    for (let node = 0; node < 80; node++) {
      network.simulator.start(node)
      if (node > 1) network.machine(node).addContact(toPeer(node % 2))
    }
    network.pass(2 * minute)
    expect(network.machine(10).neighbors.every((peer) => (peer as number) % 2 === 0)).toBe(true)
    network.machine(10).addContact(toPeer(11))
    network.pass(4 * minute)
    expect(network.wrongLeafSets()).toEqual([])
  })
})
