import { type Codec, type PeerCodec, ProtocolError } from '@servent/machine'
import {
  peerBytes,
  readFlag,
  readKey,
  readPeer,
  readRecordList,
  readRefusal,
  recordListBytes,
  writeFlag,
  writeKey,
  writePeer,
  writeRecordList,
  writeRefusal,
} from '@servent/records'
import { Reader, Writer } from '@servent/wire'
import {
  acquaintancesSize,
  claimsSize,
  readAcquaintances,
  readClaim,
  readClaims,
  readList,
  readZone,
  writeAcquaintances,
  writeClaim,
  writeClaims,
  writeZone,
  zoneSize,
} from './codec/claims.ts'
import { foundSize, readFound, writeFound } from './codec/found.ts'
import { answerSize, readAnswer, readRoute, routeSize, writeAnswer, writeRoute } from './codec/route.ts'
import type { InventoryEntry, Message } from './messages.ts'

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
    case 'Route':
      return routeSize(message, peers)
    case 'RouteAck':
      return 6
    case 'GrantAck':
      return 5
    case 'Answer':
      return answerSize(message, peers)
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
      return 4 + foundSize(message, peers)
  }
}

function write(writer: Writer, message: Message, peers: PeerCodec): void {
  switch (message.type) {
    case 'Route':
      return writeRoute(writer, message, peers)
    case 'RouteAck':
      writer.u32be(message.hop)
      writeFlag(writer, message.isTaken)
      return writeFlag(writer, message.isKeeper)
    case 'Answer':
      return writeAnswer(writer, message, peers)
    case 'Grant':
      writer.u32be(message.grant).u8(message.reality)
      writeClaim(writer, message.claim)
      return writeAcquaintances(writer, message.neighbors, peers)
    case 'GrantAck':
      writer.u32be(message.grant)
      return writeFlag(writer, message.isTaken)
    case 'Update':
      writer.u32be(message.version)
      writeFlag(writer, message.wantsReply)
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
      writer.u32be(message.store).u8(message.count)
      return writeRefusal(writer, message.refusal)
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
      return writeFound(writer, message, peers)
  }
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
    case 'Fetched':
      return { type, fetch: reader.u32be(), ...readFound(reader, peers) }
  }
}

function writeEntries(writer: Writer, entries: readonly InventoryEntry[]): void {
  writer.u8(entries.length)
  for (const { key, sequence } of entries) {
    writeKey(writer, key)
    writer.u48be(sequence)
  }
}

function readEntry(reader: Reader): InventoryEntry {
  return { key: readKey(reader), sequence: reader.u48be() }
}
