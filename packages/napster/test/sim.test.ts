import { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { Simulator, uniformLatency } from '@servent/simulator'
import { describe, expect, it } from 'vitest'
import { type IndexClient, IndexServer, type NapsterEvent, type NapsterHit, napster } from '../src/index.ts'

const CLIENTS = 1000
const second = 1000
const minute = 60 * second

function sharing(...names: string[]): Library {
  const library = new Library()
  for (const name of names) library.add({ name, size: 1000, sha1: undefined, cid: undefined })
  return library
}

/** Node 0 keeps the index, the others share one common and one own file each. */
function network(isWire: boolean) {
  const events: { node: number; event: NapsterEvent }[] = []
  const sent = new Map<string, number>()
  const sim = new Simulator(napster, {
    nodes: CLIENTS + 1,
    seed: 1,
    wire: isWire,
    latency: uniformLatency(10, 100),
    configOf: (node) => ({
      ...napster.defaults,
      isIndex: node === 0,
      library: sharing(`alpha number${node}`, `rare${node % 100} beta.mp3`),
    }),
    onEvent: (node, event) => events.push({ node, event }),
    observer: {
      onDeliver: (_to, _from, { type }) => {
        sent.set(type, (sent.get(type) ?? 0) + 1)
      },
    },
  })
  sim.start()
  const client = (node: number): IndexClient => {
    const machine = sim.machine(node)
    return machine instanceof IndexServer ? machine.operator : machine
  }
  for (let node = 1; node <= CLIENTS; node++) sim.schedule(node * 10, () => client(node).addIndex(toPeer(0)))
  const of = <Type extends NapsterEvent['type']>(node: number, type: Type) =>
    events.flatMap(({ node: at, event }) =>
      at === node && event.type === type ? [event as Extract<NapsterEvent, { type: Type }>] : []
    )
  return { sim, client, events, sent, of }
}

describe('a thousand clients of one index', () => {
  it('find everything with one message out and one answer back; without the index, nothing, and are told so', () => {
    const { sim, client, of, sent, events } = network(false)
    sim.run(minute)
    const server = sim.machine(0) as IndexServer
    expect(server.userCount).toBe(CLIENTS + 1)
    expect(server.songCount).toBe(2 * (CLIENTS + 1))
    expect(server.drops).toEqual({})

    sent.clear()
    sim.schedule(0, () => client(1).search('number777'))
    sim.run(sim.now + second)
    expect(of(1, 'napster-hit')).toMatchObject([{ name: 'alpha number777', peer: toPeer(777), size: 1000 }])
    expect(of(1, 'search-ended')).toMatchObject([{ hitCount: 1, messageCount: 3 }])
    // Nobody but the two has heard of it.
    expect(Object.fromEntries(sent)).toEqual({ Search: 1, SearchResult: 1, SearchEnd: 1 })

    for (let node = 1; node <= CLIENTS; node++) sim.schedule(node, () => client(node).search(`rare${node % 100}`))
    sim.run(sim.now + 2 * second)
    const found = new Map<number, Set<NapsterHit['peer']>>()
    for (const { node, event } of events) {
      if (event.type !== 'napster-hit' || !event.name.startsWith('rare')) continue
      found.set(node, (found.get(node) ?? new Set()).add(event.peer))
    }
    for (let node = 1; node <= CLIENTS; node++) {
      // Ten clients share each of them, and the index server's owner those of 0.
      const others = Array.from({ length: CLIENTS + 1 }, (_, other) => other).filter(
        (other) => other !== node && other % 100 === node % 100
      )
      expect([...(found.get(node) ?? [])].sort()).toEqual(others.map(toPeer).sort())
    }

    sim.schedule(0, () => sim.crash(0))
    sim.run(sim.now + 30 * second)
    expect(events.filter(({ event }) => event.type === 'index-lost')).toHaveLength(CLIENTS)
    sim.schedule(0, () => client(1).search('number777'))
    sim.run(sim.now + second)
    expect(of(1, 'search-failed')).toMatchObject([{ reason: 'no-index' }])

    sim.schedule(0, () => sim.start(0))
    sim.run(sim.now + 3 * minute)
    sim.schedule(0, () => client(1).search('number777'))
    sim.run(sim.now + second)
    expect(of(1, 'napster-hit').filter(({ name }) => name === 'alpha number777')).toHaveLength(2)
  })

  it('do the same with every message through its bytes', () => {
    const fingerprintOf = (isWire: boolean) => {
      const { sim, client } = network(isWire)
      sim.run(20 * second)
      for (let node = 1; node <= CLIENTS; node++) sim.schedule(node, () => client(node).search(`rare${node % 100}`))
      sim.run(sim.now + 2 * second)
      return sim.fingerprint
    }
    expect(fingerprintOf(true)).toBe(fingerprintOf(false))
  })
})
