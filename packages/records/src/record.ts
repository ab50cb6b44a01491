import type { Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'

/**
 * A value under its own hash: nobody can put another one there.
 *
 * Every record carries what is left of its life, not a moment: clocks of peers differ. Whoever holds it counts down and
 * hands on what is left, so that copies die with the original.
 */
export interface HashedValue {
  readonly type: 'hashed-value'
  /** SHA-256 of the value, truncated. */
  readonly key: Key
  /** At most {@link RecordLimits.valueBytesMax} bytes. */
  readonly value: Uint8Array
  /** Milliseconds that it is still to be kept. */
  readonly ttlMs: number
}

/** A value that its owner can replace: signed, and with a number that grows. */
export interface SignedValue {
  readonly type: 'signed-value'
  /** SHA-256 of the public key and the name, truncated. */
  readonly key: Key
  readonly value: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** What its owner calls it, at most {@link NAME_BYTES_MAX} bytes of UTF-8. */
  readonly name: string
  /** Whole, 0 to 2^48 - 1. Of two values the one with the higher number is the newer. */
  readonly sequence: number
  /** Ed25519, 64 bytes, over name, sequence and value. */
  readonly signature: Uint8Array
  readonly ttlMs: number
}

/** What is found by `get`. */
export type ValueRecord = HashedValue | SignedValue

/** A peer says that it has the content that a key stands for. Taken from that peer alone. */
export interface ProviderRecord {
  readonly type: 'provider'
  /** SHA-256 of the multihash in the content's CID, truncated. */
  readonly key: Key
  readonly peer: Peer
  readonly ttlMs: number
}

/** What a structured overlay stores. */
export type OverlayRecord = ValueRecord | ProviderRecord

export function isProvider(record: OverlayRecord): record is ProviderRecord {
  return record.type === 'provider'
}

/** The same record with another time left. */
export function withTtl<R extends OverlayRecord>(record: R, ttlMs: number): R {
  return record.ttlMs === ttlMs ? record : { ...record, ttlMs }
}
