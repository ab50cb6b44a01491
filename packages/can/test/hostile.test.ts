import { type Key, keyFromWords } from '@servent/keyspace'
import { type Peer, toPeer } from '@servent/machine'
import { RecordingHost, testKeyOf } from '@servent/machine/testing'
import { hashedValue, type StructuredEvent, signValue } from '@servent/records'
import { describe, expect, it } from 'vitest'
import {
  type Acquaintance,
  Can,
  type CanConfig,
  type Claims,
  can,
  claimOf,
  homeOf,
  type Message,
  type Route,
} from '../src/index.ts'
import { contains, halves, wholeTorus, zoneAt } from '../src/zone.ts'

const DIMENSIONS = 2
const SELF = toPeer(0)
const NEIGHBOR = toPeer(1)
const MALLORY = toPeer(2)

const [west, east] = halves(wholeTorus(DIMENSIONS))
const hasWest =
  homeOf(testKeyOf(SELF), DIMENSIONS, 0)[0] === Math.min(homeOf(testKeyOf(SELF), DIMENSIONS, 0)[0] ?? 0, 2 ** 23 - 1)
const [own, theirs] = hasWest ? [west, east] : [east, west]

/** A node that has its home's half of the torus, beside a neighbor that has the other. */
function start(config: Partial<CanConfig> = {}) {
  const host = new RecordingHost<Message, StructuredEvent>(SELF)
  const node = new Can(host, { ...can.defaults, dimensions: DIMENSIONS, ...config })
  node.start()
  node.adopt([[claimOf(own, 0)]], [{ peer: NEIGHBOR, claims: [[claimOf(theirs, 0)]] }])
  host.take()
  const sent = (type: Message['type']): Message[] =>
    host.take().flatMap((effect) => (effect.effect === 'send' && effect.message.type === type ? [effect.message] : []))
  return { host, node, sent }
}

/** A key whose point is ours, or not. */
function keyIn(isOurs: boolean, salt = 0): Key {
  const first = (own.low[0] === 0) === isOurs ? 0x1000_0000 : 0x9000_0000
  return keyFromWords(Int32Array.of(first + salt, 0x1000_0000, 1, 2, 3))
}

function route(more: Partial<Route>): Route {
  const fresh = { id: 1, hop: 1, reality: 255, isPassedOn: false, hops: 1, timeouts: 0, avoid: [], record: undefined }
  return { type: 'Route', request: 'lookup', origin: MALLORY, key: keyIn(true), path: [MALLORY], ...fresh, ...more }
}

function update(claims: Claims, neighbors: readonly Acquaintance[] = []): Message {
  return { type: 'Update', version: 1, claims, neighbors, wantsReply: false }
}

