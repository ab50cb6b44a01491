import { isIPv4 } from 'node:net'

/**
 * The addresses to tell someone who reached the web server as `hostname`: first the one under that same name, for whoever
 * got the page from there gets through there; then the others as libp2p found them.
 *
 * @param multiaddrs - libp2p's own, each ending in `/p2p/<peerId>`
 */
export function addressesFor(hostname: string | undefined, multiaddrs: readonly string[]): string[] {
  const sockets = multiaddrs.filter((address) => /\/tcp\/\d+\/wss?\//.test(address))
  const others = multiaddrs.filter((address) => !sockets.includes(address))
  const first = sockets[0]
  const host = hostname === undefined ? undefined : hostPart(hostname)
  if (first === undefined || host === undefined || sockets.some((address) => address.startsWith(`${host}/`))) {
    return [...sockets, ...others]
  }
  return [first.replace(/^\/(?:ip4|ip6|dns4|dns6|dns)\/[^/]+/, host), ...sockets, ...others]
}

function hostPart(hostname: string): string {
  if (hostname === 'localhost') return '/ip4/127.0.0.1'
  return isIPv4(hostname) ? `/ip4/${hostname}` : `/dns4/${hostname}`
}
