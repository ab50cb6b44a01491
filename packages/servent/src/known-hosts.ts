import { multiaddr } from '@multiformats/multiaddr'
import type { Commons } from '@servent/libp2p-host'
import { type Peer, toPeer } from '@servent/machine'
import type { ServentNode } from './node.ts'
import type { GnutellaOverlay } from './overlays/gnutella-overlay.ts'
import type { Store } from './types.ts'

/** Name under which they are kept. */
const STORE_KEY = 'known-hosts'
/** Ours: a few times the neighbors that a servent ever wants. */
const HOSTS_MAX = 50
/** Ours: addresses kept of each. */
const ADDRESSES_MAX = 4

/** Ours: how often they are kept, in milliseconds: a tab is closed without notice. */
const SAVE_MS = 30_000

interface KnownHost {
  readonly peer: string
  readonly addresses: readonly string[]
}

/** Keeps hosts that were up, with their addresses, for the next start: a network must not need its bootstrap nodes. */
export class KnownHosts {
  readonly #store: Store
  readonly #commons: Commons
  readonly #gnutella: GnutellaOverlay
  readonly #node: ServentNode
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(store: Store, commons: Commons, gnutella: GnutellaOverlay, node: ServentNode) {
    this.#store = store
    this.#commons = commons
    this.#gnutella = gnutella
    this.#node = node
  }

  /** Tells Gnutella of the hosts of the last run, and keeps those of this one from now on. */
  async start(): Promise<void> {
    for (const host of await loadHosts(this.#store, this.#commons)) this.#gnutella.addHost(host)
    this.#timer = setInterval(() => void this.#save(), SAVE_MS)
  }

  /** Keeps them once more. Never rejects. */
  stop(): Promise<void> {
    clearInterval(this.#timer)
    return this.#save()
  }

  async #save(): Promise<void> {
    const { neighbors, hosts } = this.#gnutella
    try {
      await saveHosts(this.#store, [...new Set([...neighbors, ...hosts])], this.#commons)
    } catch (error) {
      // A full disk must not stop a peer: it only starts slower the next time.
      this.#node.logger.forComponent('servent:known-hosts')('not kept: %s', error)
    }
  }
}

async function saveHosts(store: Store, hosts: readonly Peer[], { addressBook }: Commons): Promise<void> {
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
async function loadHosts(store: Store, { addressBook }: Commons): Promise<Peer[]> {
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
