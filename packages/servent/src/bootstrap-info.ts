import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** What a bootstrap node says of itself under `/servent.json`: how a page learns where to connect, never from a build. */
export interface BootstrapInfo {
  readonly peerId: string
  /** Where it can be reached now, best first, each with its `/p2p/` part. */
  readonly multiaddrs: readonly string[]
  readonly protocols: readonly string[]
  readonly limits: {
    /** Peers connected at most. */
    readonly connectionsMax: number
    readonly relay: {
      readonly reservationsMax: number
      /** Bytes of one relayed connection. */
      readonly bytesMax: number
      /** Life of one relayed connection, in milliseconds. */
      readonly durationMs: number
    }
  }
}

/** Path of the info document on a bootstrap node's web server. */
export const BOOTSTRAP_INFO_PATH = '/servent.json'

/** Ours: a document longer than this, in characters, is none. */
const INFO_LENGTH_MAX = 65_536

/** Ours: addresses that are tried of one bootstrap node. */
const ADDRESSES_MAX = 16

/** Thrown when a bootstrap node cannot be asked, or its answer is of no use. `message` is a sentence for a person. */
export class BootstrapError extends Error {
  override readonly name = 'BootstrapError'
}

/**
 * Asks a bootstrap node where it is.
 *
 * @param url - of its web server; the path is not used
 * @returns its addresses, all of one peer
 * @throws BootstrapError
 */
export async function fetchBootstrapAddresses(url: string, signal: AbortSignal): Promise<Multiaddr[]> {
  let response: Response
  try {
    response = await fetch(new URL(BOOTSTRAP_INFO_PATH, url), { signal, cache: 'no-store' })
  } catch (cause) {
    throw new BootstrapError(`The bootstrap node at ${url} does not answer.`, { cause })
  }
  if (!response.ok) throw new BootstrapError(`The bootstrap node at ${url} answers with an error (${response.status}).`)
  const text = await response.text().catch((cause: unknown) => {
    throw new BootstrapError(`The bootstrap node at ${url} stopped in the middle of its answer.`, { cause })
  })
  const addresses = text.length > INFO_LENGTH_MAX ? [] : readAddresses(text)
  if (addresses.length === 0)
    throw new BootstrapError(`${url} is no bootstrap node: it names no address to connect to.`)
  return addresses
}

function readAddresses(text: string): Multiaddr[] {
  let info: Partial<BootstrapInfo> | null
  try {
    info = JSON.parse(text) as Partial<BootstrapInfo> | null
  } catch {
    // Not JSON: an ordinary web page, most likely. The caller says so.
    return []
  }
  const { peerId, multiaddrs } = info ?? {}
  if (typeof peerId !== 'string' || !Array.isArray(multiaddrs)) return []
  return multiaddrs.slice(0, ADDRESSES_MAX).flatMap((address: unknown) => readAddress(address, peerId))
}

/** An address as a list of one, or of none when it is not well-formed or names another peer. */
function readAddress(address: unknown, peerId: string): Multiaddr[] {
  if (typeof address !== 'string') return []
  try {
    const parsed = multiaddr(address)
    return parsed.getComponents().findLast(({ name }) => name === 'p2p')?.value === peerId ? [parsed] : []
  } catch {
    return []
  }
}
