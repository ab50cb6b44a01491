import { KEY_BYTES } from '@servent/keyspace'
import { type PeerCodec, ProtocolError } from '@servent/machine'
import {
  asValue,
  peerListBytes,
  readKey,
  readPeerList,
  readRecord,
  recordBytes,
  writeKey,
  writePeerList,
  writeRecord,
} from '@servent/records'
import type { Reader, Writer } from '@servent/wire'
import { SUCCESSORS_MAX } from '../config.ts'
import type { FindSuccessor, Operation, Reach } from '../messages.ts'

// A request on its way: layout in codec.ts.

const OPERATIONS = ['lookup', 'replicas', 'join', 'get', 'put', 'providers'] as const
const REACHES = ['forward', 'final', 'forced'] as const

/** Peers in a path: more than `hopsMax` ever is. */
export const PATH_MAX = 64

export function findSuccessorBytes({ skipped, path, operation }: FindSuccessor, peers: PeerCodec): number {
  const lists = peerListBytes(skipped, peers) + peerListBytes(path, peers)
  return 1 + 4 + 6 + KEY_BYTES + 4 + lists + operationBytes(operation, peers)
}

export function writeFindSuccessor(writer: Writer, message: FindSuccessor, peers: PeerCodec): void {
  const { call, id, key, reach, timeouts, misses, skipped, path, operation } = message
  writer.u32be(call)
  writer.u48be(id)
  writeKey(writer, key)
  writer.u8(REACHES.indexOf(reach)).u16be(timeouts).u8(misses)
  writePeerList(writer, skipped, peers)
  writePeerList(writer, path, peers)
  writer.u8(OPERATIONS.indexOf(operation.kind))
  if (operation.kind === 'put') writeRecord(writer, operation.record, peers)
}

export function readFindSuccessor(reader: Reader, peers: PeerCodec): FindSuccessor {
  const call = reader.u32be()
  const id = reader.u48be()
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
  return kind === 'put' ? { kind, record: asValue(readRecord(reader, peers)) } : { kind }
}

function operationBytes(operation: Operation, peers: PeerCodec): number {
  return operation.kind === 'put' ? 1 + recordBytes(operation.record, peers) : 1
}

function readWord<Word extends string>(reader: Reader, words: readonly Word[], reason: string): Word {
  const code = reader.u8()
  const word = words[code]
  if (word === undefined) throw new ProtocolError(reason, String(code))
  return word
}
