import {
  type AbortOptions,
  type ContentRouting,
  contentRoutingSymbol,
  NotFoundError,
  NotStartedError,
  type PeerId,
  type PeerInfo,
  type PeerRouting,
  type Provider,
  peerRoutingSymbol,
  type RoutingOptions,
  serviceCapabilities,
} from '@libp2p/interface'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Key, keyFromBytes, keysEqual } from '@servent/keyspace'
import { type Peer, type Protocol, toPeer } from '@servent/machine'
import {
  type FindDone,
  type GetDone,
  hashedValue,
  keyOfContent,
  type LookupDone,
  type ProviderFound,
  type PutDone,
  RECORD_LIMITS,
  type RequestId,
  type StructuredEvent,
  type StructuredMachine,
  type ValueRecord,
} from '@servent/records'
import type { CID } from 'multiformats/cid'
import { decode as decodeMultihash } from 'multiformats/hashes/digest'
import { OverlayRequestError, UnsupportedKeyError } from './errors.ts'
import type { OverlayComponents } from './node.ts'
import { type OverlayOptions, OverlayService } from './overlay-service.ts'

/** What a request tells while it runs: its end, with the way it took, or a provider. */
export interface StructuredProgress {
  readonly type: 'servent:lookup' | 'servent:put' | 'servent:get' | 'servent:provider' | 'servent:find'
  readonly detail: StructuredEvent
}

/** Options of every call. */
export interface StructuredOptions extends AbortOptions {
  onProgress?: (event: StructuredProgress) => void
}

/** What differs from the defaults of a protocol, and of the host that runs it. */
export type StructuredInit<Message, Config, M> = Partial<Config> &
  Pick<OverlayOptions<Message, StructuredEvent, M>, 'commons' | 'limits' | 'runOnLimitedConnection' | 'dropPriority'>

type Failed = Extract<StructuredEvent, { readonly reason: string }>
type Done = LookupDone | PutDone | GetDone | FindDone

interface Waiting {
  onDone(done: Done): void
  onFailed(failed: Failed): void
  onProvider(found: ProviderFound): void
  onStopped(error: Error): void
}

/** What a request says when it is done. */
const PROGRESS_OF: Readonly<Partial<Record<StructuredEvent['type'], StructuredProgress['type']>>> = {
  'lookup-done': 'servent:lookup',
  'put-done': 'servent:put',
  'get-done': 'servent:get',
  'find-done': 'servent:find',
  'provider-found': 'servent:provider',
}

/** Ours: how long a value that is put by libp2p's interface, which says nothing of time, is kept, in milliseconds. */
const PUT_TTL_MS = 24 * 3_600_000

/** Ours: those next to each other in the identifier space exchange something every ten seconds; whoever does not is a contact. */
const LINK_IDLE_MS = 45_000

/** The digest of SHA-256 in a multihash, from the multicodec table. */
const SHA2_256 = 0x12

/**
 * A structured overlay as a libp2p service: promises and async iterators over the verbs and events that all of them have in
 * common. It gives libp2p content routing and peer routing, so that whatever uses those works over it.
 *
 * A content is found by the multihash in its CID. Values prove themselves, so `put` takes the hash of the value as its key
 * and nothing else; it is no part of libp2p's content routing, where a router that refuses fails the call for all.
 */
