import { type Codec, type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import {
  type OverlayRecord,
  type ProviderRecord,
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
import type { Acquaintance, Claim, Claims } from './claim.ts'
import type { InventoryEntry, Message, Request } from './messages.ts'
import { COORDINATE_BITS, DIMENSIONS_MAX, isZone, type Zone } from './zone.ts'

/*
 * A message is one byte for its type and then its fields in this order. Numbers are unsigned, most significant byte first.
 * Keys, peers and records: see @servent/records.
 *
 *  1 Route      request u8, id u32, hop u32, origin peer, key, reality u8, flags u8 (1 passed on, 2 with record),
 *               hops u16, timeouts u8, path, avoid peers, [record]
 *  2 RouteAck   hop u32, is taken u8, is keeper u8
 *  3 Answer     id u32, flags u8 (1 owner), refusal u8 (0 none), hops u16, timeouts u8, path, replicas peers,
 *               values records, providers records
 *  4 Grant      grant u32, reality u8, claim, acquaintances
 *  5 GrantAck   grant u32, is taken u8
 *  6 Update     version u32, wants reply u8, claims, acquaintances
 *  7 Ping       nonce u32, version u32
 *  8 Pong       nonce u32, version u32
 *  9 Reassign   reality u8, zone, holder peer, hops u8
 * 10 Volunteer  reality u8, zone
 * 11 Store      store u32, records
 * 12 Stored     store u32, count u8, refusal u8 (0 none)
 * 13 Inventory  count u8, then each: key, sequence u48
 * 14 Want       count u8, then keys
 * 15 Fetch      fetch u32, key
 * 16 Fetched    fetch u32, values records, providers records
 *
 * path           count u16, then peers
 * zone           dimensions u8, depth u8, then u24 a dimension: its lowest corner
 * claim          zone, takeovers u8
 * claims         realities u8, then of each: count u8, claims
 * acquaintances  count u8, then of each: peer, claims
 */

const REQUESTS: readonly Request[] = ['lookup', 'join', 'put', 'get', 'providers']
const REALITIES_MAX = 8
const IS_PASSED_ON = 1
const HAS_RECORD = 2

type Type = Message['type']

const TYPES: readonly Type[] = [
  'Route',
  'RouteAck',
  'Answer',
  'Grant',
  'GrantAck',
  'Update',
  'Ping',
  'Pong',
  'Reassign',
  'Volunteer',
  'Store',
  'Stored',
  'Inventory',
  'Want',
  'Fetch',
  'Fetched',
]

/** Messages to bytes and back. */
export const codec: Codec<Message> = {
  encode(message, peers) {
    const writer = new Writer(sizeOf(message, peers))
    writer.u8(TYPES.indexOf(message.type) + 1)
    write(writer, message, peers)
    return writer.finish()
  },
  decode(bytes, peers) {
    const reader = new Reader(bytes)
    const type = TYPES[reader.u8() - 1]
    if (type === undefined) throw new ProtocolError('unknown-type')
    const message = read(type, reader, peers)
    if (reader.remaining > 0) throw new ProtocolError('trailing-bytes')
    return message
  },
  size: sizeOf,
}

function sizeOf(message: Message, peers: PeerCodec): number {
  return 1 + bodySize(message, peers)
}

function bodySize(message: Message, peers: PeerCodec): number {
  switch (message.type) {
    case 'Route': {
      const lists = pathBytes(message.path, peers) + peerListBytes(message.avoid, peers)
      const record = message.record === undefined ? 0 : recordBytes(message.record, peers)
      return 9 + peerBytes(message.origin, peers) + 20 + 5 + lists + record
    }
    case 'RouteAck':
      return 6
    case 'GrantAck':
      return 5
    case 'Answer': {
      const lists = pathBytes(message.path, peers) + peerListBytes(message.replicas, peers)
      return 9 + lists + recordListBytes(message.values, peers) + recordListBytes(message.providers, peers)
    }
    case 'Grant':
      return 5 + zoneSize(message.claim) + 1 + acquaintancesSize(message.neighbors, peers)
    case 'Update':
      return 5 + claimsSize(message.claims) + acquaintancesSize(message.neighbors, peers)
    case 'Ping':
    case 'Pong':
      return 8
    case 'Reassign':
      return 2 + zoneSize(message.zone) + peerBytes(message.holder, peers)
    case 'Volunteer':
      return 1 + zoneSize(message.zone)
    case 'Store':
      return 4 + recordListBytes(message.records, peers)
    case 'Stored':
      return 6
    case 'Inventory':
      return 1 + 26 * message.entries.length
    case 'Want':
      return 1 + 20 * message.keys.length
    case 'Fetch':
      return 24
    case 'Fetched':
      return 4 + recordListBytes(message.values, peers) + recordListBytes(message.providers, peers)
  }
}

function write(writer: Writer, message: Message, peers: PeerCodec): void {
  switch (message.type) {
    case 'Route':
      return writeRoute(writer, message, peers)
    case 'RouteAck':
      return void writer
        .u32be(message.hop)
        .u8(message.isTaken ? 1 : 0)
        .u8(message.isKeeper ? 1 : 0)
    case 'Answer':
      return writeAnswer(writer, message, peers)
    case 'Grant':
      writer.u32be(message.grant).u8(message.reality)
      writeClaim(writer, message.claim)
      return writeAcquaintances(writer, message.neighbors, peers)
    case 'GrantAck':
      return void writer.u32be(message.grant).u8(message.isTaken ? 1 : 0)
    case 'Update':
      writer.u32be(message.version).u8(message.wantsReply ? 1 : 0)
      writeClaims(writer, message.claims)
      return writeAcquaintances(writer, message.neighbors, peers)
    case 'Ping':
    case 'Pong':
      return void writer.u32be(message.nonce).u32be(message.version)
    case 'Reassign':
      writer.u8(message.reality)
      writeZone(writer, message.zone)
      writePeer(writer, message.holder, peers)
      return void writer.u8(message.hops)
    case 'Volunteer':
      writer.u8(message.reality)
      return writeZone(writer, message.zone)
    case 'Store':
      writer.u32be(message.store)
      return writeRecordList(writer, message.records, peers)
    case 'Stored':
      return void writer.u32be(message.store).u8(message.count).u8(refusalCode(message.refusal))
    case 'Inventory':
      return writeEntries(writer, message.entries)
    case 'Want':
      writer.u8(message.keys.length)
      for (const key of message.keys) writeKey(writer, key)
      return
    case 'Fetch':
      writer.u32be(message.fetch)
      return writeKey(writer, message.key)
    case 'Fetched':
      writer.u32be(message.fetch)
      writeRecordList(writer, message.values, peers)
      return writeRecordList(writer, message.providers, peers)
  }
}

function writeRoute(writer: Writer, message: Extract<Message, { type: 'Route' }>, peers: PeerCodec): void {
  const { request, id, hop, origin, key, reality, isPassedOn, hops, timeouts, path, avoid, record } = message
  writer.u8(REQUESTS.indexOf(request)).u32be(id).u32be(hop)
  writePeer(writer, origin, peers)
  writeKey(writer, key)
  writer.u8(reality).u8((isPassedOn ? IS_PASSED_ON : 0) | (record === undefined ? 0 : HAS_RECORD))
  writer.u16be(hops).u8(timeouts)
  writePath(writer, path, peers)
  writePeerList(writer, avoid, peers)
  if (record !== undefined) writeRecord(writer, record, peers)
}

function writeAnswer(writer: Writer, message: Extract<Message, { type: 'Answer' }>, peers: PeerCodec): void {
  const { id, isOwner, refusal, hops, timeouts, path, replicas, values, providers } = message
  writer
    .u32be(id)
    .u8(isOwner ? 1 : 0)
    .u8(refusalCode(refusal))
    .u16be(hops)
    .u8(timeouts)
  writePath(writer, path, peers)
  writePeerList(writer, replicas, peers)
  writeRecordList(writer, values, peers)
  writeRecordList(writer, providers, peers)
}

function read(type: Type, reader: Reader, peers: PeerCodec): Message {
  switch (type) {
    case 'Route':
      return readRoute(reader, peers)
    case 'RouteAck':
      return { type, hop: reader.u32be(), isTaken: readFlag(reader), isKeeper: readFlag(reader) }
    case 'Answer':
      return readAnswer(reader, peers)
    case 'Grant': {
      const head = { grant: reader.u32be(), reality: reader.u8(), claim: readClaim(reader) }
      return { type, ...head, neighbors: readAcquaintances(reader, peers) }
    }
    case 'GrantAck':
      return { type, grant: reader.u32be(), isTaken: readFlag(reader) }
    case 'Update': {
      const head = { version: reader.u32be(), wantsReply: readFlag(reader), claims: readClaims(reader) }
      return { type, ...head, neighbors: readAcquaintances(reader, peers) }
    }
    case 'Ping':
    case 'Pong':
      return { type, nonce: reader.u32be(), version: reader.u32be() }
    case 'Reassign':
      return { type, reality: reader.u8(), zone: readZone(reader), holder: readPeer(reader, peers), hops: reader.u8() }
    case 'Volunteer':
      return { type, reality: reader.u8(), zone: readZone(reader) }
    case 'Store':
      return { type, store: reader.u32be(), records: readRecordList(reader, peers) }
    case 'Stored':
      return { type, store: reader.u32be(), count: reader.u8(), refusal: readRefusal(reader) }
    case 'Inventory':
      return { type, entries: readList(reader, readEntry) }
    case 'Want':
      return { type, keys: readList(reader, readKey) }
    case 'Fetch':
      return { type, fetch: reader.u32be(), key: readKey(reader) }
    case 'Fetched': {
      const fetch = reader.u32be()
      return { type, fetch, values: readValues(reader, peers), providers: readProviders(reader, peers) }
    }
  }
}

function readRoute(reader: Reader, peers: PeerCodec): Message {
  const request = REQUESTS[reader.u8()]
  if (request === undefined) throw new ProtocolError('unknown-request')
  const id = reader.u32be()
  const hop = reader.u32be()
  const origin = readPeer(reader, peers)
  const key = readKey(reader)
  const reality = reader.u8()
  const flags = reader.u8()
  if (flags > (IS_PASSED_ON | HAS_RECORD)) throw new ProtocolError('bad-flag')
  const hops = reader.u16be()
  const timeouts = reader.u8()
  const path = readPath(reader, peers)
  const avoid = readPeerList(reader, peers)
  const record = (flags & HAS_RECORD) === 0 ? undefined : asValue(readRecord(reader, peers))
  const isPassedOn = (flags & IS_PASSED_ON) !== 0
  return { type: 'Route', request, id, hop, origin, key, reality, isPassedOn, hops, timeouts, path, avoid, record }
}

function readAnswer(reader: Reader, peers: PeerCodec): Message {
  const id = reader.u32be()
  const isOwner = readFlag(reader)
  const refusal = readRefusal(reader)
  const hops = reader.u16be()
  const timeouts = reader.u8()
  const path = readPath(reader, peers)
  const replicas = readPeerList(reader, peers)
  const found = { values: readValues(reader, peers), providers: readProviders(reader, peers) }
  return { type: 'Answer', id, isOwner, refusal, hops, timeouts, path, replicas, ...found }
}

function pathBytes(path: readonly Peer[], peers: PeerCodec): number {
  let size = 2
  for (const peer of path) size += peerBytes(peer, peers)
  return size
}

function writePath(writer: Writer, path: readonly Peer[], peers: PeerCodec): void {
  writer.u16be(path.length)
  for (const peer of path) writePeer(writer, peer, peers)
}

function readPath(reader: Reader, peers: PeerCodec): Peer[] {
  const path: Peer[] = []
  for (let count = reader.u16be(); count > 0; count--) path.push(readPeer(reader, peers))
  return path
}

function readFlag(reader: Reader): boolean {
  const flag = reader.u8()
  if (flag > 1) throw new ProtocolError('bad-flag')
  return flag === 1
}

function refusalCode(refusal: RecordRefusal | undefined): number {
  return refusal === undefined ? 0 : RECORD_REFUSALS.indexOf(refusal) + 1
}

function readRefusal(reader: Reader): RecordRefusal | undefined {
  const code = reader.u8()
  if (code > RECORD_REFUSALS.length) throw new ProtocolError('unknown-refusal')
  return code === 0 ? undefined : RECORD_REFUSALS[code - 1]
}

function readValues(reader: Reader, peers: PeerCodec): ValueRecord[] {
  return readRecordList(reader, peers).map(asValue)
}

function readProviders(reader: Reader, peers: PeerCodec): ProviderRecord[] {
  return readRecordList(reader, peers).map((record) => {
    if (record.type !== 'provider') throw new ProtocolError('no-provider')
    return record
  })
}

function asValue(record: OverlayRecord): ValueRecord {
  if (record.type === 'provider') throw new ProtocolError('no-value')
  return record
}

function writeEntries(writer: Writer, entries: readonly InventoryEntry[]): void {
  writer.u8(entries.length)
  for (const { key, sequence } of entries) {
    writeKey(writer, key)
    writer.u16be(Math.floor(sequence / 2 ** 32)).u32be(sequence % 2 ** 32)
  }
}

function readEntry(reader: Reader): InventoryEntry {
  return { key: readKey(reader), sequence: reader.u16be() * 2 ** 32 + reader.u32be() }
}

function readList<T>(reader: Reader, readOne: (reader: Reader) => T): T[] {
  const list: T[] = []
  for (let count = reader.u8(); count > 0; count--) list.push(readOne(reader))
  return list
}

function zoneSize({ low }: Zone): number {
  return 2 + 3 * low.length
}

function writeZone(writer: Writer, { depth, low }: Zone): void {
  writer.u8(low.length).u8(depth)
  for (const coordinate of low) writer.u8(coordinate >>> 16).u16be(coordinate & 0xffff)
}

/** @throws ProtocolError('bad-zone') if it is none */
function readZone(reader: Reader): Zone {
  const dimensions = reader.u8()
  if (dimensions < 1 || dimensions > DIMENSIONS_MAX) throw new ProtocolError('bad-zone')
  const depth = reader.u8()
  const low: number[] = []
  for (let i = 0; i < dimensions; i++) low.push((reader.u8() << (COORDINATE_BITS - 8)) | reader.u16be())
  if (!isZone({ depth, low }, dimensions)) throw new ProtocolError('bad-zone')
  return { depth, low }
}

function writeClaim(writer: Writer, claim: Claim): void {
  writeZone(writer, claim)
  writer.u8(claim.takeovers)
}

function readClaim(reader: Reader): Claim {
  const { depth, low } = readZone(reader)
  return { depth, low, takeovers: reader.u8() }
}

function claimsSize(claims: Claims): number {
  let size = 1
  for (const each of claims) {
    size += 1
    for (const claim of each) size += zoneSize(claim) + 1
  }
  return size
}

function writeClaims(writer: Writer, claims: Claims): void {
  writer.u8(claims.length)
  for (const each of claims) {
    writer.u8(each.length)
    for (const claim of each) writeClaim(writer, claim)
  }
}

/** @throws ProtocolError('too-many-realities') */
function readClaims(reader: Reader): Claims {
  const count = reader.u8()
  if (count > REALITIES_MAX) throw new ProtocolError('too-many-realities')
  const claims: (readonly Claim[])[] = []
  for (let reality = 0; reality < count; reality++) claims.push(readList(reader, readClaim))
  return claims
}

function acquaintancesSize(list: readonly Acquaintance[], peers: PeerCodec): number {
  let size = 1
  for (const { peer, claims } of list) size += peerBytes(peer, peers) + claimsSize(claims)
  return size
}

function writeAcquaintances(writer: Writer, list: readonly Acquaintance[], peers: PeerCodec): void {
  writer.u8(list.length)
  for (const { peer, claims } of list) {
    writePeer(writer, peer, peers)
    writeClaims(writer, claims)
  }
}

function readAcquaintances(reader: Reader, peers: PeerCodec): Acquaintance[] {
  return readList(reader, (each) => ({ peer: readPeer(each, peers) satisfies Peer, claims: readClaims(each) }))
}
