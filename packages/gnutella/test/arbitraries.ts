import { type Peer, toPeer } from '@servent/machine'
import { testKeyOf } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { type Guid, type ServentId, serventIdOf } from '../src/guid.ts'
import type { Descriptor, Handshake, LinkDescriptor, Message } from '../src/messages.ts'

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

/** A text without controls, and without blanks at its ends. */
const line = text.map((drawn) => drawn.replace(/\p{Cc}/gu, '').trim())

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

/** What stays on a link has come no further than it. */
const onLink = { guid, ttl: fc.constantFrom(0, 1), hops: fc.constant(0) }
const u8 = byte
const vendor = fc.constantFrom('BEAR', 'LIME', 'SRVT', '\0\0\0\0')
const kind = fc.record({ vendor, selector: u16, version: u16 })

const linkDescriptors: fc.Arbitrary<LinkDescriptor> = fc.oneof(
  fc.record({ type: fc.constant('Bye' as const), ...onLink, code: u16, text: line, verbatim }),
  fc.record({
    type: fc.constant('QrpReset' as const),
    ...onLink,
    slots: fc.oneof(fc.constantFrom(8, 64, 16_384, 65_536, 131_072), u32),
    infinity: u8,
  }),
  fc.record({
    type: fc.constant('QrpPatch' as const),
    ...onLink,
    sequence: fc.oneof(fc.constantFrom(1, 2), u8),
    sequenceSize: fc.oneof(fc.constantFrom(1, 2), u8),
    compressor: fc.oneof(fc.constantFrom(0, 1), u8),
    entryBits: fc.oneof(fc.constantFrom(1, 2, 4, 8), u8),
    data: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 80 }),
      fc.constantFrom(8, 32, 64).map((length) => new Uint8Array(length))
    ),
  }),
  fc.record({
    type: fc.constant('MessagesSupported' as const),
    ...onLink,
    supported: fc.array(kind, { maxLength: 6 }),
  }),
  fc.record({ type: fc.constant('HopsFlow' as const), ...onLink, hopsMax: u8 }),
  fc.record({ type: fc.constant('QueryStatusRequest' as const), ...onLink }),
  fc.record({ type: fc.constant('QueryStatusResponse' as const), ...onLink, hitCount: u16 }),
  fc.record({ type: fc.constant('PushProxyRequest' as const), ...onLink }),
  fc.record({ type: fc.constant('PushProxyAck' as const), ...onLink, address: u32, port: u16 }),
  fc.record({
    type: fc.constant('VendorMessage' as const),
    ...onLink,
    vendor: fc.constantFrom('BEAR', 'LIME', 'SRVT'),
    // None of those that we know.
    selector: fc.integer({ min: 1000, max: 0xffff }),
    version: u16,
    isStandard: fc.boolean(),
    body: fc.uint8Array({ maxLength: 40 }),
  })
)

const headers = fc
  .uniqueArray(fc.tuple(fc.constantFrom('user-agent', 'x-ultrapeer', 'x-degree', 'ggep', 'x-max-ttl', 'a.b_c'), line), {
    selector: ([name]) => name,
  })
  .map((fields) => new Map(fields))

/** The opening words of both versions. */
export const handshakes: fc.Arbitrary<Handshake> = fc.oneof(
  fc.constantFrom<Handshake>({ type: 'Connect' }, { type: 'Ok' }),
  fc.record({ type: fc.constant('ConnectRequest' as const), headers }),
  fc.record({
    type: fc.constant('ConnectResponse' as const),
    code: fc.oneof(fc.constantFrom(200, 403, 503), fc.integer({ min: 100, max: 999 })),
    reason: line,
    headers,
    tryUltrapeers: fc.array(peer, { maxLength: 10 }),
  })
)

export const messages: fc.Arbitrary<Message> = fc.oneof(
  { arbitrary: descriptors, weight: 30 },
  { arbitrary: linkDescriptors, weight: 12 },
  { arbitrary: handshakes, weight: 3 }
)

/** Some message of a type. */
export function messagesOf(type: Message['type']): Message {
  const found = fc.sample(messages, { seed: 11, numRuns: 1000 }).find((message) => message.type === type)
  if (found === undefined) throw new RangeError(`no ${type} was drawn`)
  return found
}
