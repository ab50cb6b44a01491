import { isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Which addresses from others may be dialed. A private or loopback address of somebody else's network is at best useless;
 * at worst a way to make tabs knock at doors behind their own firewall. So it is taken only where the network itself is a
 * private one: where a bootstrap node has such an address.
 */
export class AddressPolicy {
  #allowsPrivate: boolean

  constructor(allowsPrivate: boolean) {
    this.#allowsPrivate = allowsPrivate
  }

  /** A bootstrap node that the application named has this address. */
  trust(address: Multiaddr): void {
    if (isPrivateAddress(address)) this.#allowsPrivate = true
  }

  readonly accepts = (address: Multiaddr): boolean => this.#allowsPrivate || !isPrivateAddress(address)
}

function isPrivateAddress(address: Multiaddr): boolean {
  const first = address.getComponents()[0]?.name
  // An introduction by a peer, or a name: nothing to be dialed by its number.
  if (first !== 'ip4' && first !== 'ip6')
    return first === 'dns4' || first === 'dns' || first === 'dns6' ? isLocalName(address) : false
  return isPrivate(address)
}

function isLocalName(address: Multiaddr): boolean {
  const name = address.getComponents()[0]?.value ?? ''
  return name === 'localhost' || name.endsWith('.localhost') || name.endsWith('.local') || !name.includes('.')
}
