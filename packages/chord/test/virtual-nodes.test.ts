import { keysEqual } from '@servent/keyspace'
import { type Peer, toPeer } from '@servent/machine'
import { hashedValue, type StructuredEvent } from '@servent/records'
import { describe, expect, it } from 'vitest'
import { IdealRing, VirtualNodes } from '../src/index.ts'
import { baseOf, indexOf, virtualKey, virtualPeer } from '../src/virtual-peer.ts'
import { config, joinLater, minute, type Ring, randomKey, ringOf, running, second } from './rings.ts'

const EACH = 4

function nodesOf(ring: Ring, peer: Peer): readonly { readonly self: Peer; readonly successors: readonly Peer[] }[] {
  const machine = ring.machine(peer as number)
  if (!(machine instanceof VirtualNodes)) throw new TypeError('one node only')
  return machine.nodes.map(({ successors }, i) => ({ self: virtualPeer(peer, i), successors }))
}

function idealOf(ring: Ring): IdealRing {
  const keyOf = (peer: Peer) =>
    indexOf(peer) === 0 ? ring.keyOf(peer) : virtualKey(ring.keyOf(baseOf(peer)), indexOf(peer))
  const all = running(ring).flatMap((peer) => Array.from({ length: EACH }, (_, i) => virtualPeer(peer, i)))
  return new IdealRing(all, keyOf)
}

describe('virtual nodes', () => {
  it('have names that lead back to their peer, in the simulator as over libp2p', () => {
    for (const base of [toPeer(0), toPeer(4_000_000_000), toPeer('12D3KooWPeer')]) {
      for (const index of [0, 1, 63]) {
        const peer = virtualPeer(base, index)
        expect([baseOf(peer), indexOf(peer)]).toEqual([base, index])
      }
      expect(virtualPeer(base, 0)).toBe(base)
    }
  })

  it('lie elsewhere than their peer, each', () => {
    const ring = ringOf(1, 1)
    const places = [ring.keyOf(toPeer(0)), ...[1, 2, 3].map((i) => virtualKey(ring.keyOf(toPeer(0)), i))]
    places.forEach((a, i) => {
      for (const b of places.slice(i + 1)) expect(keysEqual(a, b)).toBe(false)
    })
  })

  function joined(events: StructuredEvent[], isWire = false): Ring {
    const ring = ringOf(20, 2, {
      wire: isWire,
      configOf: () => ({ ...config, virtualNodes: EACH }),
      onEvent: (_node, event) => events.push(event),
    })
    ring.start(0)
    for (let node = 1; node < 20; node++) joinLater(ring, node, node >> 1, node * second)
    ring.run(15 * minute)
    return ring
  }

  it('are nodes of the ring like any other', () => {
    const ring = joined([])
    const ideal = idealOf(ring)
    for (const { self, successors } of running(ring).flatMap((peer) => nodesOf(ring, peer))) {
      expect(successors).toEqual(ideal.placeOf(self, config.successorsMax).successors)
    }
  })

  it('answer for their peer: lookups name it, values lie with eight different ones', () => {
    const events: StructuredEvent[] = []
    const ring = joined(events)
    const ideal = idealOf(ring)
    const random = ring.random('keys')
    events.length = 0
    const value = hashedValue(Uint8Array.of(1, 2, 3), 60 * minute)
    for (let i = 0; i < 40; i++) ring.schedule(i * second, () => ring.machine(i % 20).lookup(randomKey(random)))
    ring.schedule(0, () => ring.machine(3).put(value))
    ring.schedule(minute, () => ring.machine(11).get(value.key))
    ring.run(18 * minute)
    const done = events.filter((event) => event.type === 'lookup-done')
    expect(done).toHaveLength(40)
    for (const { key, responsible, path } of done) {
      expect(responsible).toBe(baseOf(ideal.successorOf(key)))
      expect(path.every((peer) => indexOf(peer) === 0)).toBe(true)
    }
    expect(events).toContainEqual(expect.objectContaining({ type: 'put-done', replicas: 8 }))
    expect(events).toContainEqual(expect.objectContaining({ type: 'get-done' }))
  })

  it('do the same with every message through its bytes', () => {
    expect(joined([], true).fingerprint).toBe(joined([]).fingerprint)
  })
})
