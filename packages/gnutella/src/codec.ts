import { type Codec, type PeerCodec, ProtocolError } from '@servent/machine'
import { Reader, Writer } from '@servent/wire'
import {
  HEADER_BYTES,
  type Header,
  PING,
  PONG,
  PUSH,
  payloadBytesMax,
  QUERY,
  QUERY_HIT,
  readHeader,
  writeHeader,
} from './codec/header.ts'
import {
  decodePing,
  decodePong,
  decodePush,
  encodePong,
  encodePush,
  pongSize,
  pushSize,
} from './codec/ping-pong-push.ts'
import { decodeQuery, encodeQuery, querySize } from './codec/query.ts'
import { decodeQueryHit, encodeQueryHit, queryHitSize } from './codec/query-hit.ts'
import { type DropReason, isDropReason } from './drops.ts'
import type { Descriptor, Message } from './messages.ts'

/** The handshake of 0.4, never with a carriage return. Shorter than a header, which is how a frame of text is told. */
export const CONNECT_TEXT = 'GNUTELLA CONNECT/0.4\n\n'
export const OK_TEXT = 'GNUTELLA OK\n\n'

/** What a payload that ends early is called, by its function. */
const TRUNCATED: Readonly<Record<number, DropReason>> = { [QUERY_HIT]: 'malformed-query-hit' }

const FUNCTIONS: Readonly<Record<Exclude<Descriptor['type'], 'Unknown'>, number>> = {
  Ping: PING,
  Pong: PONG,
  Query: QUERY,
  QueryHit: QUERY_HIT,
  Push: PUSH,
}

/**
 * Gnutella 0.4 as on the real network. What breaks the framing or the handshake throws; a payload that cannot be read gives
 * an `Unknown` with the reason, for the specification drops it and keeps the connection.
 */
export const codec: Codec<Message> = {
  encode(message, peers) {
    if (message.type === 'Connect') return ascii(CONNECT_TEXT)
    if (message.type === 'Ok') return ascii(OK_TEXT)
    const length = payloadSize(message, peers)
    const writer = new Writer(HEADER_BYTES + length)
    writeHeader(writer, message.type === 'Unknown' ? message.function : FUNCTIONS[message.type], message, length)
    writePayload(writer, message, peers)
    return writer.finish()
  },

  decode(bytes, peers) {
    if (bytes.length < HEADER_BYTES) return decodeHandshake(bytes)
    const reader = new Reader(bytes)
    const header = readHeader(reader)
    const payload = reader.rest()
    if (header.payloadLength !== payload.length) throw new ProtocolError('bad-length')
    if (payload.length > payloadBytesMax(header.function)) throw new ProtocolError('too-large')
    return decodeDescriptor(header, payload, peers)
  },

  size(message, peers) {
    if (message.type === 'Connect') return CONNECT_TEXT.length
    if (message.type === 'Ok') return OK_TEXT.length
    return HEADER_BYTES + payloadSize(message, peers)
  },
}

function payloadSize(message: Descriptor, peers: PeerCodec): number {
  if (message.type === 'Unknown') return message.payload.length
  if (message.verbatim !== undefined) return message.verbatim.length
  switch (message.type) {
    case 'Ping':
      return 0
    case 'Pong':
      return pongSize(message, peers)
    case 'Query':
      return querySize(message)
    case 'QueryHit':
      return queryHitSize(message, peers)
    case 'Push':
      return pushSize(message, peers)
  }
}

function writePayload(writer: Writer, message: Descriptor, peers: PeerCodec): void {
  if (message.type === 'Unknown') writer.bytes(message.payload)
  else if (message.verbatim !== undefined) writer.bytes(message.verbatim)
  else if (message.type === 'Pong') encodePong(writer, message, peers)
  else if (message.type === 'Query') encodeQuery(writer, message)
  else if (message.type === 'QueryHit') encodeQueryHit(writer, message, peers)
  else if (message.type === 'Push') encodePush(writer, message, peers)
}

function decodeDescriptor(header: Header, payload: Uint8Array, peers: PeerCodec): Descriptor {
  try {
    const descriptor = decodePayload(header, payload, peers)
    if (descriptor === undefined) return unknown(header, payload, 'unknown-type')
    const own = new Writer(payloadSize(descriptor, peers))
    writePayload(own, descriptor, peers)
    // A copy, for the payload is a view of a larger chunk that would be kept alive with it.
    return equal(own.finish(), payload) ? descriptor : { ...descriptor, verbatim: new Uint8Array(payload) }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const reason = isDropReason(error.reason) ? error.reason : (TRUNCATED[header.function] ?? 'bad-size')
    return unknown(header, payload, reason)
  }
}

function decodePayload(
  header: Header,
  payload: Uint8Array,
  peers: PeerCodec
): Exclude<Descriptor, { type: 'Unknown' }> | undefined {
  switch (header.function) {
    case PING:
      return decodePing(header, payload)
    case PONG:
      return decodePong(header, payload, peers)
    case QUERY:
      return decodeQuery(header, payload)
    case QUERY_HIT:
      return decodeQueryHit(header, payload, peers)
    case PUSH:
      return decodePush(header, payload, peers)
    default:
      return undefined
  }
}

function unknown(header: Header, payload: Uint8Array, reason: DropReason): Descriptor {
  const { guid, ttl, hops } = header
  return { type: 'Unknown', guid, ttl, hops, function: header.function, payload: new Uint8Array(payload), reason }
}

function decodeHandshake(bytes: Uint8Array): Message {
  const text = String.fromCharCode(...bytes)
  if (text === CONNECT_TEXT) return { type: 'Connect' }
  if (text === OK_TEXT) return { type: 'Ok' }
  throw new ProtocolError('bad-handshake')
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
