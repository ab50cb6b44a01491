import { toPeer } from '@servent/machine'
import { hashedValue, RECORD_LIMITS, signValue } from '@servent/records'
import { describe, expect, it } from 'vitest'
import type { Message, Route } from '../src/index.ts'
import { key, peers, Rig } from './rig.ts'

const hour = 3_600_000

function place(): Rig {
  return new Rig(0x8000).place([0x7ff0, 0x7fe0], [0x8010, 0x8020], [0x1234, 0xa234, 0x8f00])
}

function lookup(path: readonly number[], id = 7): Route {
  return { type: 'Route', id, key: key('1fff'), timeouts: 0, path: path.map(toPeer), payload: { type: 'lookup' } }
}

function value(text: string, ttlMs = hour) {
  return hashedValue(
    Uint8Array.from(text, (char) => char.charCodeAt(0)),
    ttlMs
  )
}

describe('a routed message', () => {
  it('whose path does not end with its sender, or is empty, is dropped', () => {
    const rig = place()
    expect(rig.receive(0x9999, lookup([0x9999, 0x5555]))).toEqual([])
    expect(rig.receive(0x9999, lookup([]))).toEqual([])
    expect(rig.machine.drops).toEqual({ 'forged-path': 2 })
  })

  it('that has been here, or has gone too far, is dropped and not acknowledged', () => {
    const rig = place()
    expect(rig.receive(0x9999, lookup([0x8000, 0x9999]))).toEqual([])
    const far = Array.from({ length: 40 }, (_, i) => 0x2000 + i)
    expect(rig.receive(0x2027, lookup(far))).toEqual([])
    expect(rig.machine.drops).toEqual({ 'routing-loop': 1, 'too-many-hops': 1 })
  })

  it('is passed on once, whoever sends it again', () => {
    const rig = place()
    rig.receive(0x9999, lookup([0x9999]))
    expect(rig.receive(0x9998, lookup([0x9999, 0x9998]))).toEqual([{ to: 0x9998, message: { type: 'Ack', id: 7 } }])
    expect(rig.machine.drops).toEqual({ duplicate: 1 })
  })

  it('of which there are too many is dropped, and there is room again when they have aged', () => {
    const rig = new Rig(0x8000, { routesMax: 50 }).place([0x7ff0, 0x7fe0], [0x8010, 0x8020], [0x1234])
    for (let id = 0; id < 10_000; id++) rig.receive(0x9999, lookup([0x9999], id))
    expect(rig.machine.drops).toEqual({ 'too-many-routes': 9950 })
    expect(rig.machine.memorySize).toBeLessThan(120)
  })

  it('is answered by whom it went to and nobody else, and with the path that it took', () => {
    const rig = place()
    rig.receive(0x9999, lookup([0x9999]))
    const answer = (path: readonly number[]): Message => ({
      type: 'Answer',
      id: 7,
      timeouts: 0,
      path: path.map(toPeer),
      outcome: { type: 'found', replicas: [] },
    })
    expect(rig.receive(0x5555, answer([0x9999, 0x8000, 0x5555]))).toEqual([])
    expect(rig.receive(0x1234, answer([0x9999, 0x7777, 0x1234]))).toEqual([])
    expect(rig.machine.drops).toEqual({ 'unasked-answer': 1, 'path-of-another': 1 })
    expect(rig.receive(0x1234, answer([0x9999, 0x8000, 0x1234]))).toHaveLength(1)
  })
})

describe('what a peer says of others', () => {
  it('brings nobody into the leaf set before that one has said something itself', () => {
    const rig = place()
    const near = peers(0x8001, 0x8002, 0x7fff)
    const sent = rig.receive(0x8010, { type: 'LeafSet', leafSet: near })
    expect(sent.map(({ to, message }) => [to, message.type])).toEqual(near.map((peer) => [peer, 'Ping']))
    expect(rig.machine.neighbors).toEqual(peers(0x7ff0, 0x7fe0, 0x8010, 0x8020))
    rig.receive(0x8001, { type: 'Pong', nonce: 1, isJoined: true })
    expect(rig.machine.neighbors).toContain(0x8001)
    rig.receive(0x8002, { type: 'Pong', nonce: 2, isJoined: false })
    expect(rig.machine.neighbors).not.toContain(0x8002)
  })

  it('makes us ask no more than so many at once', () => {
    const rig = place()
    for (let i = 0; i < 100; i++) {
      const invented = Array.from({ length: 16 }, (_, j) => toPeer(0x8001 + ((i * 16 + j) % 15)))
      rig.receive(0x8010, { type: 'LeafSet', leafSet: invented })
    }
    expect(rig.machine.memorySize).toBeLessThan(200)
  })

  it('is no state that we did not ask for', () => {
    const rig = place()
    const state = { type: 'State', isLast: true, isWhole: true, table: peers(0x2222), neighborhood: [] } as const
    rig.receive(0x6666, { ...state, id: 0, leafSet: peers(0x8001) })
    rig.receive(0x6666, { ...state, id: 99, leafSet: peers(0x8001) })
    rig.receive(0x6666, { type: 'Row', row: 0, peers: peers(0x2222) })
    expect(rig.machine.drops).toEqual({ 'unasked-state': 2, 'unasked-row': 1 })
    expect(rig.machine.tables.has(toPeer(0x2222))).toBe(false)
  })

  it('does not make a pong of one who was not asked', () => {
    const rig = place()
    rig.receive(0x8001, { type: 'Pong', nonce: 1, isJoined: true })
    expect(rig.machine.neighbors).not.toContain(0x8001)
  })
})

