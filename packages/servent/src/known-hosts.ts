import { multiaddr } from '@multiformats/multiaddr'
import type { Commons } from '@servent/libp2p-host'
import { type Peer, toPeer } from '@servent/machine'
import type { Store } from './types.ts'

/** Name under which they are kept. */
const STORE_KEY = 'known-hosts'
/** Ours: a few times the neighbors that a servent ever wants. */
const HOSTS_MAX = 50
/** Ours: addresses kept of each. */
const ADDRESSES_MAX = 4

interface KnownHost {
  readonly peer: string
  readonly addresses: readonly string[]
}

/** Keeps hosts that were up, with their addresses, for the next start: a network must not need its bootstrap nodes. */
export async function saveHosts(store: Store, hosts: readonly Peer[], { addressBook }: Commons): Promise<void> {
  const known: KnownHost[] = hosts.slice(0, HOSTS_MAX).map((peer) => ({
    peer: String(peer),
    addresses: addressBook.addressesOf(peer).slice(0, ADDRESSES_MAX).map(String),
  }))
  await store.put(
    STORE_KEY,
    new TextEncoder().encode(JSON.stringify(known.filter(({ addresses }) => addresses.length > 0)))
  )
}

/** Hosts of the last run, their addresses learnt again. What cannot be read is left out: the file may be of another version. */
export async function loadHosts(store: Store, { addressBook }: Commons): Promise<Peer[]> {
  const bytes = await store.get(STORE_KEY)
  if (bytes === undefined) return []
  const peers: Peer[] = []
  for (const { peer, addresses } of parseHosts(new TextDecoder().decode(bytes))) {
    const isLearnt = addresses.map((address) => {
      try {
        return addressBook.learn(toPeer(peer), multiaddr(address), false) === undefined
      } catch {
        // Not an address of this version of libp2p.
        return false
      }
    })
    if (isLearnt.includes(true)) peers.push(toPeer(peer))
  }
  return peers
}

function parseHosts(text: string): KnownHost[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return []
  }
  return Array.isArray(parsed) ? parsed.slice(0, HOSTS_MAX).filter(isKnownHost) : []
}

function isKnownHost(value: unknown): value is KnownHost {
  if (typeof value !== 'object' || value === null) return false
  const { peer, addresses } = value as Partial<KnownHost>
  return (
    typeof peer === 'string' && Array.isArray(addresses) && addresses.every((address) => typeof address === 'string')
  )
}
