import { type Codec, type PeerCodec, ProtocolError } from '@servent/machine'
import {
  peerBytes,
  peerListBytes,
  readFlag,
  readKey,
  readPeer,
  readPeerList,
  readRecord,
  readRecordList,
  readRefusal,
  recordBytes,
  recordListBytes,
  writeFlag,
  writeKey,
  writePeer,
  writePeerList,
  writeRecord,
  writeRecordList,
  writeRefusal,
} from '@servent/records'
import { Reader, Writer } from '@servent/wire'
import { outcomeBytes, payloadBytes, readOutcome, readPayload, writeOutcome, writePayload } from './codec/answer.ts'
import { LEAVES_MAX, PATH_MAX, PEERS_MAX } from './codec/limits.ts'
import { at, placeOf } from './codec/words.ts'
import { ROWS } from './identifier.ts'
import type { Answer, Message, Route, State } from './messages.ts'

/*
 * One byte says what a message is, the fields follow. Numbers are unsigned, most significant byte first; keys, peers and
 * records are laid out as in @servent/records.
 *
 *  1 Route           id 6, key, timeouts 1, path (peers), payload
 *  2 Ack             id 6
 *  3 Answer          id 6, timeouts 1, path (peers), outcome
 *  4 State           id 6, is last 1, is whole 1, leaf set, table, neighborhood (peers)
 *  5 StateRequest    leaf set (peers)
 *  6 Announce        leaf set (peers)
 *  7 LeafSetRequest  leaf set (peers)
 *  8 LeafSet         leaf set (peers)
 *  9 RowRequest      row 1
 * 10 Row             row 1, entries (peers)
 * 11 Ping            nonce 4
 * 12 Pong            nonce 4, has joined 1
 * 13 Failed          peer
 * 14 Leave
 * 15 Store           id 4, record
 * 16 Stored          id 4, refusal 1: 0 for none, else its place in the list of refusals, from 1
 * 17 Fetch           id 4, key, what 1: 1 values, 2 providers
 * 18 Fetched         id 4, records
 *
 * payload  1  1 lookup, 2 locate, 3 join, 4 meet, 5 get, 6 find-providers, 7 put: then the record
 * outcome  1  1 found: the replicas (peers); 2 values (records); 3 providers (peers); 4 stored: replicas 1; 5 refused: refusal 1
 */

const TYPES = [
  'Route',
  'Ack',
  'Answer',
  'State',
  'StateRequest',
  'Announce',
  'LeafSetRequest',
  'LeafSet',
  'RowRequest',
  'Row',
  'Ping',
  'Pong',
  'Failed',
  'Leave',
  'Store',
  'Stored',
  'Fetch',
  'Fetched',
] as const

const WANTS = ['values', 'providers'] as const

const ID_BYTES = 6

/** Messages to bytes and back. */
export const codec: Codec<Message> = {
  encode(message, peers) {
    const writer = new Writer(codec.size(message, peers)).u8(placeOf(TYPES, message.type))
    write(writer, message, peers)
    return writer.finish()
  },

  decode(bytes, peers) {
    const reader = new Reader(bytes)
    const message = read(reader, peers)
    if (reader.remaining > 0) throw new ProtocolError('bad-length', `${reader.remaining} bytes too many`)
    return message
  },

  size(message, peers) {
    return 1 + sizeOf(message, peers)
  },
}

function sizeOf(message: Message, peers: PeerCodec): number {
  switch (message.type) {
    case 'Route':
      return ID_BYTES + 20 + 1 + peerListBytes(message.path, peers) + payloadBytes(message.payload, peers)
    case 'Ack':
      return ID_BYTES
    case 'Answer':
      return ID_BYTES + 1 + peerListBytes(message.path, peers) + outcomeBytes(message.outcome, peers)
    case 'State': {
      const { leafSet, table, neighborhood } = message
      return ID_BYTES + 2 + [leafSet, table, neighborhood].reduce((sum, list) => sum + peerListBytes(list, peers), 0)
    }
    case 'StateRequest':
    case 'Announce':
    case 'LeafSetRequest':
    case 'LeafSet':
      return peerListBytes(message.leafSet, peers)
    case 'RowRequest':
      return 1
    case 'Row':
      return 1 + peerListBytes(message.peers, peers)
    case 'Ping':
      return 4
    case 'Pong':
    case 'Stored':
      return 5
    case 'Failed':
      return peerBytes(message.peer, peers)
    case 'Leave':
      return 0
    case 'Store':
      return 4 + recordBytes(message.record, peers)
    case 'Fetch':
      return 4 + 20 + 1
    case 'Fetched':
      return 4 + recordListBytes(message.records, peers)
  }
}

