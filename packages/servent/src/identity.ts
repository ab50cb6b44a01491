import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { PeerIdentity } from './types.ts'
import { ADJECTIVES, ANIMALS } from './words.ts'

/** A new Ed25519 private key, protobuf-encoded: what `ServentOptions.privateKey` takes and a caller keeps. */
export async function createPrivateKey(): Promise<Uint8Array> {
  return privateKeyToProtobuf(await generateKeyPair('Ed25519'))
}

/** @throws InvalidPrivateKeyError-like errors of @libp2p/crypto when the bytes are no key */
export function readPrivateKey(bytes: Uint8Array): PrivateKey {
  return privateKeyFromProtobuf(bytes)
}

/**
 * Two words for a PeerId: "Amber Otter". Made from the key's hash, so nobody chooses a name; 65 536 of them, so two peers
 * may share one and the PeerId decides.
 *
 * @throws Error of @libp2p/peer-id when the text is no PeerId
 */
export function nameOf(peerId: string): string {
  const bytes = peerIdFromString(peerId).toMultihash().digest
  // FNV-1a over the whole digest: the leading bytes of an Ed25519 PeerId are the same for everybody.
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash ^= hash >>> 13
  return `${ADJECTIVES[hash & 0xff]} ${ANIMALS[(hash >>> 8) & 0xff]}`
}

/** How a peer is shown to a person. */
export function identityOf(peerId: string): PeerIdentity {
  return { id: peerId, name: nameOf(peerId) }
}