export class StructuredService<Message extends { readonly type: string }, Config, M extends StructuredMachine<Message>>
  extends OverlayService<Message, StructuredEvent, Config, M>
  implements ContentRouting, PeerRouting
{
  readonly #waiting = new Map<RequestId, Waiting>()
  readonly #name: string

  constructor(
    components: OverlayComponents,
    protocol: Protocol<Message, StructuredEvent, Config, M>,
    init: StructuredInit<Message, Config, M>
  ) {
    const { commons, limits, runOnLimitedConnection, dropPriority, ...config } = init
    super(components, protocol, config as Partial<Config>, {
      ...(commons === undefined ? {} : { commons }),
      limits: { linkIdleMs: LINK_IDLE_MS, ...limits },
      ...(runOnLimitedConnection === undefined ? {} : { runOnLimitedConnection }),
      ...(dropPriority === undefined ? {} : { dropPriority }),
      onPeerFound: (peer, machine) => machine.addContact(peer),
    })
    // '/servent/pastry/1.0.0' is pastry.
    this.#name = protocol.id.split('/')[2] ?? protocol.id
    this.#listen()
  }

  get [contentRoutingSymbol](): Partial<ContentRouting> {
    return {
      provide: (cid, options) => this.provide(cid, options),
      cancelReprovide: (cid) => this.cancelReprovide(cid),
      findProviders: (cid, options) => this.findProviders(cid, options),
      get: (key, options) => this.get(key, options),
    }
  }

  get [peerRoutingSymbol](): PeerRouting {
    return {
      findPeer: (id, options) => this.findPeer(id, options),
      getClosestPeers: (key, options) => this.getClosestPeers(key, options),
    }
  }

  override get [serviceCapabilities](): string[] {
    return [...super[serviceCapabilities], '@libp2p/content-routing', '@libp2p/peer-routing']
  }

  /** Those next to us in the identifier space. */
  override get neighbors(): readonly Peer[] {
    return this.machine.neighbors
  }

  /**
   * Finds whoever a key belongs to, with the way to it.
   *
   * @throws OverlayRequestError if nobody was found, or the signal's reason when it fires
   */
  async lookup(key: Key, options: StructuredOptions = {}): Promise<LookupDone> {
    return (await this.#request(() => this.machine.lookup(key), options)) as LookupDone
  }

  /**
   * Stores a value with those responsible.
   *
   * @throws OverlayRequestError whose reason is why nobody keeps it
   */
  async putRecord(record: ValueRecord, options: StructuredOptions = {}): Promise<PutDone> {
    return (await this.#request(() => this.machine.put(record), options)) as PutDone
  }

  /**
   * The values under a key: of signed ones the newest.
   *
   * @throws OverlayRequestError with the reason `not-found`, or why nobody was asked
   */
  async getRecords(key: Key, options: StructuredOptions = {}): Promise<GetDone> {
    return (await this.#request(() => this.machine.get(key), options)) as GetDone
  }

  /** Says that this node has a content, now and again until `cancelReprovide`. */
  async provide(cid: CID, options: RoutingOptions = {}): Promise<void> {
    await this.#request(() => this.machine.provide(keyOfContent(cid.multihash.bytes)), options)
  }

  /** Says so no more; what was said expires. */
  async cancelReprovide(cid: CID): Promise<void> {
    this.machine.stopProviding(keyOfContent(cid.multihash.bytes))
  }

  /** Peers that say they have a content. Ends without any if nobody could be asked. */
  async *findProviders(cid: CID, options: RoutingOptions = {}): AsyncGenerator<Provider> {
    for await (const peer of this.findProvidersOf(keyOfContent(cid.multihash.bytes), options)) {
      const found = this.#toPeerInfo(peer)
      if (found !== undefined) yield { ...found, routing: this.#name }
    }
  }

  /** The same by the overlay's own key, and as its peers. */
  async *findProvidersOf(key: Key, options: StructuredOptions = {}): AsyncGenerator<Peer> {
    const queue: Peer[] = []
    let wake: (() => void) | undefined
    let isOver = false
    const onProvider = (peer: Peer): void => {
      queue.push(peer)
      wake?.()
    }
    const over = this.#request(() => this.machine.findProviders(key), options, onProvider)
      .then(
        () => undefined,
        (error: unknown) => error
      )
      .finally(() => {
        isOver = true
        wake?.()
      })
    while (!isOver || queue.length > 0) {
      const peer = queue.shift()
      if (peer !== undefined) yield peer
      else await new Promise<void>((resolve) => (wake = resolve))
    }
    const error = await over
    if (error === undefined) return
    // One router that throws would end the search of all.
    if (!(error instanceof OverlayRequestError)) throw error
    this.log('no providers: %s', error.reason)
  }

  /**
   * Stores a value under its own hash for a day.
   *
   * @param key - SHA-256 of the value: as multihash, as digest, or its first twenty bytes
   * @throws UnsupportedKeyError if it is something else
   */
  async put(key: Uint8Array, value: Uint8Array, options: RoutingOptions = {}): Promise<void> {
    const record = hashedValue(value, Math.min(PUT_TTL_MS, RECORD_LIMITS.ttlMsMax))
    if (!keysEqual(record.key, keyOfHash(key))) throw new UnsupportedKeyError()
    await this.putRecord(record, options)
  }

  /**
   * The value whose hash is the key: see {@link put}.
   *
   * @throws UnsupportedKeyError, NotFoundError
   */
  async get(key: Uint8Array, options: RoutingOptions = {}): Promise<Uint8Array> {
    const [record] = (await this.getRecords(keyOfHash(key), options)).values
    if (record === undefined) throw new NotFoundError()
    return record.value
  }

  /**
   * Where a peer can be reached.
   *
   * @throws NotFoundError
   */
  async findPeer(id: PeerId, options: RoutingOptions = {}): Promise<PeerInfo> {
    const peer = toPeer(id.toString())
    const known = this.#toPeerInfo(peer)
    if (known !== undefined && known.multiaddrs.length > 0) return known
    const { peerIds } = this.runner.commons
    // A message that names a peer says how to reach it: once it was named, its addresses are known.
    await this.lookup(peerIds.keyOf(peer), options)
    const found = this.#toPeerInfo(peer)
    if (found === undefined || found.multiaddrs.length === 0) throw new NotFoundError()
    return found
  }

  /** The peer that a key belongs to, then those on the way there, the last first. */
  async *getClosestPeers(key: Uint8Array, options: RoutingOptions = {}): AsyncGenerator<PeerInfo> {
    const { responsible, path } = await this.lookup(keyFromBytes(sha256(key)), options)
    for (const peer of new Set([responsible, ...path.toReversed()])) {
      const found = this.#toPeerInfo(peer)
      if (found !== undefined) yield found
    }
  }

  override async beforeStop(): Promise<void> {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const each of waiting) each.onStopped(new NotStartedError('the overlay has stopped'))
    await super.beforeStop()
  }

  async #request(
    begin: () => RequestId,
    { signal, onProgress }: StructuredOptions,
    onProvider: (peer: Peer) => void = () => undefined
  ): Promise<Done> {
    signal?.throwIfAborted()
    if (!this.runner.isStarted) throw new NotStartedError('the overlay has not started')
    const id = begin()
    const report = (event: StructuredEvent): void => {
      const type = PROGRESS_OF[event.type]
      if (type !== undefined) onProgress?.({ type, detail: event })
    }
    let onAbort: (() => void) | undefined
    try {
      return await new Promise<Done>((resolve, reject) => {
        onAbort = () => reject(signal?.reason)
        signal?.addEventListener('abort', onAbort)
        this.#waiting.set(id, {
          // First what was asked for: a listener that throws must not keep it from coming.
          onDone: (done) => {
            resolve(done)
            report(done)
          },
          onFailed: ({ reason }) => reject(new OverlayRequestError(reason)),
          onProvider: (found) => {
            onProvider(found.peer)
            report(found)
          },
          onStopped: reject,
        })
      })
    } finally {
      this.#waiting.delete(id)
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
    }
  }

  #listen(): void {
    for (const type of ['lookup-done', 'put-done', 'get-done', 'find-done'] as const) {
      this.addEventListener(type, ({ detail }) => this.#waiting.get(detail.id)?.onDone(detail))
    }
    for (const type of ['lookup-failed', 'put-failed', 'get-failed', 'find-failed'] as const) {
      this.addEventListener(type, ({ detail }) => this.#waiting.get(detail.id)?.onFailed(detail))
    }
    this.addEventListener('provider-found', ({ detail }) => this.#waiting.get(detail.id)?.onProvider(detail))
  }

  #toPeerInfo(peer: Peer): PeerInfo | undefined {
    const { peerIds, addressBook } = this.runner.commons
    const id = peerIds.idOf(peer)
    return id === undefined ? undefined : { id, multiaddrs: addressBook.addressesOf(peer) }
  }
}

/** The overlay's key of a hash. */
function keyOfHash(key: Uint8Array): Key {
  if (key.length === 20 || key.length === 32) return keyFromBytes(key)
  try {
    const { code, digest } = decodeMultihash(key)
    if (code === SHA2_256 && digest.length === 32) return keyFromBytes(digest)
  } catch (cause) {
    throw new UnsupportedKeyError(undefined, { cause })
  }
  throw new UnsupportedKeyError()
}
