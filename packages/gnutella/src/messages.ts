import type { Peer } from '@servent/machine'
import type { DropReason } from './drops.ts'
import type { Guid, ServentId } from './guid.ts'

/** `GNUTELLA CONNECT/0.4`, two line feeds: asks to be a neighbor. The first bytes of whoever opened the connection. */
export interface Connect {
  readonly type: 'Connect'
}

/** `GNUTELLA OK`, two line feeds: agrees. Descriptors follow in both directions. */
export interface Ok {
  readonly type: 'Ok'
}

/**
 * Fields of a 0.6 handshake: names in lower case, each once, and values on one line. Repeated fields are joined by commas.
 * At most 64 of them.
 */
export type Headers = ReadonlyMap<string, string>

/** `GNUTELLA CONNECT/0.6` and headers: asks to be a neighbor, and says what we are. */
export interface ConnectRequest {
  readonly type: 'ConnectRequest'
  readonly headers: Headers
}

/** `GNUTELLA/0.6 200 OK` and headers: the answer, and the last of the three groups, with which whoever asked agrees. */
export interface ConnectResponse {
  readonly type: 'ConnectResponse'
  /** 100 to 999: 200 agrees, 503 has no room, any other refuses too. */
  readonly code: number
  /** One line: `OK`, `Shielded leaf node`. */
  readonly reason: string
  /** Without `x-try-ultrapeers`, which is the next field. */
  readonly headers: Headers
  /** `X-Try-Ultrapeers`: who may have room instead. At most 10. */
  readonly tryUltrapeers: readonly Peer[]
}

/** What the 23-byte descriptor header says. */
export interface DescriptorHeader {
  /** Descriptor id: finds duplicates and the way back. Unrelated to the sender's address. */
  readonly guid: Guid
  /** Links that the descriptor may still travel, this one counted. A byte. */
  readonly ttl: number
  /** Links that it has travelled before this one. A byte. */
  readonly hops: number
}

/**
 * The payload as it came, where that is not what we would write for the same fields: extensions of others, names that are
 * no UTF-8. It goes on unchanged when the descriptor is forwarded. Undefined in what we make ourselves.
 */
interface Verbatim {
  readonly verbatim: Uint8Array | undefined
}

/** Who is there? (00) */
export interface Ping extends DescriptorHeader, Verbatim {
  readonly type: 'Ping'
}

/** I am, with so much to share. (01) Goes back the way the Ping with its id came. */
export interface Pong extends DescriptorHeader, Verbatim {
  readonly type: 'Pong'
  readonly port: number
  /** IPv4 as a u32, most significant byte first. */
  readonly address: number
  readonly fileCount: number
  readonly kilobyteCount: number
  /** Whom it speaks of: in GGEP, for an IPv4 address does not reach a tab. */
  readonly peer: Peer | undefined
  /** That it is an ultrapeer, with so much room: GGEP UP. Undefined for a leaf or a servent of 0.4. */
  readonly ultrapeer: UltrapeerRoom | undefined
}

/** How many more neighbors an ultrapeer takes. Each 0 to 255, which means that many or more. */
export interface UltrapeerRoom {
  readonly leaves: number
  readonly ultrapeers: number
}

/** Who has a file whose name holds these words? (80) */
export interface Query extends DescriptorHeader, Verbatim {
  readonly type: 'Query'
  /**
   * kbit/s, little endian: slower servents do not answer. With bit 7 set the two bytes are flags of later servents
   * instead (most significant byte first, bit 15), which ask for no speed.
   */
  readonly minSpeed: number
  readonly criteria: string
  /** 20 bytes, HUGE: asks for this content, whatever its name. */
  readonly sha1: Uint8Array | undefined
  /** Binary CID in GGEP: asks for this content, whatever its name. */
  readonly cid: Uint8Array | undefined
}

/** One file of a QueryHit. */
export interface QueryHitResult {
  /** File index: what Push names. u32. */
  readonly index: number
  /** Bytes. Above 2^32 - 2 in GGEP LF. */
  readonly size: number
  /** As it came: not yet safe to show or save. */
  readonly name: string
  /** 20 bytes: `urn:sha1:`. */
  readonly sha1: Uint8Array | undefined
  /** Binary CID in GGEP. */
  readonly cid: Uint8Array | undefined
}

/** I have these. (81) Goes back the way the Query with its id came. */
export interface QueryHit extends DescriptorHeader, Verbatim {
  readonly type: 'QueryHit'
  readonly port: number
  /** IPv4 as a u32, most significant byte first. */
  readonly address: number
  /** kbit/s. */
  readonly speed: number
  readonly results: readonly QueryHitResult[]
  /** Who answers, in GGEP of the trailer: how to reach it and the proof of its servent id. */
  readonly peer: Peer | undefined
  /** Ultrapeers that hand a Push on to whoever answers: in GGEP of the trailer. At most 8. */
  readonly pushProxies: readonly Peer[]
  /** Whether all its files may be listed: GGEP BH. */
  readonly isBrowsable: boolean
  readonly serventId: ServentId
}

