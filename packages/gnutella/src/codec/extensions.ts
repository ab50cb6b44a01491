import { type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import { Reader, Writer } from '@servent/wire'
import { extensionSize, GGEP_MAGIC, type GgepExtension, type GgepRead, ggepSize, readGgep, writeGgep } from '../ggep.ts'
import { SHA1_URN_LENGTH, sha1FromBase32, sha1Urn } from '../urn.ts'

/*
 * What 0.4 cannot say goes into extension blocks that genuine servents pass over: a Peer by the host's own codec in GGEP
 * `SRVTPEER`, push proxies, each behind its length of two bytes, in GGEP `SRVTPUSH`, a binary CID in GGEP `SRVTCID`. A SHA-1 is a HUGE urn, a file of 4 GiB or more is GGEP `LF`, as everywhere.
 */

const PEER_ID = 'SRVTPEER'
const PROXIES_ID = 'SRVTPUSH'
const CID_ID = 'SRVTCID'
const LARGE_FILE_ID = 'LF'

/** From gtk-gnutella (qhit.c). */
const PUSH_PROXIES_MAX = 8

/** Separates the parts of an extension block: urns, XML, GGEP last. */
const SEPARATOR = 0x1c

/** GGEP behind a Ping, Pong or Push is read up to here (gtk-gnutella). */
const TRAILING_GGEP_BYTES_MAX = 1536

/** A CID is a few bytes of varints and a digest; a longer one is none. */
const CID_BYTES_MAX = 100

/** A size that does not fit 32 bits stands for itself in GGEP LF. */
export const SIZE_IN_EXTENSION = 0xffffffff

const NONE: readonly GgepExtension[] = []
const NO_PEERS: readonly Peer[] = []

/** The extension that carries a peer. */
export function peerExtension(peer: Peer, peers: PeerCodec): GgepExtension {
  return { id: PEER_ID, data: peers.encode(peer) }
}

/** Bytes of the extension that carries a peer, or 0. */
export function peerExtensionSize(peer: Peer | undefined, peers: PeerCodec): number {
  return peer === undefined ? 0 : extensionSize(PEER_ID, peers.size(peer))
}

/** Bytes of a block whose only extension, if there is one, carries a peer. */
export function peerBlockSize(peer: Peer | undefined, peers: PeerCodec): number {
  return peer === undefined ? 0 : 1 + peerExtensionSize(peer, peers)
}

/** The extension that carries push proxies, 8 at the most. */
export function proxiesExtension(proxies: readonly Peer[], peers: PeerCodec): GgepExtension {
  const named = proxies.slice(0, PUSH_PROXIES_MAX)
  const writer = new Writer(proxiesSize(named, peers))
  for (const proxy of named) {
    const bytes = peers.encode(proxy)
    writer.u16le(bytes.length).bytes(bytes)
  }
  return { id: PROXIES_ID, data: writer.finish() }
}

/** Bytes of the extension that carries push proxies, or 0. */
export function proxiesExtensionSize(proxies: readonly Peer[], peers: PeerCodec): number {
  if (proxies.length === 0) return 0
  return extensionSize(PROXIES_ID, proxiesSize(proxies.slice(0, PUSH_PROXIES_MAX), peers))
}

/** The push proxies of a block, as many as we can read. */
export function readProxies(extensions: readonly GgepExtension[], peers: PeerCodec): readonly Peer[] {
  const found = extensions.find(({ id }) => id === PROXIES_ID)
  if (found === undefined) return NO_PEERS
  const proxies: Peer[] = []
  try {
    const reader = new Reader(found.data)
    while (reader.remaining > 0 && proxies.length < PUSH_PROXIES_MAX) {
      proxies.push(peers.decode(reader.bytes(reader.u16le())))
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
  return proxies
}

function proxiesSize(proxies: readonly Peer[], peers: PeerCodec): number {
  return proxies.reduce((size, proxy) => size + 2 + peers.size(proxy), 0)
}

/**
 * The peer of a block; undefined if it names none. Also if it names one in a way that we cannot read: what a newer servent
 * wrote is no fault of the neighbor that hands it on, and goes on as it came.
 */
export function readPeer(extensions: readonly GgepExtension[], peers: PeerCodec): Peer | undefined {
  const found = extensions.find(({ id }) => id === PEER_ID)
  if (found === undefined) return undefined
  try {
    return peers.decode(found.data)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

/**
 * The GGEP behind the fixed fields of a Ping, Pong or Push.
 *
 * @throws ProtocolError `bad-size` if there is something that is no GGEP block
 */
export function readTrailingGgep(reader: Reader): readonly GgepExtension[] {
  if (reader.remaining === 0) return NONE
  const rest = reader.rest()
  const block = rest.length > TRAILING_GGEP_BYTES_MAX ? undefined : tryGgep(rest)
  if (block === undefined || block.length !== rest.length) throw new ProtocolError('bad-size')
  return block.extensions
}

/** GGEP that may be malformed: then there is none. */
export function tryGgep(bytes: Uint8Array): GgepRead | undefined {
  try {
    return readGgep(bytes)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

/** What names content: in a query that asks for it, in a result that has it. */
export interface ContentNames {
  readonly sha1: Uint8Array | undefined
  readonly cid: Uint8Array | undefined
  /** Bytes, of a file with 4 GiB or more. */
  readonly largeSize: number | undefined
}

/** Bytes that `writeContentNames` takes. */
export function contentNamesSize(names: ContentNames): number {
  const ggep = ggepSize(contentGgep(names), true)
  if (names.sha1 === undefined) return ggep
  return SHA1_URN_LENGTH + (ggep === 0 ? 0 : 1 + ggep)
}

/** `urn:sha1:…`, 1c, GGEP: as much of it as there is. No NUL is among it. */
export function writeContentNames(writer: Writer, names: ContentNames): void {
  const ggep = contentGgep(names)
  if (names.sha1 !== undefined) {
    for (const char of sha1Urn(names.sha1)) writer.u8(char.charCodeAt(0))
    if (ggep.length > 0) writer.u8(SEPARATOR)
  }
  writeGgep(writer, ggep, true)
}

/**
 * Reads an extension block. Parts of other kinds, and GGEP that is malformed, are passed over.
 *
 * @throws ProtocolError `malformed-sha1` for a `urn:sha1:` or `urn:bitprint:` that is none
 */
export function readContentNames(bytes: Uint8Array): ContentNames {
  let sha1: Uint8Array | undefined
  let at = 0
  while (at < bytes.length) {
    // GGEP stands last and may hold what separates the others.
    if (bytes[at] === GGEP_MAGIC) return { sha1, ...readContentGgep(bytes.subarray(at)) }
    const found = bytes.indexOf(SEPARATOR, at)
    const end = found === -1 ? bytes.length : found
    sha1 ??= readUrn(bytes.subarray(at, end))
    at = end + 1
  }
  return { sha1, cid: undefined, largeSize: undefined }
}

function contentGgep(names: ContentNames): readonly GgepExtension[] {
  if (names.cid === undefined && names.largeSize === undefined) return NONE
  const extensions: GgepExtension[] = []
  if (names.largeSize !== undefined) extensions.push({ id: LARGE_FILE_ID, data: littleEndian(names.largeSize) })
  if (names.cid !== undefined) extensions.push({ id: CID_ID, data: names.cid })
  return extensions
}

function readContentGgep(bytes: Uint8Array): Omit<ContentNames, 'sha1'> {
  let cid: Uint8Array | undefined
  let largeSize: number | undefined
  for (const { id, data } of tryGgep(bytes)?.extensions ?? NONE) {
    if (id === CID_ID && data.length > 0 && data.length <= CID_BYTES_MAX) cid = new Uint8Array(data)
    else if (id === LARGE_FILE_ID) largeSize = fromLittleEndian(data)
  }
  return { cid, largeSize }
}

/** The SHA-1 of one part; undefined if it is another kind of part, or only asks for urns (`urn:`, `urn:sha1:`). */
function readUrn(part: Uint8Array): Uint8Array | undefined {
  // A tiger tree root behind a SHA-1 makes the longest urn there is: 85 characters.
  if (part.length > 96) return undefined
  const text = String.fromCharCode(...part)
  const [, kind, digest] = /^urn:(sha1|bitprint):(.+)$/i.exec(text) ?? []
  if (kind === undefined || digest === undefined) return undefined
  const sha1 = sha1FromBase32(kind.toLowerCase() === 'sha1' ? digest : digest.slice(0, 32))
  if (sha1 === undefined) throw new ProtocolError('malformed-sha1')
  return sha1
}

/** As few bytes as hold the number, least significant first: no NUL at the end. */
function littleEndian(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256)
  return Uint8Array.from(bytes)
}

/** Undefined if the number is not exact, as above 2^53. */
function fromLittleEndian(bytes: Uint8Array): number | undefined {
  let value = 0
  for (let i = bytes.length - 1; i >= 0 && value <= Number.MAX_SAFE_INTEGER; i--)
    value = value * 256 + (bytes[i] as number)
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined
}
