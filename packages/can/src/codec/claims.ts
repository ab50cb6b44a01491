import { type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import { peerBytes, readPeer, writePeer } from '@servent/records'
import type { Reader, Writer } from '@servent/wire'
import type { Acquaintance, Claim, Claims } from '../claim.ts'
import { COORDINATE_BITS, DIMENSIONS_MAX, isZone, type Zone } from '../zone.ts'

// Who claims which zones: layout in codec.ts.

const REALITIES_MAX = 8

export function zoneSize({ low }: Zone): number {
  return 2 + 3 * low.length
}

export function writeZone(writer: Writer, { depth, low }: Zone): void {
  writer.u8(low.length).u8(depth)
  for (const coordinate of low) writer.u8(coordinate >>> 16).u16be(coordinate & 0xffff)
}

/** @throws ProtocolError('bad-zone') if it is none */
export function readZone(reader: Reader): Zone {
  const dimensions = reader.u8()
  if (dimensions < 1 || dimensions > DIMENSIONS_MAX) throw new ProtocolError('bad-zone')
  const depth = reader.u8()
  const low: number[] = []
  for (let i = 0; i < dimensions; i++) low.push((reader.u8() << (COORDINATE_BITS - 8)) | reader.u16be())
  if (!isZone({ depth, low }, dimensions)) throw new ProtocolError('bad-zone')
  return { depth, low }
}

export function writeClaim(writer: Writer, claim: Claim): void {
  writeZone(writer, claim)
  writer.u8(claim.takeovers)
}

export function readClaim(reader: Reader): Claim {
  const { depth, low } = readZone(reader)
  return { depth, low, takeovers: reader.u8() }
}

export function claimsSize(claims: Claims): number {
  let size = 1
  for (const each of claims) {
    size += 1
    for (const claim of each) size += zoneSize(claim) + 1
  }
  return size
}

export function writeClaims(writer: Writer, claims: Claims): void {
  writer.u8(claims.length)
  for (const each of claims) {
    writer.u8(each.length)
    for (const claim of each) writeClaim(writer, claim)
  }
}

/** @throws ProtocolError('too-many-realities') */
export function readClaims(reader: Reader): Claims {
  const count = reader.u8()
  if (count > REALITIES_MAX) throw new ProtocolError('too-many-realities')
  const claims: (readonly Claim[])[] = []
  for (let reality = 0; reality < count; reality++) claims.push(readList(reader, readClaim))
  return claims
}

export function acquaintancesSize(list: readonly Acquaintance[], peers: PeerCodec): number {
  let size = 1
  for (const { peer, claims } of list) size += peerBytes(peer, peers) + claimsSize(claims)
  return size
}

export function writeAcquaintances(writer: Writer, list: readonly Acquaintance[], peers: PeerCodec): void {
  writer.u8(list.length)
  for (const { peer, claims } of list) {
    writePeer(writer, peer, peers)
    writeClaims(writer, claims)
  }
}

export function readAcquaintances(reader: Reader, peers: PeerCodec): Acquaintance[] {
  return readList(reader, (each) => ({ peer: readPeer(each, peers) satisfies Peer, claims: readClaims(each) }))
}

export function readList<T>(reader: Reader, readOne: (reader: Reader) => T): T[] {
  const list: T[] = []
  for (let count = reader.u8(); count > 0; count--) list.push(readOne(reader))
  return list
}
