import { type Peer, toPeer } from '@servent/machine'
import { type Probe, type ProbeCall, probe } from '@servent/machine/testing'
import {
  constantLatency,
  type DropReason,
  pairLatency,
  planarLatency,
  Simulator,
  type SimulatorOptions,
  TrafficCounter,
  uniformLatency,
} from '@servent/simulator'
import { describe, expect, it } from 'vitest'
import { type Flood, type FloodConfig, type FloodEvent, flood, linkAll, type Rumor } from './flood.ts'

type FloodOptions = Partial<SimulatorOptions<Rumor, FloodEvent, FloodConfig>>

function run(options: FloodOptions = {}): Simulator<Rumor, FloodEvent, FloodConfig, Flood> {
  const config = { ttlMax: 12, tickMs: 1500 }
  const simulator = new Simulator(flood, { nodes: 200, seed: 1, configOf: () => config, ...options })
  simulator.start()
  linkAll(simulator, 4)
  for (let i = 0; i < 5; i++) simulator.schedule(1000 * i, () => simulator.machine(17 * i).spread(i))
  simulator.run(10_000)
  return simulator
}

function pair(options: { noticeMs?: number; dialTimeoutMs?: number } = {}) {
  const simulator = new Simulator(probe, { nodes: 2, seed: 1, latency: constantLatency(50), ...options })
  simulator.start()
  simulator.link(0, 1)
  simulator.run(10)
  return { simulator, a: simulator.machine(0), b: simulator.machine(1) }
}

function timesOf(machine: Probe, call: ProbeCall['call']): number {
  return machine.calls.filter((made) => made.call === call).length
}

function numbersOf(machine: Probe): number[] {
  return machine.calls.flatMap((made) => (made.call === 'message' ? [made.number] : []))
}