describe('a record', () => {
  const stored = (rig: Rig, from: number, record: ReturnType<typeof value> | ReturnType<typeof signValue>) =>
    rig.receive(from, { type: 'Store', id: 1, record }).map(({ message }) => message)

  it('that is forged, of another owner, or lives too long is refused by name', () => {
    const rig = place()
    const owned = signValue(new Uint8Array(32).fill(1), {
      name: 'a',
      sequence: 1,
      value: Uint8Array.of(1),
      ttlMs: hour,
    })
    const other = signValue(new Uint8Array(32).fill(2), {
      name: 'a',
      sequence: 1,
      value: Uint8Array.of(1),
      ttlMs: hour,
    })
    const forged = [
      { ...value('a'), value: Uint8Array.of(0) },
      { ...other, key: owned.key },
      { ...owned, value: Uint8Array.of(2) },
      value('b', RECORD_LIMITS.ttlMsMax + 1),
      value('c', 0),
    ]
    const refusals = forged.map((record) => stored(rig, 0x9999, record)[0])
    expect(refusals.map((message) => (message as { refusal?: string }).refusal)).toEqual([
      'bad-hash',
      'wrong-owner',
      'bad-signature',
      'expiry-too-far',
      'expired',
    ])
    expect(rig.machine.memorySize).toBe(0)
    expect(rig.machine.drops).toEqual({
      'bad-hash': 1,
      'wrong-owner': 1,
      'bad-signature': 1,
      'expiry-too-far': 1,
      expired: 1,
    })
  })

  it('is kept of one peer until its share is used up: 10,000 stores are bounded', () => {
    const rig = place()
    for (let i = 0; i < 10_000; i++) stored(rig, 0x9999, value(`record ${i}`))
    expect(rig.machine.memorySize).toBe(RECORD_LIMITS.recordsPerPeerMax)
    expect(rig.machine.drops).toEqual({ 'peer-full': 10_000 - RECORD_LIMITS.recordsPerPeerMax })
    expect(stored(rig, 0x9998, value('of another'))).toEqual([{ type: 'Stored', id: 1, refusal: undefined }])
  })

  it('that is routed has to be one of the key', () => {
    const rig = place()
    const put: Route = { ...lookup([0x9999]), payload: { type: 'put', record: value('elsewhere') } }
    expect(rig.receive(0x9999, put)).toEqual([])
    expect(rig.machine.drops).toEqual({ 'wrong-key': 1 })
  })

  it('that comes as an answer is taken only if it is the one asked for, and proves itself', () => {
    const rig = new Rig(0x8000, { requestAttemptsMax: 1 }).place([0x7ff0, 0x7fe0], [0x8010, 0x8020], [0x1234])
    const wanted = { ...value('wanted'), key: key('1fff') }
    rig.machine.get(wanted.key)
    const timer = rig.effects().find((effect) => effect.effect === 'setTimer')
    rig.machine.onTimer(2, timer?.effect === 'setTimer' ? timer.arg : 0)
    const asked = rig.sent().find(({ message }) => message.type === 'Route')?.message as Route
    rig.machine.onMessage(toPeer(0x1234), {
      type: 'Answer',
      id: asked.id,
      timeouts: 0,
      path: peers(0x8000, 0x1234),
      outcome: { type: 'values', values: [wanted] },
    })
    expect(rig.effects()).toContainEqual({
      effect: 'emit',
      event: expect.objectContaining({ type: 'get-failed', reason: 'not-found' }),
    })
    expect(rig.machine.drops['bad-hash']).toBeGreaterThan(0)
  })

  it('and a receipt that nobody asked for are nothing', () => {
    const rig = place()
    rig.receive(0x9999, { type: 'Stored', id: 3, refusal: undefined })
    rig.receive(0x9999, { type: 'Fetched', id: 3, records: [value('x')] })
    expect(rig.machine.drops).toEqual({ 'unasked-receipt': 1, 'unasked-records': 1 })
  })
})