describe('a hostile peer', () => {
  it('gets no forged, foreign, eternal or oversized record kept', () => {
    const { node } = start()
    const good = hashedValue(Uint8Array.of(1), 60_000)
    const seed = new Uint8Array(32).fill(1)
    const signed = signValue(seed, { name: 'n', sequence: 1, value: Uint8Array.of(1), ttlMs: 60_000 })
    const records = [
      { ...good, value: Uint8Array.of(2) },
      { ...signed, value: Uint8Array.of(2) },
      { ...signed, key: keyIn(true) },
      { ...good, ttlMs: 2 ** 32 - 1 },
      hashedValue(new Uint8Array(9000), 60_000),
      { type: 'provider', key: keyIn(true), peer: NEIGHBOR, ttlMs: 60_000 } as const,
    ]
    node.onMessage(MALLORY, { type: 'Store', store: 1, records })
    expect(node.recordCount).toBe(0)
    expect(node.drops).toEqual({
      'bad-hash': 1,
      'bad-signature': 1,
      'wrong-owner': 1,
      'expiry-too-far': 1,
      'value-too-long': 1,
      'not-the-provider': 1,
    })
  })

  it('fills no more than its share with ten thousand stores', () => {
    const { node } = start()
    for (let i = 0; i < 10_000; i++) {
      const record = hashedValue(Uint8Array.of(i >> 8, i & 0xff), 60_000)
      node.onMessage(MALLORY, { type: 'Store', store: i, records: [record] })
    }
    expect(node.recordCount).toBe(can.defaults.records.recordsPerPeerMax)
    expect(node.drops['peer-full']).toBe(10_000 - node.recordCount)
    // Others are served all the same.
    node.onMessage(NEIGHBOR, { type: 'Store', store: 1, records: [hashedValue(Uint8Array.of(1, 2, 3), 60_000)] })
    expect(node.recordCount).toBe(can.defaults.records.recordsPerPeerMax + 1)
  })

  it('cannot send a route around in circles, or for ever', () => {
    const { node, sent } = start()
    node.onMessage(NEIGHBOR, route({ key: keyIn(false), path: [MALLORY, SELF, NEIGHBOR] }))
    node.onMessage(NEIGHBOR, route({ key: keyIn(false), hops: 65_535 }))
    expect(node.drops).toEqual({ 'routing-loop': 1, 'too-many-hops': 1 })
    expect(sent('Route')).toEqual([])
  })

  it('cannot join where it does not belong', () => {
    const { node, sent } = start()
    node.onMessage(MALLORY, route({ request: 'join', reality: 0, key: keyIn(true) }))
    expect(node.drops).toEqual({ 'false-place': 1 })
    expect(sent('Grant')).toEqual([])
    expect(node.claims).toEqual([[claimOf(own, 0)]])
  })

  it('cannot take a zone that its owner has its home in, by claiming everything', () => {
    const { node, sent } = start()
    // One that is at home elsewhere: whoever is at home in the same zone might have been there first.
    const stranger = Array.from({ length: 100 }, (_, i) => toPeer(100 + i)).find(
      (peer) => !contains(own, homeOf(testKeyOf(peer), DIMENSIONS, 0))
    )
    node.onMessage(stranger as Peer, update([[claimOf(wholeTorus(DIMENSIONS), 0)]]))
    expect(node.claims).toEqual([[claimOf(own, 0)]])
    // It is told so.
    expect(sent('Update')).toMatchObject([{ claims: [[claimOf(own, 0)]] }])
  })

  it('cannot press a zone on a node that did not ask for it', () => {
    const { node, sent } = start()
    const claim = claimOf(zoneAt([2 ** 22, 2 ** 22], 10), 0)
    const outside = own.low[0] === 0 ? claimOf(zoneAt([2 ** 23 + 5, 0], 10), 0) : claim
    node.onMessage(MALLORY, { type: 'Grant', grant: 1, reality: 0, claim: outside, neighbors: [] })
    expect(sent('GrantAck')).toEqual([{ type: 'GrantAck', grant: 1, isTaken: false }])
    expect(node.drops).toEqual({ 'unexpected-grant': 1 })
  })

  it('is not believed when it says what others own', () => {
    const { node, sent } = start()
    const lie = { peer: NEIGHBOR, claims: [[claimOf(zoneAt(theirs.low, 6), 0)]] }
    const side = claimOf(zoneAt(theirs.low, 8), 9)
    node.onMessage(MALLORY, update([[side]], [lie, { peer: toPeer(7), claims: [[claimOf(zoneAt(theirs.low, 4), 0)]] }]))
    // The one that is said to be new is asked itself.
    expect(sent('Update')).toHaveLength(2)
    expect(node.neighbors).toEqual([NEIGHBOR, MALLORY])
  })

  it('keeps a node from nothing by claims of another torus, or that overlap', () => {
    const { node } = start()
    node.onMessage(MALLORY, update([[claimOf(wholeTorus(3), 0)]]))
    node.onMessage(MALLORY, update([[], []]))
    node.onMessage(MALLORY, update([[claimOf(theirs, 0), claimOf(zoneAt(theirs.low, 5), 0)]]))
    expect(node.drops).toEqual({ 'bad-claim': 3 })
    expect(node.neighbors).toEqual([NEIGHBOR])
  })

  it('cannot answer for others, nor put a value into an answer', () => {
    const { node, host } = start()
    const { key } = hashedValue(Uint8Array.of(5), 60_000)
    const id = node.get(key)
    const answer = {
      type: 'Answer',
      isOwner: true,
      refusal: undefined,
      hops: 1,
      timeouts: 0,
      path: [],
      replicas: [],
    } as const
    node.onMessage(MALLORY, { ...answer, id: id + 1, values: [], providers: [] })
    expect(node.drops['unexpected-answer']).toBe(1)
    host.take()
    const forged = { ...hashedValue(Uint8Array.of(6), 60_000), key }
    node.onMessage(MALLORY, { ...answer, id, values: [forged], providers: [] })
    expect(node.drops['bad-record']).toBe(1)
    const events = host.take().flatMap((effect) => (effect.effect === 'emit' ? [effect.event] : []))
    expect(events).toEqual([{ type: 'get-failed', id, key, reason: 'not-found' }])
  })

  it('leaves its neighbors bounded, however many it pretends to be', () => {
    const { node } = start({ contactsMax: 16 })
    for (let i = 10; i < 1000; i++)
      node.onMessage(toPeer(i) as Peer, update([[claimOf(zoneAt([theirs.low[0] ?? 0, i * 4096], 24), 200)]]))
    expect(node.neighbors.length).toBeLessThanOrEqual(16)
    expect(node.drops['too-many-neighbors']).toBeGreaterThan(900)
  })
})