describe('a seed', () => {
  it('gives the same run twice, and another seed another', () => {
    for (const latency of [constantLatency(50), uniformLatency(10, 90), pairLatency(10, 90), planarLatency(5, 90)]) {
      const once = run({ latency, loss: 0.1 })
      const twice = run({ latency, loss: 0.1 })
      expect([twice.fingerprint, twice.events]).toEqual([once.fingerprint, once.events])
      expect(run({ latency, loss: 0.1, seed: 2 }).fingerprint).not.toBe(once.fingerprint)
    }
  })

  it('gives the same run whether messages pass through their codec or not', () => {
    expect(run({ wire: true }).fingerprint).toBe(run().fingerprint)
  })

  it('gives the same run whether it is watched or not, and whether it is run at once or in steps', () => {
    const plain = run({ latency: uniformLatency(10, 90) })
    expect(run({ latency: uniformLatency(10, 90), observer: new TrafficCounter() }).fingerprint).toBe(plain.fingerprint)
    const stepped = new Simulator(flood, { nodes: 200, seed: 1, latency: uniformLatency(10, 90) })
    const whole = new Simulator(flood, { nodes: 200, seed: 1, latency: uniformLatency(10, 90) })
    for (const simulator of [stepped, whole]) {
      simulator.start()
      linkAll(simulator, 4)
      simulator.schedule(100, () => simulator.machine(0).spread(1))
    }
    whole.run(5000)
    while (stepped.step(7, 5000));
    expect([stepped.fingerprint, stepped.now]).toEqual([whole.fingerprint, 5000])
  })

  it('is all that a run depends on: no clock, no randomness of the process', () => {
    const { now } = Date
    const { random } = Math
    const forbidden = () => {
      throw new Error('the world outside was asked')
    }
    const before = run({ loss: 0.2 }).fingerprint
    Date.now = forbidden
    Math.random = forbidden
    try {
      expect(run({ loss: 0.2 }).fingerprint).toBe(before)
    } finally {
      Date.now = now
      Math.random = random
    }
  })

  it('may be as large as a safe integer, and every bit counts', () => {
    const seeds = [0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
    expect(new Set(seeds.map((seed) => run({ seed }).fingerprint)).size).toBe(seeds.length)
  })

  it('is the seed of this fingerprint, which no refactoring moves', () => {
    expect(run({ latency: uniformLatency(10, 90), loss: 0.05 }).fingerprint).toMatchInlineSnapshot(`"d4b3500d804a6a56"`)
  })
})

describe('the network', () => {
  it('drops the part of the messages that it is told to, and says why', () => {
    const drops: DropReason[] = []
    const traffic = new TrafficCounter<Rumor>()
    const onSend = traffic.onSend.bind(traffic)
    const simulator = run({ loss: 0.25, observer: { onSend, onDrop: (reason) => drops.push(reason) } })
    expect(simulator.drops.loss / traffic.of('Rumor').messages).toBeCloseTo(0.25, 1)
    expect(drops).toHaveLength(simulator.drops.loss)
    expect(new Set(drops)).toEqual(new Set(['loss']))
  })

  it('charges the bytes of a message to its sender', () => {
    // Ten bytes a message at 100 bytes a second: each waits a tenth of a second for the one before it.
    const times: number[] = []
    const simulator: Simulator<Rumor, FloodEvent, FloodConfig, Flood> = new Simulator(flood, {
      nodes: 2,
      seed: 1,
      latency: constantLatency(50),
      uplinkBytesPerSecond: 100,
      uplinkQueueMsMax: 250,
      onEvent: () => times.push(simulator.now),
    })
    simulator.start()
    simulator.link(0, 1)
    simulator.run(1000)
    for (let i = 0; i < 5; i++) simulator.machine(0).spread(i)
    simulator.run(5000)
    expect(times).toEqual([1150, 1250, 1350])
    expect(simulator.drops.congestion).toBe(2)
  })

  it('takes as long as its model says', () => {
    const a = 3
    const b = 8
    expect(constantLatency(40)(10, 1).delayMs(a, b)).toBe(40)
    for (const model of [pairLatency(10, 90), planarLatency(10, 90)]) {
      const latency = model(1000, 7)
      expect(latency.delayMs(a, b)).toBe(latency.delayMs(b, a))
      const delays = Array.from({ length: 999 }, (_, i) => latency.delayMs(i, i + 1))
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(10)
      expect(Math.max(...delays)).toBeLessThanOrEqual(90)
      expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(40)
    }
  })

  it('lets nothing through between the parts of a partition, and everything after it is healed', () => {
    const { simulator, a, b } = pair({ noticeMs: 3000, dialTimeoutMs: 500 })
    a.count(toPeer(1), 1, 1)
    simulator.partition((node) => node)
    a.count(toPeer(1), 2, 2)
    simulator.run(2000)
    expect(numbersOf(b)).toEqual([])
    expect(simulator.drops).toMatchObject({ closed: 1, partition: 1 })
    expect(timesOf(a, 'disconnected')).toBe(0)
    simulator.run(4000)
    expect([timesOf(a, 'disconnected'), timesOf(b, 'disconnected')]).toEqual([1, 1])
    a.host.connect(toPeer(1))
    simulator.run(4600)
    expect(timesOf(a, 'disconnected')).toBe(2)
    simulator.heal()
    a.host.connect(toPeer(1))
    simulator.run(5000)
    a.count(toPeer(1), 3, 4)
    simulator.run(6000)
    expect(numbersOf(b)).toEqual([3, 4])
  })
})

describe('connections', () => {
  it('take one round trip to open; what is sent meanwhile waits', () => {
    const simulator = new Simulator(probe, { nodes: 2, seed: 1, latency: constantLatency(50) })
    simulator.start()
    simulator.machine(0).count(toPeer(1), 1, 2)
    simulator.run(99)
    expect(simulator.machine(1).calls).toEqual([{ call: 'start' }])
    simulator.run(100)
    expect(simulator.machine(1).calls.at(-1)).toEqual({ call: 'connected', peer: toPeer(0) })
    simulator.run(150)
    expect(numbersOf(simulator.machine(1))).toEqual([1, 2])
  })

  it('deliver what was sent before a disconnect, and then the end', () => {
    const { simulator, a, b } = pair()
    a.count(toPeer(1), 1, 3)
    a.host.disconnect(toPeer(1))
    simulator.run(1000)
    expect(b.calls.slice(-4).map(({ call }) => call)).toEqual(['message', 'message', 'message', 'disconnected'])
  })

  it('that are closed and opened at once are two, in order', () => {
    const { simulator, a, b } = pair()
    a.host.disconnect(toPeer(1))
    a.count(toPeer(1), 7, 7)
    simulator.run(1000)
    for (const machine of [a, b]) {
      const told = machine.calls.map(({ call }) => call).filter((call) => call.endsWith('connected'))
      expect(told).toEqual(['connected', 'disconnected', 'connected'])
    }
    expect(numbersOf(b)).toEqual([7])
  })

  it('to a peer that crashed end without a word, after a while', () => {
    const { simulator, a, b } = pair({ noticeMs: 5000 })
    simulator.crash(1)
    a.count(toPeer(1), 1, 2)
    simulator.run(5000)
    expect([timesOf(a, 'disconnected'), timesOf(b, 'stop')]).toEqual([0, 0])
    simulator.run(5010)
    expect(timesOf(a, 'disconnected')).toBe(1)
    expect(simulator.drops.closed).toBe(2)
  })

  it('to a peer that crashed and came back end before the new one begins', () => {
    const { simulator, a } = pair({ noticeMs: 5000 })
    simulator.crash(1)
    simulator.start(1)
    simulator.machine(1).host.connect(toPeer(0))
    simulator.run(20_000)
    const told = a.calls.map(({ call }) => call).filter((call) => call.endsWith('connected'))
    expect(told).toEqual(['connected', 'disconnected', 'connected'])
  })

  it('that cannot be made are answered, whatever the peer is', () => {
    const { simulator, a } = pair({ dialTimeoutMs: 300 })
    const nobody = [toPeer(0), toPeer(-1), toPeer(2), toPeer(1.5), toPeer(Number.NaN), toPeer('someone')]
    for (const peer of nobody) {
      a.host.connect(peer)
      a.host.send(peer, { type: 'Number', number: 1, reply: false })
      a.host.disconnect(peer)
    }
    simulator.run(1000)
    const gone = a.calls.flatMap((made) => (made.call === 'disconnected' ? [made.peer] : []))
    expect(gone).toEqual(nobody)
    expect(simulator.drops.unreachable).toBe(nobody.length)
  })

  it('are linked once', () => {
    const { simulator, a } = pair()
    expect([simulator.link(0, 1), simulator.link(1, 0)]).toEqual([false, false])
    simulator.run(1000)
    expect(timesOf(a, 'connected')).toBe(1)
  })

  it('that are being asked for from both sides when one gives up fail for both', () => {
    const simulator = new Simulator(probe, { nodes: 2, seed: 1 })
    simulator.start()
    const [a, b] = [simulator.machine(0), simulator.machine(1)]
    a.host.connect(toPeer(1))
    b.host.connect(toPeer(0))
    a.host.disconnect(toPeer(1))
    simulator.run(60_000)
    for (const machine of [a, b]) {
      expect([timesOf(machine, 'connected'), timesOf(machine, 'disconnected')]).toEqual([0, 1])
    }
  })
})

describe('a node', () => {
  it('that was stopped can be started again, and hears nothing that was meant for the one before', () => {
    const { simulator, a, b } = pair()
    b.host.setTimer(3, 500)
    b.host.connect(toPeer(77))
    a.count(toPeer(1), 1, 3)
    simulator.stop(1)
    simulator.start(1)
    simulator.run(60_000)
    expect(simulator.machine(1)).not.toBe(b)
    expect(simulator.machine(1).calls).toEqual([{ call: 'start' }])
    expect(b.calls.at(-1)).toEqual({ call: 'stop' })
  })

  it('that does not run does nothing when its old machine is used', () => {
    const { simulator, b } = pair()
    simulator.stop(1)
    b.count(toPeer(0), 1, 3)
    b.host.setTimer(1, 0)
    b.host.connect(toPeer(0))
    b.host.disconnect(toPeer(0))
    simulator.run(1000)
    expect(b.calls.at(-1)).toEqual({ call: 'stop' })
    expect(numbersOf(simulator.machine(0))).toEqual([])
  })

  it('draws from a stream of its own, which loss does not move', () => {
    const draw = (loss: number) => {
      const simulator = new Simulator(probe, { nodes: 2, seed: 5, loss })
      simulator.start()
      simulator.machine(0).count(toPeer(1), 1, 10)
      simulator.run(1000)
      return [0, 1].map((node) => simulator.machine(node).host.random())
    }
    expect(draw(0.5)).toEqual(draw(0))
    expect(draw(0)[0]).not.toBe(draw(0)[1])
  })

  it('has a key, different from every other', () => {
    const simulator = new Simulator(probe, { nodes: 500, seed: 5 })
    simulator.start()
    const { host } = simulator.machine(0)
    const keyOf = (peer: Peer) => host.keyOf(peer).join()
    expect(new Set(Array.from({ length: 502 }, (_, node) => keyOf(toPeer(node - 1)))).size).toBe(502)
  })

  it('waits whole milliseconds, and no less than it asked for', () => {
    const { simulator, a } = pair()
    for (const delayMs of [0, 0.2, 1, 1.5, -3, Number.NaN]) a.host.setTimer(1, delayMs, delayMs)
    a.host.setTimer(1, Number.POSITIVE_INFINITY, 9)
    simulator.run(1000)
    const due = a.calls.flatMap((made) => (made.call === 'timer' ? [[made.arg, made.now - 10]] : []))
    expect(due).toEqual([
      [0, 0],
      [-3, 0],
      [Number.NaN, 0],
      [0.2, 1],
      [1, 1],
      [1.5, 2],
    ])
  })
})
