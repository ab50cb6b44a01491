import { toPeer } from '@servent/machine'
import { churn } from '@servent/simulator'
import { describe, expect, it } from 'vitest'
import type { Network } from './network.ts'
import { Network as World } from './network.ts'

const minute = 60_000

/** Looks up random keys from random nodes; which part was answered with the node that is responsible then. */
function successOf(network: Network, lookups: number, intervalMs: number): number {
  const asked: { readonly id: number; readonly right: number }[] = []
  for (let i = 0; i < lookups; i++) {
    network.simulator.schedule(i * intervalMs, () => {
      const key = network.randomKey()
      asked.push({ id: network.machine(network.pick()).lookup(key), right: network.closestTo(key) })
    })
  }
  network.pass(lookups * intervalMs + minute)
  const right = asked.filter(({ id, right }) => {
    const ending = network.endings.get(id)
    return ending?.type === 'lookup-done' && ending.responsible === right
  })
  return right.length / lookups
}

describe('nodes that fail', () => {
  it('all but one of a half leaf set next to each other: every lookup still finds who is left', () => {
    const network = new World(200).startIdeal().pass(5000)
    const ideal = network.ideal()
    for (let i = 0; i < 7; i++) network.simulator.crash(ideal.sorted[50 + i] as number)
    const keys = Array.from({ length: 7 }, (_, i) => ideal.keyAt(50 + i))
    for (const key of keys) {
      for (let i = 0; i < 3; i++) {
        const ending = network.request(network.pick(), (machine) => machine.lookup(key))
        expect(ending).toMatchObject({ type: 'lookup-done', responsible: network.closestTo(key) })
      }
    }
  })

  it('three in ten at once: nearly every lookup is right at once, and all are half a minute later', () => {
    const network = new World(300).startIdeal().pass(20_000)
    for (const node of network.running) if (network.random() < 0.3) network.simulator.crash(node)
    expect(successOf(network, 300, 20)).toBeGreaterThan(0.98)
    expect(successOf(network, 300, 20)).toBe(1)
    network.pass(2 * minute)
    expect(network.wrongLeafSets()).toEqual([])
  })

  it('half of them at once', () => {
    const network = new World(300).startIdeal().pass(20_000)
    for (const node of network.running) if (network.random() < 0.5) network.simulator.crash(node)
    expect(successOf(network, 300, 20)).toBeGreaterThan(0.95)
    expect(successOf(network, 300, 20)).toBeGreaterThan(0.99)
  })

  it('until few are left: those are a whole ring', () => {
    const network = new World(40).startIdeal().pass(20_000)
    for (const node of network.running.slice(0, 34)) network.simulator.crash(node)
    network.pass(4 * minute)
    expect(network.wrongLeafSets()).toEqual([])
    expect(network.machine(39).tables.leafSet.coversAll).toBe(true)
  })

  it('and say goodbye are forgotten at once', () => {
    const network = new World(100).startIdeal().pass(20_000)
    const leaving = network.running.slice(0, 30)
    for (const node of leaving) network.machine(node).leave()
    network.pass(1000)
    for (const node of leaving) network.simulator.stop(node)
    for (const node of network.running) {
      for (const peer of network.machine(node).neighbors) expect(network.simulator.isUp(peer as number)).toBe(true)
    }
    network.pass(30_000)
    expect(network.wrongLeafSets()).toEqual([])
  })

  it('and come back with nothing, having forgotten where they were', () => {
    const network = new World(60).startIdeal().pass(20_000)
    for (const node of [3, 4, 5]) {
      network.simulator.crash(node)
      network.simulator.start(node)
      network.machine(node).addContact(toPeer(50))
    }
    network.pass(2 * minute)
    expect(network.wrongLeafSets()).toEqual([])
  })

  it('and come, with sessions of a few minutes: nearly all lookups are right', () => {
    const network = new World(200).startIdeal().pass(10_000)
    churn(network.simulator, { sessionHalfLifeMs: 5 * minute }, (node) =>
      network.machine(node).addContact(toPeer(network.pick()))
    )
    network.pass(5 * minute)
    expect(successOf(network, 500, 100)).toBeGreaterThan(0.97)
  })

  it('behind a link that loses messages: lookups go on', () => {
    const network = new World(150, { loss: 0.05 }).startIdeal().pass(30_000)
    expect(successOf(network, 300, 50)).toBeGreaterThan(0.97)
  })
})

describe('a run', () => {
  it('is the same with every message passed through its bytes', () => {
    const runs = [false, true].map((wire) => {
      const network = new World(60, { wire, loss: 0.02 }).startJoining(200)
      network.simulator.schedule(20_000, () => network.simulator.crash(7))
      network.simulator.schedule(30_000, () => {
        for (let node = 10; node < 20; node++) network.machine(node).provide(network.keyOf(node))
      })
      network.pass(2 * minute)
      return [network.simulator.fingerprint, network.endings.size]
    })
    expect(runs[0]).toEqual(runs[1])
    expect(runs[0]?.[1]).toBe(10)
  })
})
