import { type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import {
  asValue,
  peerBytes,
  peerListBytes,
  readFlag,
  readKey,
  readPeer,
  readPeerList,
  readRecord,
  readRefusal,
  recordBytes,
  writeFlag,
  writeKey,
  writePeer,
  writePeerList,
  writeRecord,
  writeRefusal,
} from '@servent/records'
import type { Reader, Writer } from '@servent/wire'
import type { Answer, Request, Route } from '../messages.ts'
import { foundSize, readFound, writeFound } from './found.ts'

// A request on its way to the owner of a key, and what comes back from there: layout in codec.ts.

const REQUESTS: readonly Request[] = ['lookup', 'join', 'put', 'get', 'providers']
const IS_PASSED_ON = 1
const HAS_RECORD = 2

export function routeSize({ origin, path, avoid, record }: Route, peers: PeerCodec): number {
  const lists = pathBytes(path, peers) + peerListBytes(avoid, peers)
  return 9 + peerBytes(origin, peers) + 20 + 5 + lists + (record === undefined ? 0 : recordBytes(record, peers))
}

export function writeRoute(writer: Writer, message: Route, peers: PeerCodec): void {
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

export function readRoute(reader: Reader, peers: PeerCodec): Route {
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

export function answerSize(message: Answer, peers: PeerCodec): number {
  return 9 + pathBytes(message.path, peers) + peerListBytes(message.replicas, peers) + foundSize(message, peers)
}

export function writeAnswer(writer: Writer, message: Answer, peers: PeerCodec): void {
  const { id, isOwner, refusal, hops, timeouts, path, replicas } = message
  writer.u32be(id)
  writeFlag(writer, isOwner)
  writeRefusal(writer, refusal)
  writer.u16be(hops).u8(timeouts)
  writePath(writer, path, peers)
  writePeerList(writer, replicas, peers)
  writeFound(writer, message, peers)
}

export function readAnswer(reader: Reader, peers: PeerCodec): Answer {
  const id = reader.u32be()
  const isOwner = readFlag(reader)
  const refusal = readRefusal(reader)
  const hops = reader.u16be()
  const timeouts = reader.u8()
  const path = readPath(reader, peers)
  const replicas = readPeerList(reader, peers)
  return { type: 'Answer', id, isOwner, refusal, hops, timeouts, path, replicas, ...readFound(reader, peers) }
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
