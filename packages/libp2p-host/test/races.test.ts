import type { Libp2p } from '@libp2p/interface'
import { type Peer, randomInt } from '@servent/machine'
import { type Probe, type ProbeCall, probe } from '@servent/machine/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { type ProtocolRunner, runProtocol } from '../src/index.ts'
import { makeNode, until } from '../src/testing/index.ts'

type Runner = ProtocolRunner<Probe>

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()))
})

async function makeRunners(count: number): Promise<{ nodes: Libp2p[]; runners: Runner[] }> {
  const nodes = await Promise.all(Array.from({ length: count }, () => makeNode()))
  const limits = { streamsPerSecond: 1e6, streamsBurst: 1e6, closeTimeoutMs: 200 }
  const runners = nodes.map((node) => runProtocol(node, probe, {}, { limits }))
  for (const runner of runners) {
    for (const [i, other] of runners.entries()) {
      for (const ma of (nodes[i] as Libp2p).getMultiaddrs()) runner.commons.addressBook.learn(other.self, ma, true)
    }
  }
  await Promise.all(runners.map((runner) => runner.start()))
  cleanups.push(async () => {
    await Promise.all(runners.map((runner) => runner.stop()))
    await Promise.all(nodes.map((node) => node.stop()))
  })
  return { nodes, runners }
}

/** The same numbers on every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

function isConnected(runner: Runner, peer: Peer): boolean {
  const last = runner.machine.calls.findLast((made) => 'peer' in made && made.peer === peer)
  return last?.call === 'connected'
}

/** What a machine was told, checked against what a host promises. */
function check(calls: readonly ProbeCall[]): void {
  const connected = new Set<Peer>()
  const last = new Map<Peer, number>()
  for (const made of calls) {
    if (made.call === 'connected') connected.add(made.peer)
    if (made.call === 'disconnected') connected.delete(made.peer)
    if (made.call !== 'message') continue
    expect(connected.has(made.from)).toBe(true)
    expect(made.number).toBeGreaterThan(last.get(made.from) ?? 0)
    last.set(made.from, made.number)
  }
}

describe('peers that connect, send and disconnect at random', () => {
  it.each([1, 2, 3])('are told a story that holds, and agree in the end (seed %i)', async (seed) => {
    const random = seeded(seed)
    const { nodes, runners } = await makeRunners(4)
    for (let number = 1; number <= 400; number++) {
      const a = randomInt(random, 4)
      const b = (a + 1 + randomInt(random, 3)) % 4
      const [from, to] = [runners[a] as Runner, runners[b] as Runner]
      const act = random()
      if (act < 0.55) from.machine.host.send(to.self, { type: 'Number', number, reply: false })
      else if (act < 0.8) from.machine.host.connect(to.self)
      else if (act < 0.99) from.machine.host.disconnect(to.self)
      else await (nodes[a] as Libp2p).hangUp((nodes[b] as Libp2p).peerId)
      // Sometimes everything settles, sometimes several things happen in one turn.
      if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, 0))
    }
    const pairs = runners.flatMap((a, i) => runners.slice(i + 1).map((b) => [a, b] as const))
    await until(() => pairs.every(([a, b]) => isConnected(a, b.self) === isConnected(b, a.self)), 'agreement')
    for (const { machine } of runners) check(machine.calls)
    // And it still works.
    for (const [a, b] of pairs) {
      a.machine.host.send(b.self, { type: 'Number', number: 1000, reply: false })
      await until(() =>
        b.machine.calls.some((made) => made.call === 'message' && made.number === 1000 && made.from === a.self)
      )
    }
    for (const { machine, neighbors, outboxBytes } of runners) {
      check(machine.calls)
      expect(machine.reentries).toBe(0)
      expect(neighbors.length).toBe(3)
      expect(outboxBytes).toBe(0)
    }
  })
})