/** Connect out to me and send this file, for I cannot reach you. (40) Goes the way that hits of the servent id came. */
export interface Push extends DescriptorHeader, Verbatim {
  readonly type: 'Push'
  readonly serventId: ServentId
  /** File index. */
  readonly index: number
  /** IPv4 as a u32, most significant byte first. */
  readonly address: number
  readonly port: number
  /** Who asks: in GGEP. */
  readonly peer: Peer | undefined
}

/** I hang up, and this is why. (02) Only to those whose handshake had `Bye-Packet`. TTL 1, hops 0. */
export interface Bye extends DescriptorHeader, Verbatim {
  readonly type: 'Bye'
  /** u16: 200 to 299 of our own accord, 400 to 499 your fault, 500 to 599 ours. */
  readonly code: number
  /** One line. */
  readonly text: string
}

/** QRP RESET (30): the query route table that follows has so many slots, all of them empty. TTL 1, hops 0. */
export interface QrpReset extends DescriptorHeader {
  readonly type: 'QrpReset'
  /** u32, a power of two. */
  readonly slots: number
  /** u8: the value of an empty slot, one more than the largest of a full one. */
  readonly infinity: number
}

/** QRP PATCH (30): a piece of the difference to the table before. TTL 1, hops 0. */
export interface QrpPatch extends DescriptorHeader {
  readonly type: 'QrpPatch'
  /** From 1 to `sequenceSize`. */
  readonly sequence: number
  readonly sequenceSize: number
  /** 0 none; 1 zlib, one stream over all pieces. */
  readonly compressor: number
  /** Bits per slot: 1, 2, 4 or 8. */
  readonly entryBits: number
  readonly data: Uint8Array
}

/** One kind of vendor message. */
export interface VendorMessageKind {
  /** Four characters U+0000 to U+00FF: `BEAR`, `LIME`; four U+0000 for those that belong to nobody. */
  readonly vendor: string
  /** u16. */
  readonly selector: number
  /** u16: the highest that is understood. */
  readonly version: number
}

/** null/0v0: the vendor messages that the sender understands. First of all of them, in either direction. */
export interface MessagesSupported extends DescriptorHeader {
  readonly type: 'MessagesSupported'
  readonly supported: readonly VendorMessageKind[]
}

/** BEAR/4v1: send me queries with fewer hops than this only. */
export interface HopsFlow extends DescriptorHeader {
  readonly type: 'HopsFlow'
  /** u8: 0 for none at all. */
  readonly hopsMax: number
}

/** BEAR/11v1, leaf guidance: how many hits has the query whose id is this message's? */
export interface QueryStatusRequest extends DescriptorHeader {
  readonly type: 'QueryStatusRequest'
}

/** BEAR/12v1: so many. Its id is that of the query. */
export interface QueryStatusResponse extends DescriptorHeader {
  readonly type: 'QueryStatusResponse'
  /** u16: `STOP_QUERY` for enough, whatever it is. */
  readonly hitCount: number
}

/** LIME/21v1: be my push proxy. Its id is the sender's servent id. */
export interface PushProxyRequest extends DescriptorHeader {
  readonly type: 'PushProxyRequest'
}

/** LIME/22v2: I am your push proxy. Its id is that of the request. */
export interface PushProxyAck extends DescriptorHeader {
  readonly type: 'PushProxyAck'
  /** IPv4 as a u32, most significant byte first. */
  readonly address: number
  readonly port: number
}

/** A vendor message (31, or 32 if it is a standard) that we do not know: passed over. */
export interface VendorMessage extends DescriptorHeader, VendorMessageKind {
  readonly type: 'VendorMessage'
  readonly isStandard: boolean
  readonly body: Uint8Array
}

/** A descriptor with a header that can be read and a payload that cannot: dropped, the connection stays. */
export interface Unknown extends DescriptorHeader {
  readonly type: 'Unknown'
  /** Payload descriptor: the function byte. */
  readonly function: number
  readonly payload: Uint8Array
  readonly reason: DropReason
}

/** What a link of 0.6 carries for itself alone: it goes no further. */
export type LinkDescriptor =
  | Bye
  | QrpReset
  | QrpPatch
  | MessagesSupported
  | HopsFlow
  | QueryStatusRequest
  | QueryStatusResponse
  | PushProxyRequest
  | PushProxyAck
  | VendorMessage

/** What has a header. */
export type Descriptor = Ping | Pong | Query | QueryHit | Push | LinkDescriptor | Unknown

/** The words with which a connection begins. */
export type Handshake = Connect | Ok | ConnectRequest | ConnectResponse

/** All that goes over a connection. */
export type Message = Handshake | Descriptor
