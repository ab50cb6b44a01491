import { KEY_BYTES } from '@servent/keyspace'
import { type Codec, type Framing, type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import {
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
import { lengthPrefixed, Reader, Writer } from '@servent/wire'
import { SUCCESSORS_MAX, VIRTUAL_NODES_MAX } from './config.ts'
import type { FindSuccessor, Found, Message, OfferedValue, Operation, Outcome, Reach, Virtual } from './messages.ts'
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
const OPERATIONS = ['lookup', 'replicas', 'join', 'get', 'put', 'providers'] as const
const REACHES = ['forward', 'final', 'forced'] as const

const OUTCOME_RESPONSIBLE = 0
const OUTCOME_MEMBERS = 1
const OUTCOME_NO_VALUE = 2
const OUTCOME_VALUE = 3
const OUTCOME_STORED = 4
const OUTCOME_REFUSED = 5
const OUTCOME_PROVIDERS = 6

/** Peers in a path: more than `hopsMax` ever is. */
const PATH_MAX = 64
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
      writeId(writer, message.id)
      writer.u16be(message.timeouts)
      writePeerList(writer, message.path, peers)
      return writeOutcome(writer, message.outcome, peers)
    case 'GetNextHop':
      writer.u32be(message.call)
      writeKey(writer, message.key)
      writer.u8(message.isJoin ? 1 : 0)
      return
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
      writer.u32be(message.call).u8(refusalCode(message.refusal))
      return
    case 'Offer':
      writer.u8(message.values.length)
      for (const { key, sequence } of message.values) {
        writeKey(writer, key)
        writeId(writer, sequence)
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

function writeFindSuccessor(writer: Writer, message: FindSuccessor, peers: PeerCodec): void {
  const { call, id, key, reach, timeouts, misses, skipped, path, operation } = message
  writer.u32be(call)
  writeId(writer, id)
  writeKey(writer, key)
  writer.u8(REACHES.indexOf(reach)).u16be(timeouts).u8(misses)
  writePeerList(writer, skipped, peers)
  writePeerList(writer, path, peers)
  writer.u8(OPERATIONS.indexOf(operation.kind))
  if (operation.kind === 'put') writeRecord(writer, operation.record, peers)
}

function readFindSuccessor(reader: Reader, peers: PeerCodec): FindSuccessor {
  const call = reader.u32be()
  const id = readId(reader)
  const key = readKey(reader)
  const reach = readWord<Reach>(reader, REACHES, 'bad-reach')
  const timeouts = reader.u16be()
  const misses = reader.u8()
  const skipped = readPeerList(reader, peers, SUCCESSORS_MAX)
  const path = readPeerList(reader, peers, PATH_MAX)
  const operation = readOperation(reader, peers)
  return { type: 'FindSuccessor', call, id, key, operation, reach, skipped, path, timeouts, misses }
}

function readOperation(reader: Reader, peers: PeerCodec): Operation {
  const kind = readWord(reader, OPERATIONS, 'unknown-operation')
  return kind === 'put' ? { kind, record: readValue(reader, peers) } : { kind }
}

function readFound(reader: Reader, peers: PeerCodec): Found {
  const id = readId(reader)
  const timeouts = reader.u16be()
  const path = readPeerList(reader, peers, PATH_MAX)
  return { type: 'Found', id, path, timeouts, outcome: readOutcome(reader, peers) }
}

function writeOutcome(writer: Writer, outcome: Outcome, peers: PeerCodec): void {
  switch (outcome.kind) {
    case 'responsible':
      writer.u8(OUTCOME_RESPONSIBLE)
      writePeer(writer, outcome.peer, peers)
      return writePeerList(writer, outcome.replicas, peers)
    case 'members':
      writer.u8(OUTCOME_MEMBERS)
      writePeer(writer, outcome.peer, peers)
      return writePeerList(writer, outcome.successors, peers)
    case 'value':
      writer.u8(outcome.value === undefined ? OUTCOME_NO_VALUE : OUTCOME_VALUE)
      if (outcome.value !== undefined) writeRecord(writer, outcome.value, peers)
      return
    case 'stored':
      writer.u8(OUTCOME_STORED).u16be(outcome.replicas)
      return
    case 'refused':
      writer.u8(OUTCOME_REFUSED).u8(refusalCode(outcome.refusal))
      return
    case 'providers':
      writer.u8(OUTCOME_PROVIDERS)
      return writePeerList(writer, outcome.peers, peers)
  }
}

function readOutcome(reader: Reader, peers: PeerCodec): Outcome {
  const code = reader.u8()
  switch (code) {
    case OUTCOME_RESPONSIBLE: {
      const peer = readPeer(reader, peers)
      return { kind: 'responsible', peer, replicas: readPeerList(reader, peers, SUCCESSORS_MAX) }
    }
    case OUTCOME_MEMBERS: {
      const peer = readPeer(reader, peers)
      return { kind: 'members', peer, successors: readPeerList(reader, peers, SUCCESSORS_MAX) }
    }
    case OUTCOME_NO_VALUE:
      return { kind: 'value', value: undefined }
    case OUTCOME_VALUE:
      return { kind: 'value', value: readValue(reader, peers) }
    case OUTCOME_STORED:
      return { kind: 'stored', replicas: reader.u16be() }
    case OUTCOME_REFUSED: {
      const refusal = readRefusal(reader)
      if (refusal === undefined) throw new ProtocolError('bad-refusal')
      return { kind: 'refused', refusal }
    }
    case OUTCOME_PROVIDERS:
      return { kind: 'providers', peers: readPeerList(reader, peers) }
    default:
      throw new ProtocolError('unknown-outcome', String(code))
  }
}

function findSuccessorBytes({ skipped, path, operation }: FindSuccessor, peers: PeerCodec): number {
  const lists = peerListBytes(skipped, peers) + peerListBytes(path, peers)
  return 1 + 4 + 6 + KEY_BYTES + 4 + lists + operationBytes(operation, peers)
}

function operationBytes(operation: Operation, peers: PeerCodec): number {
  return operation.kind === 'put' ? 1 + recordBytes(operation.record, peers) : 1
}

function outcomeBytes(outcome: Outcome, peers: PeerCodec): number {
  switch (outcome.kind) {
    case 'responsible':
      return 1 + peerBytes(outcome.peer, peers) + peerListBytes(outcome.replicas, peers)
    case 'members':
      return 1 + peerBytes(outcome.peer, peers) + peerListBytes(outcome.successors, peers)
    case 'value':
      return outcome.value === undefined ? 1 : 1 + recordBytes(outcome.value, peers)
    case 'stored':
      return 3
    case 'refused':
      return 2
    case 'providers':
      return 1 + peerListBytes(outcome.peers, peers)
  }
}

/** Ids and sequence numbers: 48 bits. */
function writeId(writer: Writer, id: number): void {
  writer.u16be(Math.floor(id / 2 ** 32)).u32be(id % 2 ** 32)
}

function readId(reader: Reader): number {
  return reader.u16be() * 2 ** 32 + reader.u32be()
}

function readOffered(reader: Reader): OfferedValue {
  return { key: readKey(reader), sequence: readId(reader) }
}

/** A value, where nothing else may stand: providers speak for themselves. */
function readValue(reader: Reader, peers: PeerCodec): ValueRecord {
  const record: OverlayRecord = readRecord(reader, peers)
  if (record.type === 'provider') throw new ProtocolError('no-value')
  return record
}

function readList<T>(reader: Reader, readOne: (reader: Reader) => T): T[] {
  const count = reader.u8()
  if (count > OFFERED_MAX) throw new ProtocolError('too-many-values', String(count))
  const list: T[] = []
  for (let i = 0; i < count; i++) list.push(readOne(reader))
  return list
}

function readWord<Word extends string>(reader: Reader, words: readonly Word[], reason: string): Word {
  const code = reader.u8()
  const word = words[code]
  if (word === undefined) throw new ProtocolError(reason, String(code))
  return word
}

function readFlag(reader: Reader): boolean {
  const flag = reader.u8()
  if (flag > 1) throw new ProtocolError('bad-flag', String(flag))
  return flag === 1
}

function refusalCode(refusal: RecordRefusal | undefined): number {
  return refusal === undefined ? 0 : RECORD_REFUSALS.indexOf(refusal) + 1
}

function readRefusal(reader: Reader): RecordRefusal | undefined {
  const code = reader.u8()
  if (code > RECORD_REFUSALS.length) throw new ProtocolError('bad-refusal', String(code))
  return RECORD_REFUSALS[code - 1]
}

function listOf(peer: Peer | undefined): readonly Peer[] {
  return peer === undefined ? [] : [peer]
}
