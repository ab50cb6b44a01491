import { type Key, keyFromWords } from '@servent/keyspace'
import { type Peer, toPeer } from '@servent/machine'
import { hashedValue, type ProviderRecord, RECORD_REFUSALS, signValue, type ValueRecord } from '@servent/records'
import * as fc from 'fast-check'
import type { Acquaintance, Claim, Claims, Message, Zone } from '../src/index.ts'
import { zoneAt } from '../src/zone.ts'

/** Dimensions and realities of the tori that these messages are of. */
export const DIMENSIONS = 2
export const REALITIES = 2

const u8 = fc.nat(255)
const u32 = fc.nat(2 ** 32 - 1)
const seed = new Uint8Array(32).fill(7)

export const peer: fc.Arbitrary<Peer> = fc.oneof(fc.nat(9), fc.nat(2 ** 32 - 1)).map(toPeer)
export const key: fc.Arbitrary<Key> = fc
  .array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 5, maxLength: 5 })
  .map((words) => keyFromWords(Int32Array.from(words)))

/** Zones from the whole torus to small ones; mostly large, so that they meet. */
const zone: fc.Arbitrary<Zone> = fc
  .tuple(fc.oneof(fc.nat(4), fc.nat(40)), fc.nat(2 ** 24 - 1), fc.nat(2 ** 24 - 1))
  .map(([depth, x, y]) => zoneAt([x, y], depth))
const claim: fc.Arbitrary<Claim> = fc.tuple(zone, u8).map(([drawn, takeovers]) => ({ ...drawn, takeovers }))
const claims: fc.Arbitrary<Claims> = fc.array(fc.array(claim, { maxLength: 3 }), {
  minLength: REALITIES,
  maxLength: REALITIES,
})
const acquaintances: fc.Arbitrary<Acquaintance[]> = fc.array(fc.record({ peer, claims }), { maxLength: 4 })

/** Some good values, made once: a signature takes a millisecond. */
const values: readonly ValueRecord[] = [
  ...[1, 2, 3, 4].map((byte) => hashedValue(new Uint8Array(byte * 10).fill(byte), 60_000)),
  ...[1, 2].map((sequence) =>
    signValue(seed, { name: 'profile', sequence, value: Uint8Array.of(sequence), ttlMs: 60_000 })
  ),
]

export const value: fc.Arbitrary<ValueRecord> = fc.oneof(
  fc.constantFrom(...values),
  fc.record({ type: fc.constant('hashed-value' as const), key, value: fc.uint8Array({ maxLength: 20 }), ttlMs: u32 })
)
const provider: fc.Arbitrary<ProviderRecord> = fc.record({
  type: fc.constant('provider' as const),
  key,
  peer,
  ttlMs: u32,
})
const refusal = fc.option(fc.constantFrom(...RECORD_REFUSALS), { nil: undefined })
const peers = fc.array(peer, { maxLength: 4 })
const valueList = fc.array(value, { maxLength: 3 })
const providerList = fc.array(provider, { maxLength: 3 })
const reality = fc.constantFrom(0, 1, 2, 255)
const head = <Type extends Message['type']>(type: Type) => fc.constant(type)

const route = fc.record({
  type: head('Route'),
  request: fc.constantFrom('lookup', 'join', 'put', 'get', 'providers'),
  id: u32,
  hop: fc.oneof(fc.nat(9), u32),
  origin: peer,
  key,
  reality,
  isPassedOn: fc.boolean(),
  hops: fc.nat(65_535),
  timeouts: u8,
  path: peers,
  avoid: peers,
  record: fc.option(value, { nil: undefined }),
})

/** Well-typed messages of every type. */
export const messages: fc.Arbitrary<Message> = fc.oneof(
  route,
  fc.record({ type: head('RouteAck'), hop: fc.oneof(fc.nat(9), u32), isTaken: fc.boolean(), isKeeper: fc.boolean() }),
  fc.record({
    type: head('Answer'),
    id: u32,
    isOwner: fc.boolean(),
    refusal,
    hops: fc.nat(65_535),
    timeouts: u8,
    path: peers,
    replicas: peers,
    values: valueList,
    providers: providerList,
  }),
  fc.record({ type: head('Grant'), grant: fc.nat(9), reality, claim, neighbors: acquaintances }),
  fc.record({ type: head('GrantAck'), grant: fc.nat(9), isTaken: fc.boolean() }),
  fc.record({ type: head('Update'), version: u32, claims, neighbors: acquaintances, wantsReply: fc.boolean() }),
  fc.record({ type: head('Ping'), nonce: fc.nat(9), version: fc.nat(9) }),
  fc.record({ type: head('Pong'), nonce: fc.nat(9), version: fc.nat(9) }),
  fc.record({ type: head('Reassign'), reality, zone, holder: peer, hops: u8 }),
  fc.record({ type: head('Volunteer'), reality, zone }),
  fc.record({ type: head('Store'), store: fc.nat(9), records: fc.array(fc.oneof(value, provider), { maxLength: 4 }) }),
  fc.record({ type: head('Stored'), store: fc.nat(9), count: u8, refusal }),
  fc.record({
    type: head('Inventory'),
    entries: fc.array(fc.record({ key, sequence: fc.nat(2 ** 48 - 1) }), { maxLength: 4 }),
  }),
  fc.record({ type: head('Want'), keys: fc.array(key, { maxLength: 4 }) }),
  fc.record({ type: head('Fetch'), fetch: fc.nat(9), key }),
  fc.record({ type: head('Fetched'), fetch: fc.nat(9), values: valueList, providers: providerList })
)
