import type { PeerCodec } from '@servent/machine'
import { Reader, type Writer } from '@servent/wire'
import { writeGgep } from '../ggep.ts'
import { GUID_BYTES, idFromBytes, idToBytes, type ServentId } from '../guid.ts'
import type { DescriptorHeader, Ping, Pong, Push } from '../messages.ts'
import { peerBlockSize, peerExtension, readPeer, readTrailingGgep } from './extensions.ts'

/*
 * Ping (00)   empty, or one GGEP block
 *
 * Pong (01)   0   2  port
 *             2   4  IPv4, most significant byte first
 *             6   4  files shared
 *             10  4  kilobytes shared
 *             14     GGEP, optional
 *
 * Push (40)   0  16  servent id
 *             16  4  file index
 *             20  4  IPv4, most significant byte first
 *             24  2  port
 *             26     GGEP, optional
 */
const PONG_BYTES = 14
const PUSH_BYTES = 26

export function decodePing(header: DescriptorHeader, payload: Uint8Array): Ping {
  readTrailingGgep(new Reader(payload))
  const { guid, ttl, hops } = header
  return { type: 'Ping', guid, ttl, hops, verbatim: undefined }
}

export function pongSize(pong: Pong, peers: PeerCodec): number {
  return PONG_BYTES + peerBlockSize(pong.peer, peers)
}

export function encodePong(writer: Writer, pong: Pong, peers: PeerCodec): void {
  writer.u16le(pong.port).u32be(pong.address).u32le(pong.fileCount).u32le(pong.kilobyteCount)
  writeGgep(writer, peerExtension(pong.peer, peers), false)
}

export function decodePong(header: DescriptorHeader, payload: Uint8Array, peers: PeerCodec): Pong {
  const { guid, ttl, hops } = header
  const reader = new Reader(payload)
  const port = reader.u16le()
  const address = reader.u32be()
  const fileCount = reader.u32le()
  const kilobyteCount = reader.u32le()
  const peer = readPeer(readTrailingGgep(reader), peers)
  return { type: 'Pong', guid, ttl, hops, port, address, fileCount, kilobyteCount, peer, verbatim: undefined }
}

export function pushSize(push: Push, peers: PeerCodec): number {
  return PUSH_BYTES + peerBlockSize(push.peer, peers)
}

export function encodePush(writer: Writer, push: Push, peers: PeerCodec): void {
  writer.bytes(idToBytes(push.serventId)).u32le(push.index).u32be(push.address).u16le(push.port)
  writeGgep(writer, peerExtension(push.peer, peers), false)
}

export function decodePush(header: DescriptorHeader, payload: Uint8Array, peers: PeerCodec): Push {
  const { guid, ttl, hops } = header
  const reader = new Reader(payload)
  const serventId = idFromBytes(reader.bytes(GUID_BYTES)) as ServentId
  const index = reader.u32le()
  const address = reader.u32be()
  const port = reader.u16le()
  const peer = readPeer(readTrailingGgep(reader), peers)
  return { type: 'Push', guid, ttl, hops, serventId, index, address, port, peer, verbatim: undefined }
}
