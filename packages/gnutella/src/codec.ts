import { type Codec, type PeerCodec, ProtocolError } from '@servent/machine'
import { Writer } from '@servent/wire'
import { decodeHandshake, encodeHandshake, HANDSHAKE_START, handshakeSize, isHandshake } from './codec/handshake.ts'
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
import { decodeLink, isLinkFunction, linkFunction, linkPayloadSize, writeLinkPayload } from './codec/link.ts'
import {
  decodePing,
  decodePong,
  decodePush,
  encodePong,
  encodePush,
  pongSize,
  pushSize,
} from './codec/ping-pong-push.ts'
import { decodeQuery, encodeQuery, isPlainQuery, querySize } from './codec/query.ts'
import { decodeQueryHit, encodeQueryHit, queryHitSize } from './codec/query-hit.ts'
import { type DropReason, isDropReason } from './drops.ts'
import type { Descriptor, LinkDescriptor, Message, Unknown } from './messages.ts'

/** What a payload that ends early is called, by its function. */
const TRUNCATED: Readonly<Record<number, DropReason>> = { [QUERY_HIT]: 'malformed-query-hit' }

const FUNCTIONS: Readonly<Record<RoutedDescriptor['type'], number>> = {
  Ping: PING,
  Pong: PONG,
  Query: QUERY,
  QueryHit: QUERY_HIT,
  Push: PUSH,
}

/** What may travel further than one link. */
type RoutedDescriptor = Exclude<Descriptor, LinkDescriptor | Unknown>

/**
 * Gnutella 0.4 and 0.6 as on the real network. What breaks the framing or the handshake throws; a payload that cannot be
 * read gives an `Unknown` with the reason, for the specification drops it and keeps the connection.
 */
export const codec: Codec<Message> = {
  encode(message, peers) {
    if (isHandshake(message)) return encodeHandshake(message, peers)
    const length = payloadSize(message, peers)
    const writer = new Writer(HEADER_BYTES + length)
    writeHeader(writer, functionOf(message), message, length)
    writePayload(writer, message, peers)
    return writer.finish()
  },

  decode(bytes, peers) {
    if (isText(bytes)) return decodeHandshake(bytes, peers)
    const header = readHeader(bytes)
    const payload = bytes.subarray(HEADER_BYTES)
    if (header.payloadLength !== payload.length) throw new ProtocolError('bad-length')
    if (payload.length > payloadBytesMax(header.function)) throw new ProtocolError('too-large')
    return decodeDescriptor(header, payload, peers)
  },

  size(message, peers) {
    return isHandshake(message) ? handshakeSize(message, peers) : HEADER_BYTES + payloadSize(message, peers)
  },
}

/**
 * Whether a frame is a text of the handshake. The highest byte of a payload length is always 0, which no text has there, so
 * that not even a descriptor id that reads as one is taken for it.
 */
function isText(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return true
  if (bytes[HEADER_BYTES - 1] === 0) return false
  for (let i = 0; i < HANDSHAKE_START.length; i++) if (bytes[i] !== HANDSHAKE_START.charCodeAt(i)) return false
  return true
}

function functionOf(message: Descriptor): number {
  if (message.type === 'Unknown') return message.function
  return isRouted(message) ? FUNCTIONS[message.type] : linkFunction(message)
}

function isRouted(message: Descriptor): message is RoutedDescriptor {
  return Object.hasOwn(FUNCTIONS, message.type)
}

function payloadSize(message: Descriptor, peers: PeerCodec): number {
  switch (message.type) {
    case 'Ping':
      return message.verbatim?.length ?? 0
    case 'Pong':
      return message.verbatim?.length ?? pongSize(message, peers)
    case 'Query':
      return message.verbatim?.length ?? querySize(message)
    case 'QueryHit':
      return message.verbatim?.length ?? queryHitSize(message, peers)
    case 'Push':
      return message.verbatim?.length ?? pushSize(message, peers)
    case 'Bye':
      return message.verbatim?.length ?? linkPayloadSize(message)
    case 'Unknown':
      return message.payload.length
    default:
      return linkPayloadSize(message)
  }
}

function writePayload(writer: Writer, message: Descriptor, peers: PeerCodec): void {
  if (message.type === 'Unknown') writer.bytes(message.payload)
  else if ('verbatim' in message && message.verbatim !== undefined) writer.bytes(message.verbatim)
  else if (!isRouted(message)) writeLinkPayload(writer, message)
  else if (message.type === 'Pong') encodePong(writer, message, peers)
  else if (message.type === 'Query') encodeQuery(writer, message)
  else if (message.type === 'QueryHit') encodeQueryHit(writer, message, peers)
  else if (message.type === 'Push') encodePush(writer, message, peers)
}

function decodeDescriptor(header: Header, payload: Uint8Array, peers: PeerCodec): Descriptor {
  try {
    const descriptor = decodePayload(header, payload, peers)
    if (descriptor === undefined) return unknown(header, payload, 'unknown-type')
    // The others are written in one way only.
    if (!('verbatim' in descriptor)) return descriptor
    if (descriptor.type === 'Query' && isPlainQuery(descriptor, payload.length)) return descriptor
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
      return isLinkFunction(header.function) ? decodeLink(header, payload) : undefined
  }
}

function unknown(header: Header, payload: Uint8Array, reason: DropReason): Descriptor {
  const { guid, ttl, hops } = header
  return { type: 'Unknown', guid, ttl, hops, function: header.function, payload: new Uint8Array(payload), reason }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
