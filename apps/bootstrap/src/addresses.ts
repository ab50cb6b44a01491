import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'

/** The multiaddrs at which peers find a WebSocket on this host and port, without the peer's name. */
export function socketAddresses(host: string, port: number): string[] {
  const hosts = host === '0.0.0.0' ? ownAddresses() : [host]
  return hosts.map((address) => `${hostPart(address)}/tcp/${port}/ws`)
}

/**
 * The addresses to tell someone who reached the web server as `hostname`: first the one under that same name, for whoever
 * got the page from there gets through there; then the others.
 *
 * @param multiaddrs - each ending in `/p2p/<peerId>`
 */
export function addressesFor(hostname: string | undefined, multiaddrs: readonly string[]): string[] {
  const first = multiaddrs[0]
  const host = hostname === undefined ? undefined : hostPart(hostname)
  if (first === undefined || host === undefined || multiaddrs.some((address) => address.startsWith(`${host}/`))) {
    return [...multiaddrs]
  }
  return [first.replace(/^\/(?:ip4|dns4)\/[^/]+/, host), ...multiaddrs]
}

function ownAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
  return addresses.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
}

function hostPart(hostname: string): string {
  if (hostname === 'localhost') return '/ip4/127.0.0.1'
  return isIPv4(hostname) ? `/ip4/${hostname}` : `/dns4/${hostname}`
}
