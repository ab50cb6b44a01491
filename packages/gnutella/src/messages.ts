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

/** A descriptor with a header that can be read and a payload that cannot: dropped, the connection stays. */
export interface Unknown extends DescriptorHeader {
  readonly type: 'Unknown'
  /** Payload descriptor: the function byte. */
  readonly function: number
  readonly payload: Uint8Array
  readonly reason: DropReason
}

/** What has a header. */
export type Descriptor = Ping | Pong | Query | QueryHit | Push | Unknown

/** All that goes over a connection. */
export type Message = Connect | Ok | Descriptor
