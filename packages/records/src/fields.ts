import { KEY_BYTES, type Key, keyFromBytes, keyToBytes } from '@servent/keyspace'
import { type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import { type Reader, utf8Decode, utf8Encode, utf8Size, type Writer } from '@servent/wire'
import { NAME_BYTES_MAX } from './limits.ts'
import { isProvider, type OverlayRecord, type ValueRecord } from './record.ts'
import { RECORD_REFUSALS, type RecordRefusal } from './refusals.ts'
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './values.ts'

/*
 * The parts that messages of all structured overlays are made of. Numbers are unsigned, most significant byte first.
 *
 * key      20  the leading bytes of a SHA-256 digest
 * peer      2  length, then so many bytes by the host's PeerCodec
 * peers     1  how many, then each
 * record    1  1 a hashed value, 2 a signed one, 3 a provider
 *          20  key
 *           4  milliseconds left
 *   1:      2  length, then the value
 *   2:     32  public key
 *          64  signature
 *           6  sequence number
 *           1  length, then the name in UTF-8
 *           2  length, then the value
 *   3:         peer
 * records   1  how many, then each
 * refusal   1  0 for none, else its place in RECORD_REFUSALS, from 1
 * flag      1  0 or 1
 */

const HASHED_VALUE = 1
const SIGNED_VALUE = 2
const PROVIDER = 3

/** Peers or records in one list, at the most: their number is one byte. */
export const LIST_MAX = 255

const RECORD_HEAD_BYTES = 1 + KEY_BYTES + 4

export function writeKey(writer: Writer, key: Key): void {
  writer.bytes(keyToBytes(key))
}

/** @throws ProtocolError('truncated') */
export function readKey(reader: Reader): Key {
  return keyFromBytes(reader.bytes(KEY_BYTES))
}

export function peerBytes(peer: Peer, peers: PeerCodec): number {
  return 2 + peers.size(peer)
}

export function writePeer(writer: Writer, peer: Peer, peers: PeerCodec): void {
  const bytes = peers.encode(peer)
  writer.u16be(bytes.length).bytes(bytes)
}

/** @throws ProtocolError if that is no peer */
export function readPeer(reader: Reader, peers: PeerCodec): Peer {
  return peers.decode(reader.bytes(reader.u16be()))
}

export function peerListBytes(list: readonly Peer[], peers: PeerCodec): number {
  let size = 1
  for (const peer of list) size += peerBytes(peer, peers)
  return size
}

/** Writes up to {@link LIST_MAX} peers; whoever builds a message keeps to it. */
export function writePeerList(writer: Writer, list: readonly Peer[], peers: PeerCodec): void {
  writer.u8(list.length)
  for (const peer of list) writePeer(writer, peer, peers)
}

/**
 * Reads a list of peers.
 *
 * @throws ProtocolError('too-many-peers') if there are more than `max`
 */
export function readPeerList(reader: Reader, peers: PeerCodec, max: number = LIST_MAX): Peer[] {
  const count = reader.u8()
  if (count > max) throw new ProtocolError('too-many-peers', String(count))
  const list: Peer[] = []
  for (let i = 0; i < count; i++) list.push(readPeer(reader, peers))
  return list
}

export function recordBytes(record: OverlayRecord, peers: PeerCodec): number {
  switch (record.type) {
    case 'hashed-value':
      return RECORD_HEAD_BYTES + 2 + record.value.length
    case 'signed-value': {
      const proof = PUBLIC_KEY_BYTES + SIGNATURE_BYTES + 6 + 1 + utf8Size(record.name)
      return RECORD_HEAD_BYTES + proof + 2 + record.value.length
    }
    case 'provider':
      return RECORD_HEAD_BYTES + peerBytes(record.peer, peers)
  }
}

export function writeRecord(writer: Writer, record: OverlayRecord, peers: PeerCodec): void {
  writeHead(writer, record)
  switch (record.type) {
    case 'provider':
      writePeer(writer, record.peer, peers)
      return
    case 'signed-value': {
      const name = utf8Encode(record.name)
      writer.bytes(record.publicKey).bytes(record.signature)
      writer.u48be(record.sequence)
      writer.u8(name.length).bytes(name)
    }
  }
  writer.u16be(record.value.length).bytes(record.value)
}

/** @throws ProtocolError if that is no record. What is in it has not been checked. */
export function readRecord(reader: Reader, peers: PeerCodec): OverlayRecord {
  const kind = reader.u8()
  const key = readKey(reader)
  const ttlMs = reader.u32be()
  switch (kind) {
    case HASHED_VALUE:
      return { type: 'hashed-value', key, value: readContent(reader), ttlMs }
    case SIGNED_VALUE: {
      const publicKey = new Uint8Array(reader.bytes(PUBLIC_KEY_BYTES))
      const signature = new Uint8Array(reader.bytes(SIGNATURE_BYTES))
      const sequence = reader.u48be()
      const name = readName(reader)
      return { type: 'signed-value', key, value: readContent(reader), publicKey, name, sequence, signature, ttlMs }
    }
    case PROVIDER:
      return { type: 'provider', key, peer: readPeer(reader, peers), ttlMs }
    default:
      throw new ProtocolError('unknown-record', String(kind))
  }
}

export function recordListBytes(list: readonly OverlayRecord[], peers: PeerCodec): number {
  let size = 1
  for (const record of list) size += recordBytes(record, peers)
  return size
}

export function writeRecordList(writer: Writer, list: readonly OverlayRecord[], peers: PeerCodec): void {
  writer.u8(list.length)
  for (const record of list) writeRecord(writer, record, peers)
}

/**
 * Reads a list of records.
 *
 * @throws ProtocolError('too-many-records') if there are more than `max`
 */
export function readRecordList(reader: Reader, peers: PeerCodec, max: number = LIST_MAX): OverlayRecord[] {
  const count = reader.u8()
  if (count > max) throw new ProtocolError('too-many-records', String(count))
  const list: OverlayRecord[] = []
  for (let i = 0; i < count; i++) list.push(readRecord(reader, peers))
  return list
}

/**
 * A record where only a value may stand: providers speak for themselves.
 *
 * @throws ProtocolError('no-value') if it says who provides something
 */
export function asValue(record: OverlayRecord): ValueRecord {
  if (isProvider(record)) throw new ProtocolError('no-value')
  return record
}

export function writeRefusal(writer: Writer, refusal: RecordRefusal | undefined): void {
  writer.u8(refusal === undefined ? 0 : RECORD_REFUSALS.indexOf(refusal) + 1)
}

/** @throws ProtocolError('unknown-refusal') */
export function readRefusal(reader: Reader): RecordRefusal | undefined {
  const code = reader.u8()
  if (code > RECORD_REFUSALS.length) throw new ProtocolError('unknown-refusal', String(code))
  return RECORD_REFUSALS[code - 1]
}

export function writeFlag(writer: Writer, flag: boolean): void {
  writer.u8(flag ? 1 : 0)
}

/** @throws ProtocolError('bad-flag') if it is neither 0 nor 1 */
export function readFlag(reader: Reader): boolean {
  const flag = reader.u8()
  if (flag > 1) throw new ProtocolError('bad-flag', String(flag))
  return flag === 1
}

function writeHead(writer: Writer, record: OverlayRecord): void {
  const kind = record.type === 'provider' ? PROVIDER : record.type === 'signed-value' ? SIGNED_VALUE : HASHED_VALUE
  writer.u8(kind)
  writeKey(writer, record.key)
  writer.u32be(Math.ceil(record.ttlMs))
}

/** A copy: a view would keep the whole chunk of a stream alive for as long as the value is kept. */
function readContent(reader: Reader): Uint8Array {
  // Not `slice`, which of a Buffer of Node is no copy: the chunk that it came in would be kept with it.
  return new Uint8Array(reader.bytes(reader.u16be()))
}

/** Only what is written: a name that is no UTF-8 would have another key when it is written again. */
function readName(reader: Reader): string {
  const bytes = reader.bytes(reader.u8())
  if (bytes.length > NAME_BYTES_MAX) throw new ProtocolError('name-too-long')
  const name = utf8Decode(bytes)
  const again = utf8Encode(name)
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i])) throw new ProtocolError('bad-name')
  return name
}
