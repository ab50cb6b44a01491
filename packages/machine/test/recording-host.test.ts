import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssertionError, assert, ProtocolError, toPeer } from '../src/index.ts'
import {
  MachineDriver,
  machineCompliance,
  type Probe,
  type ProbeMessage,
  probe,
  RecordingHost,
  testKeyOf,
  testPeerCodec,
} from '../src/testing/index.ts'

describe('RecordingHost', () => {
  it('writes down every effect in order and hands each out once', () => {
    const host = new RecordingHost<string, string>(toPeer(0))
    host.send(toPeer(1), 'hello')
    host.setTimer(3, 500)
    host.connect(toPeer(2))
    host.disconnect(toPeer(2))
    host.emit('done')
    expect(host.take()).toEqual([
      { effect: 'send', to: 1, message: 'hello' },
      { effect: 'setTimer', timer: 3, delayMs: 500, arg: 0 },
      { effect: 'connect', peer: 2 },
      { effect: 'disconnect', peer: 2 },
      { effect: 'emit', event: 'done' },
    ])
    expect(host.take()).toEqual([])
  })

  it('gives the randoms it was told to, then a sequence of its own that every run shares', () => {
    const [a, b] = [new RecordingHost<never, never>(toPeer(0)), new RecordingHost<never, never>(toPeer(0))]
    a.randoms = [0.25, 0.5]
    expect([a.random(), a.random()]).toEqual([0.25, 0.5])
    for (let i = 0; i < 1000; i++) {
      const drawn = a.random()
      expect(drawn >= 0 && drawn < 1).toBe(true)
      expect(b.random()).toBe(drawn)
    }
  })

  it('gives each peer a key of its own', () => {
    const keys = new Set<string>()
    for (let i = 0; i < 10_000; i++) keys.add([...testKeyOf(toPeer(i))].join())
    expect(keys.size).toBe(10_000)
  })
})

describe('the driver of machines', () => {
  const manners = { opening: [], answer: () => undefined }

  it('delivers messages of connected peers alone', () => {
    const driver = new MachineDriver<ProbeMessage, { type: 'got'; number: number }, Probe>(probe.create, {}, manners)
    driver.start()
    const message: ProbeMessage = { type: 'Number', number: 1, reply: false }
    driver.do({ step: 'message', peer: 1, message })
    driver.do({ step: 'dial-in', peer: 1 })
    driver.do({ step: 'message', peer: 1, message })
    driver.do({ step: 'hang-up', peer: 1 })
    driver.do({ step: 'message', peer: 1, message })
    expect(driver.machine.calls.map(({ call }) => call)).toEqual(['start', 'connected', 'message', 'disconnected'])
  })

  it('answers a dial and a hang-up of the machine', () => {
    const driver = new MachineDriver<ProbeMessage, { type: 'got'; number: number }, Probe>(probe.create, {}, manners)
    driver.do({ step: 'verb', act: ({ host }) => host.connect(toPeer(2)) })
    driver.do({ step: 'answer-dial', reached: true })
    driver.do({ step: 'verb', act: ({ host }) => host.disconnect(toPeer(2)) })
    driver.do({ step: 'verb', act: ({ host }) => host.connect(toPeer(3)) })
    driver.do({ step: 'answer-dial', reached: false })
    expect(driver.machine.calls).toEqual([
      { call: 'connected', peer: 2 },
      { call: 'disconnected', peer: 2 },
      { call: 'disconnected', peer: 3 },
    ])
  })
})

describe('errors', () => {
  it('names what a remote broke by one word, apart from the detail', () => {
    const error = new ProtocolError('bad-length', '70000 bytes')
    expect(error.reason).toBe('bad-length')
    expect(error.name).toBe('ProtocolError')
    expect(error.message).toBe('bad-length: 70000 bytes')
  })

  it('tells a bug of ours by what must hold', () => {
    expect(() => assert(false, 'a table is never empty')).toThrow(new AssertionError('a table is never empty'))
    expect(() => assert(true, 'a table is never empty')).not.toThrow()
  })
})

describe('peers of tests', () => {
  it('take four bytes', () => {
    expect([...testPeerCodec.encode(toPeer(0x01020304))]).toEqual([1, 2, 3, 4])
    expect(testPeerCodec.decode(Uint8Array.of(1, 2, 3, 4))).toBe(0x01020304)
    expect(() => testPeerCodec.decode(Uint8Array.of(1, 2, 3))).toThrow(ProtocolError)
    expect(testPeerCodec.size(toPeer(7))).toBe(4)
  })
})

machineCompliance(probe, {
  config: {},
  messages: fc.record({ type: fc.constant('Number' as const), number: fc.nat(0xfffffff), reply: fc.boolean() }),
  stateSize: () => 0,
  stateMax: 0,
  connectedPeers: () => [],
  trials: { runs: 50 },
})
