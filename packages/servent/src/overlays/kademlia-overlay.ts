import type { PeerInfo } from '@libp2p/interface'
import { EventTypes, type KadDHT, type KadDHTInit, passthroughMapper, type QueryEvent } from '@libp2p/kad-dht'
import { keyToBytes } from '@servent/keyspace'
import type { Commons } from '@servent/libp2p-host'
import { toPeer } from '@servent/machine'
import { keyOfValue, RECORD_LIMITS } from '@servent/records'
import type { CID } from 'multiformats/cid'
import { LookupError, type LookupOverlay, type ProviderListener, type Way } from './lookup-overlay.ts'

/** Ours: keys of values that prove themselves, as kad-dht names them: a namespace, and what it means in it. */
const NAMESPACE = 'servent'

/** Ours: who keeps a record, as in Pastry, Chord and CAN here. The paper has 20, for a network that is larger and churns more. */
const K = 8

/** Ours: peers kept of one way, and providers taken of one question: a query of K = 8 asks some twenty. */
const PEERS_MAX = 64

/** Ours: a network of its own. */
export const KADEMLIA_PROTOCOL = '/servent/kad/1.0.0'

/** Kademlia for a network of its own: the ecosystem's, under another protocol id, so that it never meets the public one. */
export const kademliaInit: KadDHTInit = {
  protocol: KADEMLIA_PROTOCOL,
  // Said, not found out: by itself kad-dht is a server only where it sees a public address.
  clientMode: false,
  // Which addresses are fit is decided where they are learnt; kad-dht would leave out private ones, and with them a classroom.
  peerInfoMapper: passthroughMapper,
  kBucketSize: K,
  // Without anybody a query ends at once instead of waiting for somebody.
  allowQueryWithZeroPeers: true,
  validators: {
    [NAMESPACE]: (key, value) => {
      if (value.length > RECORD_LIMITS.valueBytesMax) throw new Error('larger than any value may be')
      const proof = kademliaKey(keyToBytes(keyOfValue(value)))
      if (proof.length !== key.length || proof.some((byte, i) => byte !== key[i]))
        throw new Error('not the hash of the value')
    },
  },
  // A key has one value.
  selectors: { [NAMESPACE]: () => 0 },
}

/** What is asked of kad-dht. */
export type KademliaCalls = Pick<KadDHT, 'provide' | 'cancelReprovide' | 'findProviders' | 'put' | 'get'>

/** The ecosystem's Kademlia beside our own overlays. */
export class KademliaOverlay implements LookupOverlay {
  readonly name = 'kademlia' as const
  readonly #dht: KademliaCalls
  readonly #self: string
  readonly #commons: Pick<Commons, 'addressBook'>

  constructor(dht: KademliaCalls, self: string, commons: Pick<Commons, 'addressBook'>) {
    this.#dht = dht
    this.#self = self
    this.#commons = commons
  }

  async provide(cid: CID, signal: AbortSignal): Promise<void> {
    const { replicas } = await this.#follow(this.#dht.provide(cid, { signal }))
    signal.throwIfAborted()
    if (replicas === 0) throw new LookupError('Kademlia knows nobody else yet.')
  }

  async stopProviding(cid: CID): Promise<void> {
    await this.#dht.cancelReprovide(cid)
  }

  async findProviders(cid: CID, listener: ProviderListener, signal: AbortSignal): Promise<void> {
    const told = new Set<string>()
    const onEvent = (event: QueryEvent, way: Way): void => {
      listener.onWay(way)
      if (event.type !== EventTypes.PROVIDER) return
      for (const provider of event.providers) {
        const id = provider.id.toString()
        if (id === this.#self || told.has(id) || told.size >= PEERS_MAX) continue
        told.add(id)
        this.#learn(provider)
        listener.onProvider(id)
      }
    }
    await this.#follow(this.#dht.findProviders(cid, { signal }), onEvent)
  }

  async put(value: Uint8Array, signal: AbortSignal): Promise<Way & { readonly replicas: number }> {
    if (value.length > RECORD_LIMITS.valueBytesMax)
      throw new LookupError(`Kademlia keeps values of up to ${RECORD_LIMITS.valueBytesMax} bytes.`)
    const key = kademliaKey(keyToBytes(keyOfValue(value)))
    const done = await this.#follow(this.#dht.put(key, value, { signal }))
    signal.throwIfAborted()
    if (done.replicas === 0) throw new LookupError('Kademlia knows nobody else yet.')
    return done
  }

  async get(key: Uint8Array, signal: AbortSignal): Promise<Way & { readonly value: Uint8Array }> {
    let found: (Way & { readonly value: Uint8Array }) | undefined
    try {
      await this.#follow(this.#dht.get(kademliaKey(key), { signal }), (event, way) => {
        if (event.type === EventTypes.VALUE) found ??= { ...way, value: event.value }
      })
    } catch (error) {
      // It throws when one peer refuses to be corrected, whatever it has found by then.
      if (found === undefined && !(error instanceof Error && error.name === 'NotFoundError')) throw error
    }
    if (found === undefined) signal.throwIfAborted()
    if (found === undefined) throw new LookupError('Kademlia has nothing under this key.', { isNotFound: true })
    return found
  }

  /**
   * Follows a query to its end. Kademlia asks by itself, so its way is who answered, in order. A query that is cut short
   * while kad-dht stops ends like one that is done.
   */
  async #follow(
    query: AsyncIterable<QueryEvent>,
    onEvent: (event: QueryEvent, way: Way) => void = () => undefined
  ): Promise<Way & { readonly replicas: number }> {
    const path = [this.#self]
    let timeouts = 0
    let replicas = 0
    for await (const event of query) {
      if (event.type === EventTypes.PEER_RESPONSE) {
        const from = event.from.toString()
        if (path.length < PEERS_MAX && !path.includes(from)) path.push(from)
        if (event.messageName === 'PUT_VALUE' || event.messageName === 'ADD_PROVIDER') replicas++
      }
      if (event.type === EventTypes.QUERY_ERROR) timeouts++
      onEvent(event, { path: [...path], timeouts })
    }
    return { path, timeouts, replicas }
  }

  /** How to reach a provider: what dials peers here asks the address book. */
  #learn({ id, multiaddrs }: PeerInfo): void {
    for (const address of multiaddrs) this.#commons.addressBook.learn(toPeer(id.toString()), address, false)
  }
}

/** `/servent/` and the 20 bytes of the key. */
function kademliaKey(key: Uint8Array): Uint8Array {
  const prefix = new TextEncoder().encode(`/${NAMESPACE}/`)
  const bytes = new Uint8Array(prefix.length + key.length)
  bytes.set(prefix)
  bytes.set(key, prefix.length)
  return bytes
}
