import { type Key, keyFromWords } from '@servent/keyspace'
import { type Peer, toPeer } from '@servent/machine'
import { RecordingHost } from '@servent/machine/testing'
import { hashedValue, signValue } from '@servent/records'
import { describe, expect, it } from 'vitest'
import { type ChordConfig, type ChordEvent, chord, type FindSuccessor, type Message } from '../src/index.ts'

/** Peers lie where their number says: 1 at a 256th of the ring. */
class PlacedHost extends RecordingHost<Message, ChordEvent> {
  override keyOf(peer: Peer): Key {
    return place(peer as number)
  }
}

const place = (number: number) => keyFromWords(Int32Array.of(number << 24, 0, 0, 0, 0))
const hour = 3_600_000

/** Node 100 of a ring of 50, 100, 150 and 200. */
function node(config: Partial<ChordConfig> = {}) {
  const host = new PlacedHost(toPeer(100))
  const machine = chord.create(host, { ...chord.defaults, ...config })
  machine.start()
  machine.adopt({ predecessor: toPeer(50), successors: [150, 200, 50].map(toPeer), fingers: [toPeer(50)] })
  host.take()
  const sent = () =>
    host
      .take()
      .filter((effect) => effect.effect === 'send')
      .map(({ to, message }) => ({ to: to as number, message }))
  return { host, machine, sent }
}

const request = (extra: Partial<FindSuccessor>): FindSuccessor => ({
  type: 'FindSuccessor',
  call: 7,
  id: 1,
  key: place(120),
  operation: { kind: 'lookup' },
  reach: 'forward',
  skipped: [],
  path: [toPeer(50)],
  timeouts: 0,
  misses: 0,
  ...extra,
})

describe('a node that is lied to', () => {
  it('sends no request on that did not come from the last one of its path', () => {
    const { machine, sent } = node()
    machine.onMessage(toPeer(50), request({ path: [toPeer(9)] }))
    expect(sent()).toEqual([])
    expect(machine.drops).toEqual({ 'false-path': 1 })
  })

  it('ends a request that goes round in circles, and one that has been everywhere', () => {
    const { machine, sent } = node({ hopsMax: 5 })
    machine.onMessage(toPeer(50), request({ path: [9, 100, 50].map(toPeer) }))
    machine.onMessage(toPeer(50), request({ path: [1, 2, 3, 4, 5, 50].map(toPeer) }))
    expect(sent()).toEqual([])
    expect(machine.drops).toEqual({ 'routing-loop': 1, 'too-many-hops': 1 })
  })

  it('hands no answer on to where no request came from', () => {
    const { machine, sent } = node()
    const outcome = { kind: 'responsible', peer: toPeer(9), replicas: [] } as const
    machine.onMessage(toPeer(150), { type: 'Found', id: 77, path: [toPeer(3), toPeer(100)], timeouts: 0, outcome })
    expect(sent()).toEqual([])
    expect(machine.drops).toEqual({ unasked: 1 })
  })

  it('takes nobody for its successor who only says so: it asks him, and does so where he could be one', () => {
    const { machine, sent } = node()
    const claim = { type: 'Neighbors', call: 0, predecessor: undefined, successors: [] } as const
    machine.onMessage(toPeer(120), claim)
    expect(machine.successors[0]).toBe(150)
    expect(sent().map(({ to, message }) => [to, message.type])).toEqual([[120, 'Stabilize']])
    machine.onMessage(toPeer(180), claim)
    expect(sent()).toEqual([])
  })

  it('takes an answer from the one alone who was asked', () => {
    const { host, machine, sent } = node()
    machine.onMessage(toPeer(120), { type: 'Neighbors', call: 0, predecessor: undefined, successors: [] })
    const [asked] = sent()
    const call = asked?.message.type === 'Stabilize' ? asked.message.call : 0
    const answer = { type: 'Neighbors', call, predecessor: undefined, successors: [toPeer(150)] } as const
    machine.onMessage(toPeer(130), answer)
    expect(machine.successors[0]).toBe(150)
    machine.onMessage(toPeer(120), answer)
    expect(machine.successors[0]).toBe(120)
    expect(machine.drops).toEqual({ unasked: 1 })
    expect(host.take().filter(({ effect }) => effect === 'disconnect')).toEqual([])
  })

  it('leaves out what is not in the order of the ring, whatever a successor list names', () => {
    const { machine, sent } = node()
    machine.onMessage(toPeer(120), { type: 'Neighbors', call: 0, predecessor: undefined, successors: [] })
    const [asked] = sent()
    const call = asked?.message.type === 'Stabilize' ? asked.message.call : 0
    const successors = [130, 170, 160, 180].map(toPeer)
    machine.onMessage(toPeer(120), { type: 'Neighbors', call, predecessor: undefined, successors })
    expect(machine.successors).toEqual([120, 130, 170])
    expect(machine.drops['disordered-list']).toBe(2)
  })

  it('is not talked out of a neighbor by somebody else', () => {
    const { machine } = node()
    machine.onMessage(toPeer(9), { type: 'Leave' })
    expect(machine.successors).toEqual([150, 200, 50])
    expect(machine.drops).toEqual({ 'no-neighbor': 1 })
  })

  it('keeps no record that is forged, too long, over, or to be kept for ever', () => {
    const { machine, sent } = node()
    const good = hashedValue(Uint8Array.of(1), hour)
    const signed = signValue(new Uint8Array(32).fill(1), {
      name: 'a',
      sequence: 1,
      value: Uint8Array.of(1),
      ttlMs: hour,
    })
    const bad = [
      { ...good, key: place(120) },
      { ...good, ttlMs: 0 },
      { ...good, ttlMs: 1000 * hour },
      hashedValue(new Uint8Array(9000), hour),
      { ...signed, value: Uint8Array.of(2) },
      { ...signed, name: 'b' },
      { type: 'provider', key: place(120), peer: toPeer(9), ttlMs: hour } as const,
    ]
    for (const record of bad) machine.onMessage(toPeer(50), { type: 'Store', call: 1, records: [record] })
    const refusals = sent().map(({ message }) => (message.type === 'Stored' ? message.refusal : message.type))
    expect(refusals).toEqual([
      'bad-hash',
      'expired',
      'expiry-too-far',
      'value-too-long',
      'bad-signature',
      'wrong-owner',
      'not-the-provider',
    ])
    expect(machine.recordCount).toBe(0)
    expect(machine.drops).toEqual({ 'refused-record': 7 })
  })

  it('keeps a bounded part of 10,000 records that one peer hands it', () => {
    const { machine } = node()
    for (let i = 0; i < 10_000; i++) {
      const record = hashedValue(Uint8Array.of(i >> 8, i), hour)
      machine.onMessage(toPeer(50), { type: 'Store', call: 0, records: [record] })
    }
    expect(machine.recordCount).toBe(chord.defaults.records.recordsPerPeerMax)
    expect(machine.drops['refused-record']).toBe(10_000 - chord.defaults.records.recordsPerPeerMax)
  })

  it('remembers a bounded number of requests of others', () => {
    const { machine } = node({ callsMax: 20, relayedMax: 30 })
    for (let id = 1; id < 5000; id++) machine.onMessage(toPeer(50), request({ id, key: place(220) }))
    expect(machine.stateSize).toBeLessThan(100)
    expect(machine.drops['too-many-calls']).toBeGreaterThan(4900)
  })
})
