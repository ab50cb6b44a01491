import { type Codec, type PeerCodec, ProtocolError } from '@servent/machine'
import { Reader, utf8Decode, utf8Encode, utf8Size, Writer } from '@servent/wire'
import { CODES } from './codec/codes.ts'
import { Fields } from './codec/fields.ts'
import { READERS } from './codec/read.ts'
import { writeData } from './codec/write.ts'
import { DATA_BYTES_MAX, HEADER_BYTES } from './framing.ts'
import type { Message, Unreadable } from './messages.ts'

/**
 * Commands of OpenNap:
 *
 * | offset | bytes | |
 * | --- | --- | --- |
 * | 0 | 2 | length of the data, little endian, at most 2,048 |
 * | 2 | 2 | type, little endian |
 * | 4 | n | fields with a space between them, UTF-8 |
 *
 * A command that is not known, or has parameters that cannot be read, is an {@link Unreadable}: OpenNap answers it with an
 * error and goes on. Only what is no command at all ends a connection.
 */
export const codec: Codec<Message> = { encode, decode, size }

function encode(message: Message, peers: PeerCodec): Uint8Array {
  if (message.type === 'Unreadable') return command(message.code, message.data)
  return command(CODES[message.type], utf8Encode(writeData(message, peers)))
}

function size(message: Message, peers: PeerCodec): number {
  if (message.type === 'Unreadable') return HEADER_BYTES + message.data.length
  return HEADER_BYTES + utf8Size(writeData(message, peers))
}

function decode(bytes: Uint8Array, peers: PeerCodec): Message {
  const reader = new Reader(bytes)
  const length = reader.u16le()
  const code = reader.u16le()
  if (length > DATA_BYTES_MAX) throw new ProtocolError('too-large', `${length} bytes`)
  if (length !== reader.remaining) throw new ProtocolError('bad-length')
  const data = reader.rest()
  const read = READERS.get(code)
  if (read === undefined) return unreadable(code, 'unknown-command', data)
  const fields = new Fields(utf8Decode(data))
  const message = read(fields, peers)
  return fields.isBad ? unreadable(code, 'unparsable', data) : message
}

function unreadable(code: number, reason: Unreadable['reason'], data: Uint8Array): Unreadable {
  // A copy: a view would keep the chunk of the stream that it came with.
  return { type: 'Unreadable', code, reason, data: data.slice() }
}

function command(code: number, data: Uint8Array): Uint8Array {
  return new Writer(HEADER_BYTES + data.length).u16le(data.length).u16le(code).bytes(data).finish()
}
