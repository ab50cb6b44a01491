import {
  CODE_P2P,
  CODE_P2P_CIRCUIT,
  CODE_WEBRTC,
  CODE_WEBRTC_DIRECT,
  type Component,
  type Multiaddr,
  multiaddr,
} from '@multiformats/multiaddr'
import type { Peer } from '@servent/machine'
import { Lru } from './lru.ts'

/** Ours: addresses behind a relay with a certificate hash take some 200 bytes. */
export const ADDRESS_BYTES_MAX = 256

export interface AddressBookOptions {
  /** Peers with addresses of each sort, at most. Default 2 048. */
  readonly peersMax?: number
  /** Addresses of each sort per peer, at most. Default 8. */
  readonly addressesMax?: number
  /** Whether an address may be kept and dialed: refuse private ranges, or what this platform cannot dial. Default: all. */
  readonly acceptAddress?: (address: Multiaddr) => boolean
}

/** Why an address was not taken. */
export type AddressRefusal = 'address-too-long' | 'address-unreadable' | 'address-of-another' | 'address-refused'

/** One way to a peer, without the peer's own name at its end. */
interface Way {
  readonly address: Multiaddr
  readonly bytes: Uint8Array
}

/**
 * Where peers can be reached. Bounded, and kept in two halves: what a connection or the peer itself has shown, and what
 * others say of it; so that no amount of hearsay displaces what is known.
 */
export class AddressBook {
  readonly #addressesMax: number
  readonly #acceptAddress: (address: Multiaddr) => boolean
  readonly #shown: Lru<Peer, Way[]>
  readonly #heard: Lru<Peer, Way[]>

  constructor(options: AddressBookOptions = {}) {
    const { peersMax = 2048, addressesMax = 8, acceptAddress = () => true } = options
    this.#addressesMax = addressesMax
    this.#acceptAddress = acceptAddress
    this.#shown = new Lru(peersMax)
    this.#heard = new Lru(peersMax)
  }

  /** Peers that have an address. A peer may count twice. */
  get size(): number {
    return this.#shown.size + this.#heard.size
  }

  /**
   * Takes an address, unless it names another peer at its end, is too long, or policy refuses it.
   *
   * @param isShown - the peer has shown it: we were connected there, or it said so itself
   */
  learn(peer: Peer, address: Multiaddr | Uint8Array, isShown: boolean): AddressRefusal | undefined {
    const half = isShown ? this.#shown : this.#heard
    const ways = half.get(peer) ?? []
    if (address instanceof Uint8Array && ways.some((way) => bytesEqual(way.bytes, address))) return undefined
    const way = toWay(peer, address)
    if (typeof way === 'string') return way
    if (!this.#acceptAddress(way.address)) return 'address-refused'
    const others = ways.filter(({ bytes }) => !bytesEqual(bytes, way.bytes))
    half.set(peer, [way, ...others].slice(0, this.#addressesMax))
    return undefined
  }

  /** Addresses to dial, each with the peer's name at its end, what was shown first. Empty if none is known. */
  addressesOf(peer: Peer): Multiaddr[] {
    return this.#waysTo(peer).map(({ address }) => address.encapsulate(`/p2p/${peer}`))
  }

  /** Addresses as bytes, each without the peer's name, best first. */
  bytesOf(peer: Peer): Uint8Array[] {
    return this.#waysTo(peer).map(({ bytes }) => bytes)
  }

  #waysTo(peer: Peer): Way[] {
    const shown = this.#shown.get(peer) ?? []
    const heard = this.#heard.get(peer) ?? []
    const ways = [...shown, ...heard.filter(({ bytes }) => !shown.some((way) => bytesEqual(way.bytes, bytes)))]
    return ways.sort((a, b) => byDirectness(a.address, b.address))
  }
}

/** An address of `peer` without the peer's own name at the end, as it is kept and sent. */
export function withoutName(peer: Peer, address: Multiaddr): Multiaddr {
  const last = address.getComponents().at(-1)
  return last?.code === CODE_P2P && last.value === peer ? address.decapsulateCode(CODE_P2P) : address
}

/** Whether dialing this makes an `RTCPeerConnection`. */
export function isWebRTC(address: Multiaddr): boolean {
  return address.getComponents().some(({ code }) => code === CODE_WEBRTC || code === CODE_WEBRTC_DIRECT)
}

function toWay(peer: Peer, from: Multiaddr | Uint8Array): Way | AddressRefusal {
  let address: Multiaddr
  let bytes: Uint8Array
  try {
    if (from instanceof Uint8Array && from.length > ADDRESS_BYTES_MAX) return 'address-too-long'
    // A copy: a view would keep the whole chunk of the stream alive for as long as the address is known.
    address = withoutName(peer, from instanceof Uint8Array ? multiaddr(from.slice()) : from)
    bytes = address.bytes
  } catch {
    // The multiaddr library throws a different error for each thing that can be wrong; a newer transport is one of them.
    return 'address-unreadable'
  }
  if (bytes.length === 0) return 'address-unreadable'
  if (bytes.length > ADDRESS_BYTES_MAX) return 'address-too-long'
  return namesAnother(address.getComponents()) ? 'address-of-another' : { address, bytes }
}

/** Whether someone is named after the last relay: the peer itself is not, at this point. */
function namesAnother(components: Component[]): boolean {
  const relay = components.findLastIndex(({ code }) => code === CODE_P2P_CIRCUIT)
  return components.slice(relay + 1).some(({ code }) => code === CODE_P2P)
}

/** Orders addresses: direct ones first; a bare relay last, for it is slow and limited. */
export function byDirectness(a: Multiaddr, b: Multiaddr): number {
  return rank(a) - rank(b)
}

function rank(address: Multiaddr): number {
  const codes = address.getComponents().map(({ code }) => code)
  if (!codes.includes(CODE_P2P_CIRCUIT)) return 0
  return codes.includes(CODE_WEBRTC) ? 1 : 2
}

function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