function write(writer: Writer, message: Message, peers: PeerCodec): void {
  switch (message.type) {
    case 'Route':
      writer.u48be(message.id)
      writeKey(writer, message.key)
      writePeerList(writer.u8(Math.min(message.timeouts, 255)), message.path, peers)
      return writePayload(writer, message.payload, peers)
    case 'Ack':
      return void writer.u48be(message.id)
    case 'Answer':
      writer.u48be(message.id)
      writePeerList(writer.u8(Math.min(message.timeouts, 255)), message.path, peers)
      return writeOutcome(writer, message.outcome, peers)
    case 'State':
      writer.u48be(message.id)
      writeFlag(writer, message.isLast)
      writeFlag(writer, message.isWhole)
      writePeerList(writer, message.leafSet, peers)
      writePeerList(writer, message.table, peers)
      return writePeerList(writer, message.neighborhood, peers)
    case 'StateRequest':
    case 'Announce':
    case 'LeafSetRequest':
    case 'LeafSet':
      return writePeerList(writer, message.leafSet, peers)
    default:
      writeSmall(writer, message, peers)
  }
}

type Small = Exclude<
  Message,
  { readonly type: 'Route' | 'Ack' | 'Answer' | 'State' | 'StateRequest' | 'Announce' | 'LeafSetRequest' | 'LeafSet' }
>

function writeSmall(writer: Writer, message: Small, peers: PeerCodec): void {
  switch (message.type) {
    case 'RowRequest':
      writer.u8(message.row)
      return
    case 'Row':
      return writePeerList(writer.u8(message.row), message.peers, peers)
    case 'Ping':
      writer.u32be(message.nonce)
      return
    case 'Pong':
      return writeFlag(writer.u32be(message.nonce), message.isJoined)
    case 'Failed':
      return writePeer(writer, message.peer, peers)
    case 'Leave':
      return
    case 'Store':
      return writeRecord(writer.u32be(message.id), message.record, peers)
    case 'Stored':
      return writeRefusal(writer.u32be(message.id), message.refusal)
    case 'Fetch':
      writeKey(writer.u32be(message.id), message.key)
      writer.u8(placeOf(WANTS, message.wants))
      return
    case 'Fetched':
      return writeRecordList(writer.u32be(message.id), message.records, peers)
  }
}

function read(reader: Reader, peers: PeerCodec): Message {
  const type = at(TYPES, reader.u8(), 'unknown-type')
  switch (type) {
    case 'Route':
      return readRoute(reader, peers)
    case 'Ack':
      return { type, id: reader.u48be() }
    case 'Answer':
      return readAnswer(reader, peers)
    case 'State':
      return readState(reader, peers)
    case 'StateRequest':
    case 'Announce':
    case 'LeafSetRequest':
    case 'LeafSet':
      return { type, leafSet: readPeerList(reader, peers, LEAVES_MAX) }
    case 'RowRequest':
      return { type, row: readRow(reader) }
    case 'Row':
      return { type, row: readRow(reader), peers: readPeerList(reader, peers, LEAVES_MAX) }
    case 'Ping':
      return { type, nonce: reader.u32be() }
    case 'Pong':
      return { type, nonce: reader.u32be(), isJoined: readFlag(reader) }
    case 'Failed':
      return { type, peer: readPeer(reader, peers) }
    case 'Leave':
      return { type }
    case 'Store':
      return { type, id: reader.u32be(), record: readRecord(reader, peers) }
    case 'Stored':
      return { type, id: reader.u32be(), refusal: readRefusal(reader) }
    case 'Fetch':
      return { type, id: reader.u32be(), key: readKey(reader), wants: at(WANTS, reader.u8(), 'bad-wants') }
    case 'Fetched':
      return { type, id: reader.u32be(), records: readRecordList(reader, peers, LEAVES_MAX) }
  }
}

function readRoute(reader: Reader, peers: PeerCodec): Route {
  const id = reader.u48be()
  const key = readKey(reader)
  const timeouts = reader.u8()
  const path = readPeerList(reader, peers, PATH_MAX)
  return { type: 'Route', id, key, timeouts, path, payload: readPayload(reader, peers) }
}

function readAnswer(reader: Reader, peers: PeerCodec): Answer {
  const id = reader.u48be()
  const timeouts = reader.u8()
  const path = readPeerList(reader, peers, PATH_MAX)
  return { type: 'Answer', id, timeouts, path, outcome: readOutcome(reader, peers) }
}

function readState(reader: Reader, peers: PeerCodec): State {
  const id = reader.u48be()
  const isLast = readFlag(reader)
  const isWhole = readFlag(reader)
  const leafSet = readPeerList(reader, peers, LEAVES_MAX)
  const table = readPeerList(reader, peers, PEERS_MAX)
  return { type: 'State', id, isLast, isWhole, leafSet, table, neighborhood: readPeerList(reader, peers, LEAVES_MAX) }
}

function readRow(reader: Reader): number {
  const row = reader.u8()
  if (row >= ROWS) throw new ProtocolError('bad-row', String(row))
  return row
}
