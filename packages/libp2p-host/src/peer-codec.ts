import type { Multiaddr } from '@multiformats/multiaddr'
import { type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import { Reader, Writer } from '@servent/wire'
import { ADDRESS_BYTES_MAX, type AddressBook, byDirectness, withoutName } from './address-book.ts'
import { MULTIHASH_BYTES_MAX, type PeerIds } from './peer-ids.ts'

/** Ours: one for each transport that a peer is likely to have. */
export const ADDRESSES_MAX = 4

/** The longest encoding of a peer, in bytes. */
export const PEER_BYTES_MAX = 2 + MULTIHASH_BYTES_MAX + ADDRESSES_MAX * (2 + ADDRESS_BYTES_MAX)

export interface PeerCodecContext {
  readonly self: Peer
  readonly peerIds: PeerIds
  readonly addressBook: AddressBook
  /** Where this node is reached now. */
  getMultiaddrs(): Multiaddr[]
  /** Counts an address that was left out of a message. */
  drop(reason: string): void
}

/**
 * A peer on the wire, with up to four ways to reach it:
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | length of the multihash, at most 64 |
 * | n | multihash of the public key, as in a PeerId |
 * | 1 | number of addresses, at most 4 |
 * | 2 | length of an address, most significant byte first, at most 256 |
 * | n | multiaddr, without the peer's own name at its end |
 *
 * The last two rows are repeated. An address that cannot be read or is not wanted is skipped: a newer peer may have
 * transports that we do not know.
 */
export class Libp2pPeerCodec implements PeerCodec {
  readonly #context: PeerCodecContext
  #selfAddresses: Uint8Array[] | undefined

  constructor(context: PeerCodecContext) {
    this.#context = context
  }

  encode(peer: Peer): Uint8Array {
    const name = this.#context.peerIds.bytesOf(peer)
    const addresses = this.#addressesOf(peer)
    const writer = new Writer(sizeOf(name, addresses)).u8(name.length).bytes(name).u8(addresses.length)
    for (const address of addresses) writer.u16be(address.length).bytes(address)
    return writer.finish()
  }

  decode(bytes: Uint8Array): Peer {
    const { peerIds, addressBook, self } = this.#context
    const reader = new Reader(bytes)
    const peer = peerIds.fromBytes(reader.bytes(reader.u8()))
    const count = reader.u8()
    if (count > ADDRESSES_MAX) throw new ProtocolError('bad-peer', `${count} addresses`)
    const addresses: Uint8Array[] = []
    for (let i = 0; i < count; i++) addresses.push(reader.bytes(reader.u16be()))
    if (reader.remaining > 0) throw new ProtocolError('bad-peer', `${reader.remaining} bytes too many`)
    // Where we are ourselves, nobody tells us.
    if (peer === self) return peer
    // The best one comes first, and what is learnt last is tried first.
    for (const address of addresses.reverse()) {
      const refusal = addressBook.learn(peer, address, false)
      if (refusal !== undefined) this.#context.drop(refusal)
    }
    return peer
  }

  size(peer: Peer): number {
    return sizeOf(this.#context.peerIds.bytesOf(peer), this.#addressesOf(peer))
  }

  #addressesOf(peer: Peer): readonly Uint8Array[] {
    if (peer === this.#context.self) return this.#ownAddresses()
    return this.#context.addressBook.bytesOf(peer).slice(0, ADDRESSES_MAX)
  }

  #ownAddresses(): readonly Uint8Array[] {
    if (this.#selfAddresses === undefined) {
      this.#selfAddresses = this.#context
        .getMultiaddrs()
        .sort(byDirectness)
        .map((address) => withoutName(this.#context.self, address).bytes)
        .filter((bytes) => bytes.length > 0 && bytes.length <= ADDRESS_BYTES_MAX)
        .slice(0, ADDRESSES_MAX)
      // Kept for this turn only: `size` and `encode` of one message must agree, and addresses change.
      queueMicrotask(() => {
        this.#selfAddresses = undefined
      })
    }
    return this.#selfAddresses
  }
}

function sizeOf(name: Uint8Array, addresses: readonly Uint8Array[]): number {
  let size = 2 + name.length
  for (const address of addresses) size += 2 + address.length
  return size
}
