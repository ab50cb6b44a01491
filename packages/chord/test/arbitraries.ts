import { type Key, keyFromWords } from '@servent/keyspace'
import { toPeer } from '@servent/machine'
import { hashedValue, RECORD_REFUSALS, signValue, type ValueRecord } from '@servent/records'
import * as fc from 'fast-check'
import type { FindSuccessor, Found, Leave, Message, Operation, Outcome, Reach, Virtual } from '../src/index.ts'

const peer = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(toPeer)
/** Few, so that they meet again. */
const nearPeer = fc.integer({ min: 0, max: 9 }).map(toPeer)
const somePeer = fc.oneof({ arbitrary: nearPeer, weight: 4 }, { arbitrary: peer, weight: 1 })
const peers = fc.array(somePeer, { maxLength: 6 })
const call = fc.oneof(fc.nat(12), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const id = fc.oneof(fc.nat(4), fc.integer({ min: 0, max: 2 ** 48 - 1 }))

export const key: fc.Arbitrary<Key> = fc
  .array(fc.integer(), { minLength: 5, maxLength: 5 })
  .map((words) => keyFromWords(Int32Array.from(words)))

const secret = new Uint8Array(32).fill(7)
const genuine: readonly ValueRecord[] = [
  hashedValue(Uint8Array.of(1, 2, 3), 60_000),
  hashedValue(Uint8Array.of(4), 3_600_000),
  signValue(secret, { name: 'a', sequence: 1, value: Uint8Array.of(1), ttlMs: 60_000 }),
  signValue(secret, { name: 'a', sequence: 2, value: Uint8Array.of(2), ttlMs: 60_000 }),
]
const ttlMs = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const forged: fc.Arbitrary<ValueRecord> = fc.record({
  type: fc.constant('hashed-value' as const),
  key,
  value: fc.uint8Array({ maxLength: 20 }),
  ttlMs,
})
export const value: fc.Arbitrary<ValueRecord> = fc.oneof(fc.constantFrom(...genuine), forged)
const provider = fc.record({ type: fc.constant('provider' as const), key, peer: somePeer, ttlMs })
const refusal = fc.constantFrom(...RECORD_REFUSALS)

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.constantFrom<Operation>(
    { kind: 'lookup' },
    { kind: 'replicas' },
    { kind: 'join' },
    { kind: 'get' },
    { kind: 'providers' }
  ),
  value.map((record) => ({ kind: 'put' as const, record }))
)

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: fc.constant('responsible' as const), peer: somePeer, replicas: peers }),
  fc.record({ kind: fc.constant('members' as const), peer: somePeer, successors: peers }),
  fc.record({ kind: fc.constant('value' as const), value: fc.option(value, { nil: undefined }) }),
  fc.record({ kind: fc.constant('stored' as const), replicas: fc.nat(0xffff) }),
  fc.record({ kind: fc.constant('refused' as const), refusal }),
  fc.record({ kind: fc.constant('providers' as const), peers })
)

const findSuccessor: fc.Arbitrary<FindSuccessor> = fc.record({
  type: fc.constant('FindSuccessor' as const),
  call,
  id,
  key,
  operation,
  reach: fc.constantFrom<Reach>('forward', 'final', 'forced'),
  skipped: peers,
  path: peers,
  timeouts: fc.nat(0xffff),
  misses: fc.nat(255),
})

const found: fc.Arbitrary<Found> = fc.record({
  type: fc.constant('Found' as const),
  id,
  path: peers,
  timeouts: fc.nat(0xffff),
  outcome,
})

const called = <Type extends 'Ack' | 'Stabilize' | 'Ping'>(type: Type) => fc.record({ type: fc.constant(type), call })
const sequence = fc.integer({ min: 0, max: 2 ** 48 - 1 })

const plain: fc.Arbitrary<Exclude<Message, Virtual>> = fc.oneof(
  { arbitrary: findSuccessor, weight: 4 },
  called('Ack'),
  { arbitrary: found, weight: 2 },
  fc.record({ type: fc.constant('GetNextHop' as const), call, key, isJoin: fc.boolean() }),
  fc.record({ type: fc.constant('NextHop' as const), call, responsible: peers, preceding: peers }),
  called('Stabilize'),
  fc.record({
    type: fc.constant('Neighbors' as const),
    call,
    predecessor: fc.option(somePeer, { nil: undefined }),
    successors: peers,
  }),
  called('Ping'),
  fc.constant<Leave>({ type: 'Leave' }),
  fc.record({
    type: fc.constant('Store' as const),
    call,
    records: fc.array(fc.oneof(value, provider), { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('Stored' as const), call, refusal: fc.option(refusal, { nil: undefined }) }),
  fc.record({ type: fc.constant('Offer' as const), values: fc.array(fc.record({ key, sequence }), { maxLength: 5 }) }),
  fc.record({ type: fc.constant('Want' as const), keys: fc.array(key, { maxLength: 5 }) })
)

const index = fc.oneof(fc.nat(2), fc.nat(63))
const virtual = fc.record({ type: fc.constant('Virtual' as const), from: index, to: index, message: plain })

export const messages: fc.Arbitrary<Message> = fc.oneof(
  { arbitrary: plain, weight: 5 },
  { arbitrary: virtual, weight: 1 }
)
