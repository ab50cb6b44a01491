import { type Peer, toPeer } from '@servent/machine'
import { testKeyOf } from '@servent/machine/testing'
import * as fc from 'fast-check'
import type { Descriptor, Guid, Message, ServentId } from '../src/index.ts'
import { serventIdOf } from '../src/index.ts'

const byte = fc.nat(255)
const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xffffffff)

const latin1 = (codes: readonly number[]): string => String.fromCharCode(...codes)
const id = fc.array(byte, { minLength: 16, maxLength: 16 }).map(latin1)

/** Few of them, so that replies meet what they reply to. */
export const guid: fc.Arbitrary<Guid> = fc.oneof(
  fc.nat(20).map((n) => latin1(new Array<number>(16).fill(n))),
  id
) as fc.Arbitrary<Guid>

export const peer: fc.Arbitrary<Peer> = fc.oneof(fc.nat(10), u32).map(toPeer)

const serventId = fc.oneof(
  peer.map((named) => serventIdOf(testKeyOf(named))),
  id as fc.Arbitrary<ServentId>
)

const header = { guid, ttl: byte, hops: byte }
const verbatim = fc.constant(undefined)
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const sha1 = optional(fc.uint8Array({ minLength: 20, maxLength: 20 }))
const cid = optional(fc.uint8Array({ minLength: 1, maxLength: 100 }))
const text = fc
  .oneof(
    fc.constantFrom('', '    ', 'alpha', 'Alpha Song.txt', 'Ärger über Öl', '東京'),
    fc.string({ unit: 'binary', maxLength: 40 })
  )
  .map((drawn) => drawn.replaceAll('\0', '').toWellFormed().slice(0, 30).toWellFormed())

const size = fc.oneof(u32, fc.constantFrom(0xffffffff, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER))
const result = fc.record({ index: u32, size, name: text, sha1, cid })

const descriptors: fc.Arbitrary<Descriptor> = fc.oneof(
  fc.record({ type: fc.constant('Ping' as const), ...header, verbatim }),
  fc.record({
    type: fc.constant('Pong' as const),
    ...header,
    port: u16,
    address: u32,
    fileCount: u32,
    kilobyteCount: u32,
    peer: optional(peer),
    ultrapeer: optional(fc.record({ leaves: byte, ultrapeers: byte })),
    verbatim,
  }),
  fc.record({
    type: fc.constant('Query' as const),
    ...header,
    minSpeed: u16,
    criteria: text,
    sha1,
    cid: optional(fc.uint8Array({ minLength: 1, maxLength: 40 })),
    verbatim,
  }),
  fc.record({
    type: fc.constant('QueryHit' as const),
    ...header,
    port: u16,
    address: u32,
    speed: u32,
    results: fc.array(result, { minLength: 1, maxLength: 4 }),
    peer: optional(peer),
    pushProxies: fc.array(peer, { maxLength: 8 }),
    isBrowsable: fc.boolean(),
    serventId,
    verbatim,
  }),
  fc.record({
    type: fc.constant('Push' as const),
    ...header,
    serventId,
    index: u32,
    address: u32,
    port: u16,
    peer: optional(peer),
    verbatim,
  }),
  fc.record({
    type: fc.constant('Unknown' as const),
    ...header,
    function: fc.constantFrom(0x03, 0x33, 0x55, 0xff),
    payload: fc.uint8Array({ maxLength: 60 }),
    reason: fc.constant('unknown-type' as const),
  }),
  fc.record({
    type: fc.constant('Unknown' as const),
    ...header,
    function: fc.constant(0x01),
    payload: fc.uint8Array({ maxLength: 13 }),
    reason: fc.constant('bad-size' as const),
  })
)

export const messages: fc.Arbitrary<Message> = fc.oneof(
  { arbitrary: descriptors, weight: 30 },
  { arbitrary: fc.constantFrom<Message>({ type: 'Connect' }, { type: 'Ok' }), weight: 1 }
)
