import type { PeerId } from '@libp2p/interface'
import { peerIdFromMultihash, peerIdFromString } from '@libp2p/peer-id'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Key, keyFromBytes } from '@servent/keyspace'
import { type Peer, ProtocolError, toPeer } from '@servent/machine'
import { decode as decodeMultihash } from 'multiformats/hashes/digest'
import { Lru } from './lru.ts'

/** The longest multihash that names a peer, in bytes: an identity hash of a key of up to 42, from the libp2p peer-id spec. */
export const MULTIHASH_BYTES_MAX = 64

/** Ours: a few times the peers that one node hears of in an hour. An entry takes about half a kilobyte. */
const PEERS_MAX = 4096

/** Bytes of SHA-256: of an RSA key only that is in the name. */
const DIGEST_BYTES = 32

interface Known {
  readonly peer: Peer
  readonly id: PeerId
  /** The multihash of the public key: the shortest form of the name. */
  readonly bytes: Uint8Array
  key: Key | undefined
}

/** Names of peers in their three forms: `Peer` (text), `PeerId`, bytes. Remembers a bounded number of them. */
export class PeerIds {
  readonly #byPeer = new Lru<Peer, Known>(PEERS_MAX)
  readonly #byBytes = new Lru<string, Known>(PEERS_MAX)

  /** Undefined if that is no PeerId: an application may hand anything to a machine. */
  idOf(peer: Peer): PeerId | undefined {
    return this.#of(peer)?.id
  }

  /** The multihash of a peer, empty if that is no PeerId. */
  bytesOf(peer: Peer): Uint8Array {
    return this.#of(peer)?.bytes ?? new Uint8Array(0)
  }

  /** The identifier of a peer: SHA-256 of its multihash, truncated to 160 bits. */
  keyOf(peer: Peer): Key {
    const known = this.#of(peer)
    if (known === undefined) return keyFromBytes(sha256(new Uint8Array(0)))
    known.key ??= keyFromBytes(sha256(known.bytes))
    return known.key
  }

  /** @throws ProtocolError('bad-peer') if the bytes are not the multihash of a peer's public key */
  fromBytes(bytes: Uint8Array): Peer {
    if (bytes.length > MULTIHASH_BYTES_MAX) throw new ProtocolError('bad-peer', `${bytes.length} bytes`)
    const name = String.fromCharCode(...bytes)
    let known = this.#byBytes.get(name)
    if (known === undefined) {
      known = knownFromBytes(bytes)
      this.#byBytes.set(name, known)
    }
    return known.peer
  }

  #of(peer: Peer): Known | undefined {
    let known = this.#byPeer.get(peer)
    if (known === undefined) {
      known = knownFromPeer(peer)
      if (known !== undefined) this.#byPeer.set(peer, known)
    }
    return known
  }
}

function knownFromPeer(peer: Peer): Known | undefined {
  if (typeof peer !== 'string') return undefined
  try {
    const id = peerIdFromString(peer)
    return { peer, id, bytes: id.toMultihash().bytes, key: undefined }
  } catch {
    // peerIdFromString throws a different error for each thing that can be wrong with a text.
    return undefined
  }
}

function knownFromBytes(bytes: Uint8Array): Known {
  const id = idFromBytes(bytes)
  if (id === undefined || !isKey(id)) throw new ProtocolError('bad-peer', 'no public key')
  return { peer: toPeer(id.toString()), id, bytes: id.toMultihash().bytes, key: undefined }
}

function idFromBytes(bytes: Uint8Array): PeerId | undefined {
  try {
    // A copy: a view would keep the whole chunk of the stream alive for as long as the name is known.
    return peerIdFromMultihash(decodeMultihash(bytes.slice()))
  } catch {
    return undefined
  }
}

/** Whether a PeerId names a key: js-libp2p takes a web server's URL for one too, and a hash of any length. */
function isKey(id: PeerId): boolean {
  if (id.type === 'RSA') return id.toMultihash().digest.length === DIGEST_BYTES
  return id.type === 'Ed25519' || id.type === 'secp256k1'
}
