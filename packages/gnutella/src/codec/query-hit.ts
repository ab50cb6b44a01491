import { type PeerCodec, ProtocolError } from '@servent/machine'
import { Reader, utf8Decode, utf8Encode, utf8Size, type Writer } from '@servent/wire'
import { extensionSize, GGEP_MAGIC, type GgepExtension, writeGgep } from '../ggep.ts'
import { GUID_BYTES, idFromBytes, idToBytes, type ServentId } from '../guid.ts'
import type { DescriptorHeader, QueryHit, QueryHitResult } from '../messages.ts'
import {
  type ContentNames,
  contentNamesSize,
  peerExtension,
  peerExtensionSize,
  proxiesExtension,
  proxiesExtensionSize,
  readContentNames,
  readPeer,
  readProxies,
  SIZE_IN_EXTENSION,
  tryGgep,
  writeContentNames,
} from './extensions.ts'

/*
 * QueryHit (81)  0   1  number of results, 1 to 255
 *                1   2  port
 *                3   4  IPv4, most significant byte first
 *                7   4  speed, kbit/s
 *                11     results
 *                       trailer (EQHD), optional
 *                  16  servent id
 *
 * Result         4  file index
 *                4  file size
 *                n  file name, then 00
 *                n  extensions without a NUL: `urn:sha1:…` 1c GGEP, then 00
 *
 * Trailer        4  vendor code
 *                1  length of the open data
 *                1  flags: which of the next are meant      (04 busy, 08 has uploaded, 10 measured speed, 20 GGEP)
 *                1  flags: which are set, of 01 (must be pushed) the other way round
 *                   more open data, private data: GGEP
 */
const VENDOR = 'SRVT'
const OPEN_DATA_BYTES = 2
const FLAG_GGEP = 0x20
/** In the second byte of flags: that the first says whether a push is needed. It says no: whoever has a Peer can be dialed. */
const FLAG_PUSH_MEANT = 0x01
const TRAILER_BYTES = VENDOR.length + 1 + OPEN_DATA_BYTES
const RESULT_BYTES = 10
const FIXED_BYTES = 11

const BROWSE_HOST_ID = 'BH'
const NO_DATA = new Uint8Array(0)
const NO_EXTENSIONS: readonly GgepExtension[] = []

export function queryHitSize(hit: QueryHit, peers: PeerCodec): number {
  let size = FIXED_BYTES + GUID_BYTES
  for (const result of hit.results) size += RESULT_BYTES + utf8Size(result.name) + contentNamesSize(namesOf(result))
  if (!hasTrailer(hit)) return size
  size += TRAILER_BYTES + 1 + peerExtensionSize(hit.peer, peers) + proxiesExtensionSize(hit.pushProxies, peers)
  return hit.isBrowsable ? size + extensionSize(BROWSE_HOST_ID, 0) : size
}

export function encodeQueryHit(writer: Writer, hit: QueryHit, peers: PeerCodec): void {
  writer.u8(hit.results.length).u16le(hit.port).u32be(hit.address).u32le(hit.speed)
  for (const result of hit.results) encodeResult(writer, result)
  if (hasTrailer(hit)) {
    for (const char of VENDOR) writer.u8(char.charCodeAt(0))
    writer
      .u8(OPEN_DATA_BYTES)
      .u8(FLAG_GGEP)
      .u8(FLAG_GGEP | FLAG_PUSH_MEANT)
    writeGgep(writer, trailerExtensions(hit, peers), false)
  }
  writer.bytes(idToBytes(hit.serventId))
}

export function decodeQueryHit(header: DescriptorHeader, payload: Uint8Array, peers: PeerCodec): QueryHit {
  const { guid, ttl, hops } = header
  const reader = new Reader(payload)
  const resultCount = reader.u8()
  if (resultCount === 0) throw new ProtocolError('no-results')
  const port = reader.u16le()
  const address = reader.u32be()
  const speed = reader.u32le()
  const results: QueryHitResult[] = []
  for (let i = 0; i < resultCount; i++) results.push(decodeResult(reader))
  const extensions = decodeTrailer(reader.bytes(reader.remaining - GUID_BYTES))
  const serventId = idFromBytes(reader.rest()) as ServentId
  return {
    type: 'QueryHit',
    guid,
    ttl,
    hops,
    port,
    address,
    speed,
    results,
    peer: readPeer(extensions, peers),
    pushProxies: readProxies(extensions, peers),
    isBrowsable: extensions.some(({ id }) => id === BROWSE_HOST_ID),
    serventId,
    verbatim: undefined,
  }
}

function hasTrailer({ peer, pushProxies, isBrowsable }: QueryHit): boolean {
  return peer !== undefined || pushProxies.length > 0 || isBrowsable
}

function trailerExtensions(hit: QueryHit, peers: PeerCodec): readonly GgepExtension[] {
  const extensions: GgepExtension[] = []
  if (hit.peer !== undefined) extensions.push(peerExtension(hit.peer, peers))
  if (hit.pushProxies.length > 0) extensions.push(proxiesExtension(hit.pushProxies, peers))
  if (hit.isBrowsable) extensions.push({ id: BROWSE_HOST_ID, data: NO_DATA })
  return extensions
}

function encodeResult(writer: Writer, result: QueryHitResult): void {
  writer.u32le(result.index).u32le(Math.min(result.size, SIZE_IN_EXTENSION))
  writer.bytes(utf8Encode(result.name)).u8(0)
  writeContentNames(writer, namesOf(result))
  writer.u8(0)
}

function decodeResult(reader: Reader): QueryHitResult {
  const index = reader.u32le()
  const size32 = reader.u32le()
  const name = utf8Decode(reader.until(0))
  const { sha1, cid, largeSize } = readContentNames(reader.until(0))
  return { index, size: size32 === SIZE_IN_EXTENSION ? (largeSize ?? size32) : size32, name, sha1, cid }
}

function namesOf({ sha1, cid, size }: QueryHitResult): ContentNames {
  return { sha1, cid, largeSize: size >= SIZE_IN_EXTENSION ? size : undefined }
}

/**
 * The GGEP of the trailer; none where there is no trailer or none in it that we can read.
 *
 * @throws ProtocolError if its open data are longer than itself
 */
function decodeTrailer(trailer: Uint8Array): readonly GgepExtension[] {
  if (trailer.length === 0) return NO_EXTENSIONS
  const reader = new Reader(trailer)
  reader.bytes(VENDOR.length)
  const open = reader.bytes(reader.u8())
  const hasGgep = ((open[0] ?? 0) & (open[1] ?? 0) & FLAG_GGEP) !== 0
  const hidden = reader.rest()
  if (!hasGgep || hidden[0] !== GGEP_MAGIC) return NO_EXTENSIONS
  return tryGgep(hidden)?.extensions ?? NO_EXTENSIONS
}
