import { keyFromBytes } from '@servent/keyspace'
import { toPeer } from '@servent/machine'
import { RECORD_REFUSALS } from '@servent/records'
import * as fc from 'fast-check'
import type { Message } from '../src/index.ts'

export const keys = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(keyFromBytes)
/** Few, so that they meet again. */
const peers = fc.oneof(fc.nat(9), fc.nat(2 ** 32 - 1)).map(toPeer)

const list = (maxLength: number) => fc.array(peers, { maxLength })
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const ids = fc.oneof(fc.nat(3), fc.nat(2 ** 48 - 1))
const words = fc.oneof(fc.nat(3), fc.nat(2 ** 32 - 1))
const ttlMs = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const value = fc.uint8Array({ maxLength: 40 })
const refusals = fc.constantFrom(...RECORD_REFUSALS)

const values = fc.oneof(
  fc.record({ type: fc.constant('hashed-value' as const), key: keys, value, ttlMs }),
  fc.record({
    type: fc.constant('signed-value' as const),
    key: keys,
    value,
    publicKey: bytes(32),
    signature: bytes(64),
    sequence: fc.nat(2 ** 48 - 1),
    name: fc.string({ maxLength: 8 }),
    ttlMs,
  })
)
const providers = fc.record({ type: fc.constant('provider' as const), key: keys, peer: peers, ttlMs })
const records = fc.oneof(values, providers)

const payloads = fc.oneof(
  fc.constantFrom(
    ...(['lookup', 'locate', 'join', 'meet', 'get', 'find-providers'] as const).map((type) => ({ type }))
  ),
  fc.record({ type: fc.constant('put' as const), record: values })
)

const outcomes = fc.oneof(
  fc.record({ type: fc.constant('found' as const), replicas: list(8) }),
  fc.record({ type: fc.constant('values' as const), values: fc.array(values, { maxLength: 1 }) }),
  fc.record({ type: fc.constant('providers' as const), providers: list(8) }),
  fc.record({ type: fc.constant('stored' as const), replicas: fc.nat(255) }),
  fc.record({ type: fc.constant('refused' as const), reason: refusals })
)

const leafSet = list(8)

/** Well-typed messages of every type. */
export const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant('Route' as const),
    id: ids,
    key: keys,
    timeouts: fc.nat(255),
    path: list(5),
    payload: payloads,
  }),
  fc.record({ type: fc.constant('Ack' as const), id: ids }),
  fc.record({ type: fc.constant('Answer' as const), id: ids, timeouts: fc.nat(255), path: list(5), outcome: outcomes }),
  fc.record({
    type: fc.constant('State' as const),
    id: ids,
    isLast: fc.boolean(),
    isWhole: fc.boolean(),
    leafSet,
    table: list(30),
    neighborhood: list(8),
  }),
  fc.record({ type: fc.constantFrom('StateRequest' as const, 'Announce', 'LeafSetRequest', 'LeafSet'), leafSet }),
  fc.record({ type: fc.constant('RowRequest' as const), row: fc.nat(31) }),
  fc.record({ type: fc.constant('Row' as const), row: fc.nat(31), peers: list(15) }),
  fc.record({ type: fc.constant('Ping' as const), nonce: words }),
  fc.record({ type: fc.constant('Pong' as const), nonce: words, isJoined: fc.boolean() }),
  fc.record({ type: fc.constant('Failed' as const), peer: peers }),
  fc.record({ type: fc.constant('Leave' as const) }),
  fc.record({ type: fc.constant('Store' as const), id: words, record: records }),
  fc.record({ type: fc.constant('Stored' as const), id: words, refusal: fc.option(refusals, { nil: undefined }) }),
  fc.record({
    type: fc.constant('Fetch' as const),
    id: words,
    key: keys,
    wants: fc.constantFrom('values' as const, 'providers'),
  }),
  fc.record({ type: fc.constant('Fetched' as const), id: words, records: fc.array(records, { maxLength: 3 }) })
)
