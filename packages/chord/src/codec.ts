import { KEY_BYTES } from '@servent/keyspace'
import { type Codec, type Framing, type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import {
  peerListBytes,
  readFlag,
  readKey,
  readPeerList,
  readRecordList,
  readRefusal,
  recordListBytes,
  writeFlag,
  writeKey,
  writePeerList,
  writeRecordList,
  writeRefusal,
} from '@servent/records'
import { lengthPrefixed, Reader, Writer } from '@servent/wire'
import { findSuccessorBytes, PATH_MAX, readFindSuccessor, writeFindSuccessor } from './codec/find-successor.ts'
import { outcomeBytes, readOutcome, writeOutcome } from './codec/outcome.ts'
import { SUCCESSORS_MAX, VIRTUAL_NODES_MAX } from './config.ts'
import type { Found, Message, OfferedValue, Virtual } from './messages.ts'
import { OFFERED_MAX } from './replicator.ts'
import { virtualPeerCodec } from './virtual-peer.ts'

/*
 * Numbers are unsigned, most significant byte first; key, peer, peers, record and records as in @servent/records.
 *
 *  1 FindSuccessor  call 4, id 6, key, reach 1, timeouts 2, misses 1, skipped peers, path peers,
 *                  operation
 *  2 Ack            call 4
 *  3 Found          id 6, timeouts 2, path peers, outcome
 *  4 GetNextHop     call 4, key, join 1
 *  5 NextHop        call 4, responsible peers, preceding peers
 *  6 Stabilize      call 4
 *  7 Neighbors      call 4, predecessor peers (none or one), successors peers
 *  8 Ping           call 4
 *  9 Leave
 * 10 Store          call 4, records
 * 11 Stored         call 4, refusal 1 (0: all are kept)
 * 12 Offer          how many 1, then each: key, sequence 6
 * 13 Want           how many 1, then each: key
 * 14 Virtual        from 1, to 1, then a message of another type
 *
 * A peer begins with a byte that says which of its nodes is meant, 0 for the first.
 *
 * operation  1: 0 lookup, 1 replicas, 2 join, 3 get, 4 put and the record, 5 providers
 * outcome    1: 0 responsible: peer, replicas peers; 1 members: peer, successors peers; 2 no value; 3 value: record;
 *               4 stored: replicas 2; 5 refused: refusal 1; 6 providers: peers
 */
const TYPES = [
  'FindSuccessor',
  'Ack',
  'Found',
  'GetNextHop',
  'NextHop',
  'Stabilize',
  'Neighbors',
  'Ping',
  'Leave',
  'Store',
  'Stored',
  'Offer',
  'Want',
  'Virtual',
] as const

/** Records in one message. */
const RECORDS_MAX = 64
/** The longest message: 64 peers with what libp2p needs to reach them, or records. Ours. */
const FRAME_BYTES_MAX = 64 * 1024

export const framing: Framing = lengthPrefixed(FRAME_BYTES_MAX)

export const codec: Codec<Message> = {
  encode(message, peers) {
    const nodes = virtualPeerCodec(peers)
    const writer = new Writer(size(message, nodes))
    write(writer, message, nodes)
    return writer.finish()
  },
  decode(bytes, peers) {
    const reader = new Reader(bytes)
    const message = read(reader, virtualPeerCodec(peers))
    if (reader.remaining > 0) throw new ProtocolError('too-long', `${reader.remaining} bytes`)
    return message
  },
  size: (message, peers) => size(message, virtualPeerCodec(peers)),
}

function size(message: Message, peers: PeerCodec): number {
  switch (message.type) {
    case 'FindSuccessor':
      return findSuccessorBytes(message, peers)
    case 'Found':
      return 1 + 6 + 2 + peerListBytes(message.path, peers) + outcomeBytes(message.outcome, peers)
    case 'GetNextHop':
      return 1 + 4 + KEY_BYTES + 1
    case 'NextHop':
      return 5 + peerListBytes(message.responsible, peers) + peerListBytes(message.preceding, peers)
    case 'Neighbors':
      return 5 + peerListBytes(listOf(message.predecessor), peers) + peerListBytes(message.successors, peers)
    case 'Leave':
      return 1
    case 'Store':
      return 5 + recordListBytes(message.records, peers)
    case 'Stored':
      return 6
    case 'Offer':
      return 2 + message.values.length * (KEY_BYTES + 6)
    case 'Want':
      return 2 + message.keys.length * KEY_BYTES
    case 'Virtual':
      return 3 + size(message.message, peers)
    default:
      return 5
  }
}

function write(writer: Writer, message: Message, peers: PeerCodec): void {
  writer.u8(TYPES.indexOf(message.type) + 1)
  switch (message.type) {
    case 'FindSuccessor':
      return writeFindSuccessor(writer, message, peers)
    case 'Found':
      writer.u48be(message.id)
      writer.u16be(message.timeouts)
      writePeerList(writer, message.path, peers)
      return writeOutcome(writer, message.outcome, peers)
    case 'GetNextHop':
      writer.u32be(message.call)
      writeKey(writer, message.key)
      return writeFlag(writer, message.isJoin)
    case 'NextHop':
      writer.u32be(message.call)
      writePeerList(writer, message.responsible, peers)
      return writePeerList(writer, message.preceding, peers)
    case 'Neighbors':
      writer.u32be(message.call)
      writePeerList(writer, listOf(message.predecessor), peers)
      return writePeerList(writer, message.successors, peers)
    case 'Leave':
      return
    case 'Store':
      writer.u32be(message.call)
      return writeRecordList(writer, message.records, peers)
    case 'Stored':
      writer.u32be(message.call)
      return writeRefusal(writer, message.refusal)
    case 'Offer':
      writer.u8(message.values.length)
      for (const { key, sequence } of message.values) {
        writeKey(writer, key)
        writer.u48be(sequence)
      }
      return
    case 'Want':
      writer.u8(message.keys.length)
      for (const key of message.keys) writeKey(writer, key)
      return
    case 'Virtual':
      writer.u8(message.from).u8(message.to)
      return write(writer, message.message, peers)
    default:
      writer.u32be(message.call)
  }
}

function read(reader: Reader, peers: PeerCodec): Message {
  const code = reader.u8()
  const type = TYPES[code - 1]
  switch (type) {
    case 'FindSuccessor':
      return readFindSuccessor(reader, peers)
    case 'Found':
      return readFound(reader, peers)
    case 'GetNextHop':
      return { type, call: reader.u32be(), key: readKey(reader), isJoin: readFlag(reader) }
    case 'NextHop': {
      const call = reader.u32be()
      const responsible = readPeerList(reader, peers, SUCCESSORS_MAX)
      return { type, call, responsible, preceding: readPeerList(reader, peers, SUCCESSORS_MAX) }
    }
    case 'Neighbors': {
      const call = reader.u32be()
      const [predecessor] = readPeerList(reader, peers, 1)
      return { type, call, predecessor, successors: readPeerList(reader, peers, SUCCESSORS_MAX) }
    }
    case 'Leave':
      return { type }
    case 'Store':
      return { type, call: reader.u32be(), records: readRecordList(reader, peers, RECORDS_MAX) }
    case 'Stored':
      return { type, call: reader.u32be(), refusal: readRefusal(reader) }
    case 'Offer':
      return { type, values: readList(reader, readOffered) }
    case 'Want':
      return { type, keys: readList(reader, readKey) }
    case 'Virtual':
      return readVirtual(reader, peers)
    case undefined:
      throw new ProtocolError('unknown-type', String(code))
    default:
      return { type, call: reader.u32be() }
  }
}

function readVirtual(reader: Reader, peers: PeerCodec): Virtual {
  const from = reader.u8()
  const to = reader.u8()
  if (from >= VIRTUAL_NODES_MAX || to >= VIRTUAL_NODES_MAX) throw new ProtocolError('bad-virtual-node')
  const message = read(reader, peers)
  if (message.type === 'Virtual') throw new ProtocolError('bad-virtual-node', 'within another')
  return { type: 'Virtual', from, to, message }
}

function readFound(reader: Reader, peers: PeerCodec): Found {
  const id = reader.u48be()
  const timeouts = reader.u16be()
  const path = readPeerList(reader, peers, PATH_MAX)
  return { type: 'Found', id, path, timeouts, outcome: readOutcome(reader, peers) }
}

function readOffered(reader: Reader): OfferedValue {
  return { key: readKey(reader), sequence: reader.u48be() }
}

function readList<T>(reader: Reader, readOne: (reader: Reader) => T): T[] {
  const count = reader.u8()
  if (count > OFFERED_MAX) throw new ProtocolError('too-many-values', String(count))
  const list: T[] = []
  for (let i = 0; i < count; i++) list.push(readOne(reader))
  return list
}

function listOf(peer: Peer | undefined): readonly Peer[] {
  return peer === undefined ? [] : [peer]
}
