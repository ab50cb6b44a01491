import type { PeerCodec } from '@servent/machine'
import { Reader, type Writer } from '@servent/wire'
import { extensionSize, type GgepExtension, writeGgep } from '../ggep.ts'
import { GUID_BYTES, idFromBytes, idToBytes, type ServentId } from '../guid.ts'
import type { DescriptorHeader, Ping, Pong, Push, UltrapeerRoom } from '../messages.ts'
import { peerBlockSize, peerExtension, peerExtensionSize, readPeer, readTrailingGgep } from './extensions.ts'

/*
 * Ping (00)   empty, or one GGEP block
 *
 * Pong (01)   0   2  port
 *             2   4  IPv4, most significant byte first
 *             6   4  files shared
 *             10  4  kilobytes shared
 *             14     GGEP, optional: UP is version, free places for leaves and for ultrapeers, a byte each
 *
 * Push (40)   0  16  servent id
 *             16  4  file index
 *             20  4  IPv4, most significant byte first
 *             24  2  port
 *             26     GGEP, optional
 */
const PONG_BYTES = 14
const PUSH_BYTES = 26

const ULTRAPEER_ID = 'UP'
/** `X-Ultrapeer-Query-Routing` 0.1. */
const ULTRAPEER_VERSION = 1
const ULTRAPEER_BYTES = 3

export function decodePing(header: DescriptorHeader, payload: Uint8Array): Ping {
  readTrailingGgep(new Reader(payload))
  const { guid, ttl, hops } = header
  return { type: 'Ping', guid, ttl, hops, verbatim: undefined }
}

export function pongSize(pong: Pong, peers: PeerCodec): number {
  if (pong.ultrapeer === undefined) return PONG_BYTES + peerBlockSize(pong.peer, peers)
  return PONG_BYTES + 1 + peerExtensionSize(pong.peer, peers) + extensionSize(ULTRAPEER_ID, ULTRAPEER_BYTES)
}

export function encodePong(writer: Writer, pong: Pong, peers: PeerCodec): void {
  writer.u16le(pong.port).u32be(pong.address).u32le(pong.fileCount).u32le(pong.kilobyteCount)
  const extensions = pong.peer === undefined ? [] : [peerExtension(pong.peer, peers)]
  if (pong.ultrapeer !== undefined) extensions.push(ultrapeerExtension(pong.ultrapeer))
  writeGgep(writer, extensions, false)
}

export function decodePong(header: DescriptorHeader, payload: Uint8Array, peers: PeerCodec): Pong {
  const { guid, ttl, hops } = header
  const reader = new Reader(payload)
  const port = reader.u16le()
  const address = reader.u32be()
  const fileCount = reader.u32le()
  const kilobyteCount = reader.u32le()
  const extensions = readTrailingGgep(reader)
  return {
    type: 'Pong',
    guid,
    ttl,
    hops,
    port,
    address,
    fileCount,
    kilobyteCount,
    peer: readPeer(extensions, peers),
    ultrapeer: readUltrapeer(extensions),
    verbatim: undefined,
  }
}

function ultrapeerExtension({ leaves, ultrapeers }: UltrapeerRoom): GgepExtension {
  return { id: ULTRAPEER_ID, data: Uint8Array.of(ULTRAPEER_VERSION, leaves, ultrapeers) }
}

/** The room of an ultrapeer, whatever the version: later ones say more behind it. */
function readUltrapeer(extensions: readonly GgepExtension[]): UltrapeerRoom | undefined {
  const data = extensions.find(({ id }) => id === ULTRAPEER_ID)?.data
  if (data === undefined || data.length < ULTRAPEER_BYTES) return undefined
  return { leaves: data[1] as number, ultrapeers: data[2] as number }
}

export function pushSize(push: Push, peers: PeerCodec): number {
  return PUSH_BYTES + peerBlockSize(push.peer, peers)
}

export function encodePush(writer: Writer, push: Push, peers: PeerCodec): void {
  writer.bytes(idToBytes(push.serventId)).u32le(push.index).u32be(push.address).u16le(push.port)
  if (push.peer !== undefined) writeGgep(writer, [peerExtension(push.peer, peers)], false)
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
