import { type PeerCodec, ProtocolError } from '@servent/machine'
import {
  asValue,
  peerListBytes,
  readPeerList,
  readRecord,
  readRecordList,
  readRefusal,
  recordBytes,
  recordListBytes,
  writePeerList,
  writeRecord,
  writeRecordList,
  writeRefusal,
} from '@servent/records'
import type { Reader, Writer } from '@servent/wire'
import type { Outcome, Payload } from '../messages.ts'
import { LEAVES_MAX, PEERS_MAX } from './limits.ts'
import { at, placeOf } from './words.ts'

// What is asked of whoever is responsible, and what came of it: layout in codec.ts.

const PAYLOADS = ['lookup', 'locate', 'join', 'meet', 'get', 'find-providers', 'put'] as const
const OUTCOMES = ['found', 'values', 'providers', 'stored', 'refused'] as const

export function payloadBytes(payload: Payload, peers: PeerCodec): number {
  return payload.type === 'put' ? 1 + recordBytes(payload.record, peers) : 1
}

export function writePayload(writer: Writer, payload: Payload, peers: PeerCodec): void {
  writer.u8(placeOf(PAYLOADS, payload.type))
  if (payload.type === 'put') writeRecord(writer, payload.record, peers)
}

export function readPayload(reader: Reader, peers: PeerCodec): Payload {
  const type = at(PAYLOADS, reader.u8(), 'unknown-payload')
  return type === 'put' ? { type, record: asValue(readRecord(reader, peers)) } : { type }
}

export function outcomeBytes(outcome: Outcome, peers: PeerCodec): number {
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

export function writeOutcome(writer: Writer, outcome: Outcome, peers: PeerCodec): void {
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
      writeRefusal(writer, outcome.reason)
  }
}

export function readOutcome(reader: Reader, peers: PeerCodec): Outcome {
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
      if (reason === undefined) throw new ProtocolError('unknown-refusal')
      return { type, reason }
    }
  }
}
