import { describe, expect, it } from 'vitest'
import type { Peer } from '../host.ts'
import type { Probe, ProbeCall, ProbeEvent } from './probe.ts'

/** One running node of a world under test. */
export interface WorldNode {
  readonly peer: Peer
  readonly machine: Probe
  /** What the machine emitted, as the application got it. */
  readonly events: readonly ProbeEvent[]
  /** Stops this node alone. */
  stop(): Promise<void>
}

/** A world under test: the simulator, libp2p, … Every node knows how to reach every other from the start. */
export interface World {
  /** Starts `count` nodes that run the probe protocol. */
  spawn(count: number): Promise<WorldNode[]>
  /** Resolves when `condition` holds. Rejects when it does not within a time that is long for this world. */
  until(condition: () => boolean): Promise<void>
  /** Lets at least `ms` of the world's time pass. */
  pass(ms: number): Promise<void>
  /** A peer that does not exist. */
  readonly nobody: Peer
  close(): Promise<void>
}

/** The suite that every world passes: what `Host` and `Machine` promise each other. */
export function hostCompliance(name: string, setup: () => Promise<World>): void {
  describe(`${name} keeps the promises of a host`, () => {
    const withWorld = (test: (world: World) => Promise<void>) => async () => {
      const world = await setup()
      try {
        await test(world)
      } finally {
        await world.close()
      }
    }

    it(
      'starts each machine once, before anything else',
      withWorld(async (world) => {
        const [a, b] = await pair(world)
        for (const node of [a, b]) {
          expect(node.machine.calls[0]).toEqual({ call: 'start' })
          expect(count(node, 'start')).toBe(1)
          expect(node.machine.host.self).toBe(node.peer)
        }
      })
    )

    it(
      'tells both ends of a connection',
      withWorld(async (world) => {
        const [a, b] = await connectedPair(world)
        expect(a.machine.calls).toContainEqual({ call: 'connected', peer: b.peer })
        expect(b.machine.calls).toContainEqual({ call: 'connected', peer: a.peer })
      })
    )

    it(
      'answers connect to a peer that is connected already',
      withWorld(async (world) => {
        const [a, b] = await connectedPair(world)
        a.machine.host.connect(b.peer)
        await world.until(() => count(a, 'connected') === 2)
      })
    )

    it(
      'answers connect to nobody with onPeerDisconnected',
      withWorld(async (world) => {
        const [a] = await pair(world)
        a.machine.host.connect(world.nobody)
        await world.until(() => count(a, 'disconnected') === 1)
        expect(a.machine.calls).toContainEqual({ call: 'disconnected', peer: world.nobody })
      })
    )

    it(
      'connects by the first message',
      withWorld(async (world) => {
        const [a, b] = await pair(world)
        a.machine.count(b.peer, 1, 1)
        await world.until(() => numbersFrom(b, a.peer).length === 1)
        expect(b.machine.calls.findIndex(({ call }) => call === 'connected')).toBeLessThan(
          b.machine.calls.findIndex(({ call }) => call === 'message')
        )
      })
    )

    it(
      'keeps the order of one peer, both ways at once',
      withWorld(async (world) => {
        const [a, b] = await connectedPair(world)
        a.machine.count(b.peer, 1, 50)
        b.machine.count(a.peer, 1, 50)
        a.machine.count(b.peer, 51, 100)
        const expected = Array.from({ length: 100 }, (_, i) => i + 1)
        await world.until(() => numbersFrom(b, a.peer).length >= 100 && numbersFrom(a, b.peer).length >= 50)
        expect(numbersFrom(b, a.peer)).toEqual(expected)
        expect(numbersFrom(a, b.peer)).toEqual(expected.slice(0, 50))
      })
    )

    it(
      'loses nothing when both ends connect and send at once',
      withWorld(async (world) => {
        const [a, b] = await pair(world)
        a.machine.host.connect(b.peer)
        b.machine.host.connect(a.peer)
        a.machine.count(b.peer, 1, 20)
        b.machine.count(a.peer, 1, 20)
        await world.until(() => numbersFrom(b, a.peer).length >= 20 && numbersFrom(a, b.peer).length >= 20)
        const expected = Array.from({ length: 20 }, (_, i) => i + 1)
        expect(numbersFrom(b, a.peer)).toEqual(expected)
        expect(numbersFrom(a, b.peer)).toEqual(expected)
      })
    )

    it(
      'never calls a machine that is running',
      withWorld(async (world) => {
        const [a, b] = await connectedPair(world)
        a.machine.host.send(b.peer, { type: 'Number', number: 41, reply: true })
        await world.until(
          () => numbersFrom(a, b.peer).includes(42) && count(b, 'timer') === 1 && count(b, 'connected') === 2
        )
        expect(b.events).toEqual([{ type: 'got', number: 41 }])
        expect(a.machine.reentries + b.machine.reentries).toBe(0)
      })
    )

    it(
      'calls timers with their number, in order of time, and not before it',
      withWorld(async (world) => {
        const [a] = await pair(world)
        const { host } = a.machine
        beBusy()
        const setAt = host.now()
        host.setTimer(1, 60, 5)
        host.setTimer(2, 20)
        await world.until(() => count(a, 'timer') === 2)
        const timers = a.machine.calls.filter((call) => call.call === 'timer')
        expect(timers.map(({ timer, arg }) => [timer, arg])).toEqual([
          [2, 0],
          [1, 5],
        ])
        // A machine takes a timer that comes early, by however little, for a stale one.
        expect((timers[0]?.now ?? 0) - setAt).toBeGreaterThanOrEqual(20)
        expect((timers[1]?.now ?? 0) - setAt).toBeGreaterThanOrEqual(60)
      })
    )

    it(
      'ends a connection once for both, nothing after it, and makes it anew',
      withWorld(async (world) => {
        const [a, b] = await connectedPair(world)
        b.machine.count(a.peer, 1, 5)
        a.machine.host.disconnect(b.peer)
        await world.until(() => count(a, 'disconnected') === 1 && count(b, 'disconnected') === 1)
        await world.pass(100)
        for (const node of [a, b]) {
          expect(count(node, 'disconnected')).toBe(1)
          expect(node.machine.calls.at(-1)?.call).toBe('disconnected')
        }
        b.machine.host.connect(a.peer)
        await world.until(() => count(a, 'connected') === 2 && count(b, 'connected') === 2)
      })
    )

    it(
      'is silent after stop, and tells the others',
      withWorld(async (world) => {
        const [a, b] = await connectedPair(world)
        b.machine.host.setTimer(3, 50)
        await b.stop()
        const callCount = b.machine.calls.length
        expect(b.machine.calls.at(-1)).toEqual({ call: 'stop' })
        await world.until(() => count(a, 'disconnected') === 1)
        a.machine.count(b.peer, 1, 3)
        await world.pass(100)
        expect(b.machine.calls).toHaveLength(callCount)
      })
    )

    it(
      'draws random numbers in [0, 1) and never turns the clock back',
      withWorld(async (world) => {
        const [a] = await pair(world)
        const { host } = a.machine
        let last = host.now()
        for (let i = 0; i < 1000; i++) {
          const random = host.random()
          expect(random >= 0 && random < 1).toBe(true)
          expect(host.now()).toBeGreaterThanOrEqual(last)
          last = host.now()
        }
      })
    )

    it(
      'agrees on the keys of peers',
      withWorld(async (world) => {
        const [a, b] = await pair(world)
        expect(a.machine.host.keyOf(b.peer)).toEqual(b.machine.host.keyOf(b.peer))
        expect(a.machine.host.keyOf(a.peer)).not.toEqual(a.machine.host.keyOf(b.peer))
      })
    )
  })
}

async function pair(world: World): Promise<[WorldNode, WorldNode]> {
  return (await world.spawn(2)) as [WorldNode, WorldNode]
}

async function connectedPair(world: World): Promise<[WorldNode, WorldNode]> {
  const [a, b] = await pair(world)
  a.machine.host.connect(b.peer)
  await world.until(() => count(a, 'connected') === 1 && count(b, 'connected') === 1)
  return [a, b]
}

function count(node: WorldNode, call: ProbeCall['call']): number {
  return node.machine.calls.filter((made) => made.call === call).length
}

function numbersFrom(node: WorldNode, from: Peer): number[] {
  const numbers: number[] = []
  for (const made of node.machine.calls) if (made.call === 'message' && made.from === from) numbers.push(made.number)
  return numbers
}

/** Some ten milliseconds of one turn: event loops count the time of timers from its beginning. */
function beBusy(): void {
  let state = 1
  for (let i = 0; i < 20_000_000; i++) state = Math.imul(state, 1_664_525) + 1
  expect(state).not.toBe(0)
}
