import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Key, keyFromBytes } from '@servent/keyspace'
import { utf8Encode, Writer } from '@servent/wire'
import type { HashedValue, SignedValue } from './record.ts'

/** Bytes of an Ed25519 public key, and of the seed that a secret one is made of. From RFC 8032 §5.1.5. */
export const PUBLIC_KEY_BYTES = 32
/** Bytes of an Ed25519 signature. From RFC 8032 §5.1.6. */
export const SIGNATURE_BYTES = 64
/** The highest sequence number: six bytes on the wire, room for milliseconds since 1970. */
export const SEQUENCE_MAX = 2 ** 48 - 1

/** Begins what is signed, so that a signature made for something else is none here. */
const SIGNED_PREFIX = utf8Encode('servent signed value 1\n')

/** Where a value under its own hash is kept. */
export function keyOfValue(value: Uint8Array): Key {
  return keyFromBytes(sha256(value))
}

/** Where the value that the owner of a public key calls by a name is kept. */
export function keyOfSigned(publicKey: Uint8Array, name: string): Key {
  return keyFromBytes(sha256(concat([publicKey, utf8Encode(name)])))
}

/** Where the providers of a content are kept, given the multihash in its CID. */
export function keyOfContent(multihash: Uint8Array): Key {
  return keyFromBytes(sha256(multihash))
}

/** A record of a value under its own hash. */
export function hashedValue(value: Uint8Array, ttlMs: number): HashedValue {
  return { type: 'hashed-value', key: keyOfValue(value), value, ttlMs }
}

/** What is to be signed. */
export interface Unsigned {
  readonly name: string
  readonly sequence: number
  readonly value: Uint8Array
  readonly ttlMs: number
}

/**
 * A record that its owner can replace by one with a higher sequence number.
 *
 * @param secretKey - the 32 bytes of an Ed25519 seed, as RFC 8032 §5.1.5 calls the private key
 */
export function signValue(secretKey: Uint8Array, { name, sequence, value, ttlMs }: Unsigned): SignedValue {
  const publicKey = ed25519.getPublicKey(secretKey)
  const signature = ed25519.sign(signedBytes(name, sequence, value), secretKey)
  const key = keyOfSigned(publicKey, name)
  return { type: 'signed-value', key, value, publicKey, name, sequence, signature, ttlMs }
}

/** Whether the owner signed this name, number and value. Never throws: a remote chose the bytes. */
export function hasGoodSignature({ name, sequence, value, publicKey, signature }: SignedValue): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
  // RFC 8032 and not ZIP 215: of one signature there is one form, which nobody can vary.
  return ed25519.verify(signature, signedBytes(name, sequence, value), publicKey, { zip215: false })
}

function signedBytes(name: string, sequence: number, value: Uint8Array): Uint8Array {
  const nameBytes = utf8Encode(name)
  return new Writer(SIGNED_PREFIX.length + 8 + nameBytes.length + value.length)
    .bytes(SIGNED_PREFIX)
    .u16be(nameBytes.length)
    .u48be(sequence)
    .bytes(nameBytes)
    .bytes(value)
    .finish()
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(parts.reduce((length, part) => length + part.length, 0))
  for (const part of parts) writer.bytes(part)
  return writer.finish()
}
