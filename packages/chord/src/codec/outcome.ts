import { type PeerCodec, ProtocolError } from '@servent/machine'
import {
  asValue,
  peerBytes,
  peerListBytes,
  readPeer,
  readPeerList,
  readRecord,
  readRefusal,
  recordBytes,
  writePeer,
  writePeerList,
  writeRecord,
  writeRefusal,
} from '@servent/records'
import type { Reader, Writer } from '@servent/wire'
import { SUCCESSORS_MAX } from '../config.ts'
import type { Outcome } from '../messages.ts'

// What came of a request: layout in codec.ts.

const OUTCOME_RESPONSIBLE = 0
const OUTCOME_MEMBERS = 1
const OUTCOME_NO_VALUE = 2
const OUTCOME_VALUE = 3
const OUTCOME_STORED = 4
const OUTCOME_REFUSED = 5
const OUTCOME_PROVIDERS = 6

export function outcomeBytes(outcome: Outcome, peers: PeerCodec): number {
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

export function writeOutcome(writer: Writer, outcome: Outcome, peers: PeerCodec): void {
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
      writer.u8(OUTCOME_REFUSED)
      return writeRefusal(writer, outcome.refusal)
    case 'providers':
      writer.u8(OUTCOME_PROVIDERS)
      return writePeerList(writer, outcome.peers, peers)
  }
}

export function readOutcome(reader: Reader, peers: PeerCodec): Outcome {
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
      return { kind: 'value', value: asValue(readRecord(reader, peers)) }
    case OUTCOME_STORED:
      return { kind: 'stored', replicas: reader.u16be() }
    case OUTCOME_REFUSED: {
      const refusal = readRefusal(reader)
      if (refusal === undefined) throw new ProtocolError('unknown-refusal')
      return { kind: 'refused', refusal }
    }
    case OUTCOME_PROVIDERS:
      return { kind: 'providers', peers: readPeerList(reader, peers) }
    default:
      throw new ProtocolError('unknown-outcome', String(code))
  }
}
