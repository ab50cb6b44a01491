import { type Codec, type PeerCodec, ProtocolError } from '@servent/machine'
import {
  isProvider,
  type OverlayRecord,
  peerBytes,
  peerListBytes,
  RECORD_REFUSALS,
  type RecordRefusal,
  readKey,
  readPeer,
  readPeerList,
  readRecord,
  readRecordList,
  recordBytes,
  recordListBytes,
  type ValueRecord,
  writeKey,
  writePeer,
  writePeerList,
  writeRecord,
  writeRecordList,
} from '@servent/records'
import { Reader, Writer } from '@servent/wire'
import { ROWS } from './identifier.ts'
import type { Answer, Message, Outcome, Payload, Route, State } from './messages.ts'

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

const PAYLOADS = ['lookup', 'locate', 'join', 'meet', 'get', 'find-providers', 'put'] as const
const OUTCOMES = ['found', 'values', 'providers', 'stored', 'refused'] as const
const WANTS = ['values', 'providers'] as const

/** Nodes in a path. Ours: more than any config lets a message pass. */
const PATH_MAX = 64
/** Peers in a list of a State or a LeafSet. Ours: twice the largest tables there are. */
const PEERS_MAX = 128
/** Leaf sets and neighborhood sets: 2 · 2^b. */
const LEAVES_MAX = 32
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
      writeId(writer, message.id)
      writeKey(writer, message.key)
      writePeerList(writer.u8(Math.min(message.timeouts, 255)), message.path, peers)
      return writePayload(writer, message.payload, peers)
    case 'Ack':
      return writeId(writer, message.id)
    case 'Answer':
      writeId(writer, message.id)
      writePeerList(writer.u8(Math.min(message.timeouts, 255)), message.path, peers)
      return writeOutcome(writer, message.outcome, peers)
    case 'State':
      writeId(writer, message.id)
      writePeerList(writer.u8(Number(message.isLast)).u8(Number(message.isWhole)), message.leafSet, peers)
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
      writer.u32be(message.nonce).u8(Number(message.isJoined))
      return
    case 'Failed':
      return writePeer(writer, message.peer, peers)
    case 'Leave':
      return
    case 'Store':
      return writeRecord(writer.u32be(message.id), message.record, peers)
    case 'Stored':
      writer.u32be(message.id).u8(refusalNumber(message.refusal))
      return
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
      return { type, id: readId(reader) }
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
  const id = readId(reader)
  const key = readKey(reader)
  const timeouts = reader.u8()
  const path = readPeerList(reader, peers, PATH_MAX)
  return { type: 'Route', id, key, timeouts, path, payload: readPayload(reader, peers) }
}

function readAnswer(reader: Reader, peers: PeerCodec): Answer {
  const id = readId(reader)
  const timeouts = reader.u8()
  const path = readPeerList(reader, peers, PATH_MAX)
  return { type: 'Answer', id, timeouts, path, outcome: readOutcome(reader, peers) }
}

function readState(reader: Reader, peers: PeerCodec): State {
  const id = readId(reader)
  const isLast = readFlag(reader)
  const isWhole = readFlag(reader)
  const leafSet = readPeerList(reader, peers, LEAVES_MAX)
  const table = readPeerList(reader, peers, PEERS_MAX)
  return { type: 'State', id, isLast, isWhole, leafSet, table, neighborhood: readPeerList(reader, peers, LEAVES_MAX) }
}

function payloadBytes(payload: Payload, peers: PeerCodec): number {
  return payload.type === 'put' ? 1 + recordBytes(payload.record, peers) : 1
}

function writePayload(writer: Writer, payload: Payload, peers: PeerCodec): void {
  writer.u8(placeOf(PAYLOADS, payload.type))
  if (payload.type === 'put') writeRecord(writer, payload.record, peers)
}

function readPayload(reader: Reader, peers: PeerCodec): Payload {
  const type = at(PAYLOADS, reader.u8(), 'unknown-payload')
  return type === 'put' ? { type, record: asValue(readRecord(reader, peers)) } : { type }
}

function outcomeBytes(outcome: Outcome, peers: PeerCodec): number {
  switch (outcome.type) {
    case 'found':
      return 1 + peerListBytes(outcome.replicas, peers)
    case 'values':
      return 1 + recordListBytes(outcome.values, peers)
    case 'providers':
      return 1 + peerListBytes(outcome.providers, peers)
    default:
      return 2
  }
}

function writeOutcome(writer: Writer, outcome: Outcome, peers: PeerCodec): void {
  writer.u8(placeOf(OUTCOMES, outcome.type))
  switch (outcome.type) {
    case 'found':
      return writePeerList(writer, outcome.replicas, peers)
    case 'values':
      return writeRecordList(writer, outcome.values, peers)
    case 'providers':
      return writePeerList(writer, outcome.providers, peers)
    case 'stored':
      writer.u8(Math.min(outcome.replicas, 255))
      return
    case 'refused':
      writer.u8(refusalNumber(outcome.reason))
  }
}

function readOutcome(reader: Reader, peers: PeerCodec): Outcome {
  const type = at(OUTCOMES, reader.u8(), 'unknown-outcome')
  switch (type) {
    case 'found':
      return { type, replicas: readPeerList(reader, peers, LEAVES_MAX) }
    case 'values':
      return { type, values: readRecordList(reader, peers, 1).map(asValue) }
    case 'providers':
      return { type, providers: readPeerList(reader, peers, PEERS_MAX) }
    case 'stored':
      return { type, replicas: reader.u8() }
    case 'refused': {
      const reason = readRefusal(reader)
      if (reason === undefined) throw new ProtocolError('bad-refusal')
      return { type, reason }
    }
  }
}

function asValue(record: OverlayRecord): ValueRecord {
  if (isProvider(record)) throw new ProtocolError('not-a-value')
  return record
}

function refusalNumber(refusal: RecordRefusal | undefined): number {
  return refusal === undefined ? 0 : placeOf(RECORD_REFUSALS, refusal)
}

function readRefusal(reader: Reader): RecordRefusal | undefined {
  const number = reader.u8()
  return number === 0 ? undefined : at(RECORD_REFUSALS, number, 'bad-refusal')
}

function writeId(writer: Writer, id: number): void {
  writer.u16be(Math.floor(id / 2 ** 32)).u32be(id % 2 ** 32)
}

function readId(reader: Reader): number {
  return reader.u16be() * 2 ** 32 + reader.u32be()
}

function readFlag(reader: Reader): boolean {
  const flag = reader.u8()
  if (flag > 1) throw new ProtocolError('bad-flag', String(flag))
  return flag === 1
}

function readRow(reader: Reader): number {
  const row = reader.u8()
  if (row >= ROWS) throw new ProtocolError('bad-row', String(row))
  return row
}

/** The number of a word on the wire: its place in a list, from 1. */
function placeOf<Word extends string>(words: readonly Word[], word: Word): number {
  return words.indexOf(word) + 1
}

function at<Word extends string>(words: readonly Word[], number: number, reason: string): Word {
  const word = words[number - 1]
  if (word === undefined) throw new ProtocolError(reason, String(number))
  return word
}
