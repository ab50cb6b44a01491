import { type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import { base32Decode, base32Encode, base64urlDecode, base64urlEncode } from '@servent/wire'
import type { SharedSong } from '../messages.ts'
import { type Fields, quoted } from './fields.ts'

const CID = 'cid:b'
const SHA1 = 'urn:sha1:'
const PEER = 'peer:'

/** Ours: a CID with a hash of 512 bits takes 68 bytes. */
export const CID_BYTES_MAX = 68
const SHA1_BYTES = 20

/** What follows the fields of OpenNap. Whoever does not know it reads no further. */
interface Extensions {
  cid: Uint8Array | undefined
  sha1: Uint8Array | undefined
  peer: Peer | undefined
}

/** A file: `"name" md5 size bitrate frequency seconds`, and after it what {@link writeExtensions} writes. */
export function writeSong(song: SharedSong): string {
  return `${quoted(song.name)} ${song.md5} ${song.size} ${song.bitrate} ${song.frequency} ${song.seconds}`
}

/** Where a song has its extensions at once, as when it is shared. */
export function writeSongWhole(song: SharedSong): string {
  return writeSong(song) + writeExtensions(song)
}

/** `cid:b…` (multibase base32), `urn:sha1:…` (base32, upper case as HUGE has it) and `peer:…` (base64url), each if there is one. */
export function writeExtensions(
  { cid, sha1 }: { cid: Uint8Array | undefined; sha1: Uint8Array | undefined },
  peer?: Peer,
  peers?: PeerCodec
): string {
  let text = ''
  if (cid !== undefined) text += ` ${cidText(cid)}`
  if (sha1 !== undefined) text += ` ${sha1Text(sha1)}`
  if (peer !== undefined && peers !== undefined) text += ` ${PEER}${base64urlEncode(peers.encode(peer))}`
  return text
}

export function cidText(cid: Uint8Array): string {
  return CID + base32Encode(cid)
}

export function sha1Text(sha1: Uint8Array): string {
  return SHA1 + base32Encode(sha1).toUpperCase()
}

/** The six fields of a song. What follows is for {@link readExtensions}. */
export function readSong(fields: Fields): Omit<SharedSong, 'cid' | 'sha1'> {
  return {
    name: fields.text(),
    md5: fields.word(),
    size: fields.integer(Number.MAX_SAFE_INTEGER),
    bitrate: fields.integer(0xffff),
    frequency: fields.integer(0xffffffff),
    seconds: fields.integer(0xffffffff),
  }
}

/**
 * Reads fields up to the end or the next text in quotes. One that is not known is passed over, such as the weight that
 * OpenNap writes behind a result.
 *
 * @throws ProtocolError if what should name a peer does not
 */
export function readExtensions(fields: Fields, peers?: PeerCodec): Extensions {
  const found: Extensions = { cid: undefined, sha1: undefined, peer: undefined }
  while (!fields.isAtEnd && !fields.isQuoteNext) {
    const field = fields.word()
    if (field.startsWith(PEER) && peers !== undefined) found.peer = readPeer(field, peers)
    else readContent(field, found, fields)
  }
  return found
}

/** Reads `cid:b…` or `urn:sha1:…`. */
export function readContent(field: string, into: Pick<Extensions, 'cid' | 'sha1'>, fields: Fields): boolean {
  if (field.startsWith(CID)) {
    const cid = base32Decode(field.slice(CID.length))
    into.cid = cid === undefined || cid.length === 0 || cid.length > CID_BYTES_MAX ? fields.refuse() : cid
    return true
  }
  if (!field.startsWith(SHA1)) return false
  const sha1 = base32Decode(field.slice(SHA1.length))
  into.sha1 = sha1?.length === SHA1_BYTES ? sha1 : fields.refuse()
  return true
}

function readPeer(field: string, peers: PeerCodec): Peer {
  const bytes = base64urlDecode(field.slice(PEER.length))
  if (bytes === undefined) throw new ProtocolError('bad-peer', 'not base64url')
  return peers.decode(bytes)
}
