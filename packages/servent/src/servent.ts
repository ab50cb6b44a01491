import type { AbortOptions, Connection, IdentifyResult } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { keyToHex } from '@servent/keyspace'
import { type Commons, commonsOf } from '@servent/libp2p-host'
import { toPeer } from '@servent/machine'
import { keyOfValue } from '@servent/records'
import {
  type Content,
  DownloadError,
  FileServer,
  type Sink,
  type TransferOptions,
  type UploadLimits,
  type UploadProgress,
  type Uploads,
} from '@servent/transfer'
import { TypedEventEmitter } from 'main-event'
import { Acquaintances } from './acquaintances.ts'
import { AddressPolicy } from './address-policy.ts'
import { Bootstraps } from './bootstraps.ts'
import { Fetcher } from './fetch/fetcher.ts'
import { PartialShares } from './fetch/partial-shares.ts'
import { Folders } from './folders.ts'
import { createPrivateKey, identityOf, nameOf, readPrivateKey } from './identity.ts'
import { Introducer } from './introducer.ts'
import { Keepers } from './keeper/keepers.ts'
import { KnownHosts } from './known-hosts.ts'
import { LateBitswap } from './late-bitswap.ts'
import { networkStatus } from './network-status.ts'
import { createNode, hasWebRTC, relayedLimits, type ServentNode } from './node.ts'
import { GnutellaOverlay } from './overlays/gnutella-overlay.ts'
import type { Way } from './overlays/lookup-overlay.ts'
import { LOOKUP_OVERLAYS, Lookups } from './overlays/lookups.ts'
import { NapsterOverlay } from './overlays/napster-overlay.ts'
import { Prober } from './probe/prober.ts'
import { Reach } from './reach.ts'
import { Searches } from './search/searches.ts'
import { Shares } from './shares.ts'
import type {
  DownloadOptions,
  DownloadResult,
  FolderListing,
  FolderPlace,
  FoundValue,
  Hit,
  LinkTarget,
  ListOptions,
  LookupOverlayName,
  LookupReport,
  NetworkStatus,
  PeerIdentity,
  ProbeReport,
  QuerySeen,
  SearchOptions,
  SearchOverlayName,
  Servent,
  ServentEvents,
  ServentOptions,
  Share,
  SharedFolder,
  StoredValue,
  Wanted,
} from './types.ts'

/** Ours: how long a request to a structured overlay may take, in milliseconds, dials included. */
const REQUEST_MS = 30_000

/** Ours: changes of the list of shares are told this far apart at least, in milliseconds: a person sees no more. */
const SHARES_MS = 100

/**
 * Starts a peer: resolves when it runs, whether or not anybody can be reached yet.
 *
 * ```ts
 * const peer = await createServent({ bootstrap: 'http://localhost:8080' })
 * for await (const hit of peer.search('jazz piano')) console.log(hit.name, hit.peer.name)
 * ```
 *
 * @throws Error of libp2p when it cannot listen where it was told to
 */
export async function createServent(options: ServentOptions = {}): Promise<Servent> {
  const privateKey = readPrivateKey(options.privateKey ?? (await createPrivateKey()))
  const node = await createNode(options, privateKey)
  const peer = new ServentPeer(node, options, identityOf(peerIdFromPrivateKey(privateKey).toString()))
  await peer.start()
  return peer
}

class ServentPeer extends TypedEventEmitter<ServentEvents> implements Servent {
  readonly identity: PeerIdentity
  readonly #node: ServentNode
  readonly #options: ServentOptions
  readonly #policy: AddressPolicy
  readonly #commons: Commons
  readonly #bootstraps: Bootstraps
  readonly #introducer: Introducer
  readonly #server: FileServer
  readonly #bitswap: LateBitswap
  readonly #shares: Shares
  readonly #searches: Searches
  readonly #gnutella: GnutellaOverlay | undefined
  readonly #napster: NapsterOverlay | undefined
  readonly #lookups: Lookups
  readonly #acquaintances: Acquaintances
  readonly #keepers: Keepers
  readonly #reach: Reach
  readonly #fetcher: Fetcher
  readonly #folders: Folders
  readonly #knownHosts: KnownHosts | undefined
  readonly #prober: Prober
  readonly #stopped = new AbortController()
  #isStatusDue = false
  #areSharesDue = false
  #sharesTimer: ReturnType<typeof setTimeout> | undefined

  constructor(node: ServentNode, options: ServentOptions, identity: PeerIdentity) {
    super()
    this.identity = identity
    this.#node = node
    this.#options = options
    this.#policy = new AddressPolicy(options.privateAddresses ?? false)
    const { connectionsMax } = options
    this.#commons = commonsOf(node, {
      acceptAddress: this.#policy.accepts,
      ...(connectionsMax === undefined ? {} : { connectionsMax }),
    })
    this.#bootstraps = new Bootstraps(node, bootstrapUrls(options), {
      onAddresses: (addresses) => {
        for (const address of addresses) this.#policy.trust(address)
      },
      onConnected: (peer) => this.#gnutella?.meetBootstrap(toPeer(peer)),
      onChange: () => this.#statusChanged(),
    })
    this.#introducer = new Introducer(node, relayedLimits(options), options.relay !== undefined)
    this.#server = new FileServer(node)
    this.#bitswap = new LateBitswap(node, this.#server.uploads)
    this.#shares = new Shares(this.#server)
    const listener = {
      onChange: () => this.#statusChanged(),
      onPushRequested: (peerId: string) => this.#answerPush(peerId),
      onQuerySeen: (query: QuerySeen) => void this.safeDispatchEvent('query', { detail: query }),
    }
    const { library } = this.#shares
    this.#gnutella = options.gnutella === 'off' ? undefined : new GnutellaOverlay(node, library, options, listener)
    this.#napster = options.napster === 'off' ? undefined : new NapsterOverlay(node, library, options, listener)
    this.#lookups = new Lookups(node, this.#commons, options.lookups ?? LOOKUP_OVERLAYS, () => this.#statusChanged())
    this.#searches = new Searches(this.#gnutella?.search, this.#napster?.search, this.#lookups)
    this.#keepers = new Keepers(node, options.keeper === true, () => this.#statusChanged())
    this.#acquaintances = new Acquaintances({
      node,
      commons: this.#commons,
      target: options.acquaintances,
      hosts: () => this.#gnutella?.hosts ?? [],
      isBootstrap: (peerId) => this.#bootstraps.isBootstrap(peerId),
    })
    this.#reach = new Reach({
      node,
      introducer: this.#introducer,
      hasWebRTC: hasWebRTC(options),
      addressesOf: (peer) => this.#commons.addressBook.addressesOf(toPeer(peer.toString())),
      nameOf: (peer) => nameOf(peer.toString()),
    })
    this.#prober = new Prober({
      node,
      find: (target, search) => this.find(target, search),
      isNear: (peerId) =>
        this.#bootstraps.isBootstrap(peerId) || this.#gnutella?.neighbors.includes(toPeer(peerId)) === true,
    })
    this.#fetcher = new Fetcher({
      reach: this.#reach,
      server: new PartialShares({
        server: this.#server,
        isShared: (cid) => this.#shares.get(cid) !== undefined,
        provide: (cid) => this.#lookups.provide(cid),
        stopProviding: (cid) => this.#lookups.stopProviding(cid),
      }),
      push: (source) => this.#gnutella?.push(source) === true || this.#napster?.push(source) === true,
      find: (target, search) => this.find(target, search),
    })
    this.#folders = new Folders(node, this.#server, this.#reach, this.#searches, this.#lookups)
    this.#knownHosts =
      options.store && this.#gnutella && new KnownHosts(options.store, this.#commons, this.#gnutella, node)
  }

  get status(): NetworkStatus {
    return networkStatus({
      node: this.#node,
      bootstraps: this.#bootstraps,
      hasWebRTC: hasWebRTC(this.#options),
      gnutella: this.#gnutella,
      napster: this.#napster,
      lookups: this.lookupOverlays,
      keepers: this.#keepers,
    })
  }

  get multiaddrs(): readonly string[] {
    return this.#node.getMultiaddrs().map(String)
  }

  get listeners(): readonly string[] {
    return this.#node.services.listeners.addresses().map(String)
  }

  get protocols(): readonly string[] {
    return this.#node.getProtocols()
  }

  get shares(): readonly Share[] {
    return this.#shares.list
  }

  get uploads(): Uploads {
    return this.#server.uploads
  }

  async start(): Promise<void> {
    for (const type of ['connection:open', 'connection:close', 'peer:identify'] as const) {
      this.#node.addEventListener(type, this.#statusChanged)
    }
    this.#server.addEventListener('upload', this.#onUpload)
    this.#introducer.start()
    await this.#node.start()
    await Promise.all([
      this.#server.start(),
      this.#gnutella?.start(),
      this.#napster?.start(),
      this.#keepers.start(),
      this.#prober.start(),
    ])
    this.#bootstraps.start()
    this.#acquaintances.start()
    this.#lookups.start()
    this.#bitswap.start()
    await this.#knownHosts?.start()
  }

  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    this.#stopped.abort(new DownloadError('This peer has been stopped.', { reason: 'aborted' }))
    await this.#knownHosts?.stop()
    clearTimeout(this.#sharesTimer)
    this.#bootstraps.stop()
    this.#acquaintances.stop()
    this.#introducer.stop()
    this.#searches.stop()
    await Promise.all([
      this.#gnutella?.stop(),
      this.#napster?.stop(),
      this.#keepers.stop(),
      this.#prober.stop(),
      this.#lookups.stop(),
      this.#bitswap.stop(),
      this.#server.stop(),
    ])
    await this.#node.stop()
    this.#tellStatus()
  }

  async share(content: Content, options: TransferOptions = {}): Promise<Share> {
    const share = await this.#shares.add(content, options)
    this.#lookups.provide(share.cid)
    this.#tellShares()
    return share
  }

  unshare(cid: string): void {
    if (!this.#shares.remove(cid)) return
    this.#lookups.stopProviding(cid)
    this.#tellShares()
  }

  shareFolder(name: string, files: readonly FolderPlace[]): Promise<SharedFolder> {
    return this.#folders.share(name, files)
  }

  unshareFolder(cid: string): void {
    this.#folders.unshare(cid)
  }

  setUploadLimits(limits: Partial<UploadLimits>): void {
    this.#server.setLimits(limits)
  }

  get searchOverlays(): readonly SearchOverlayName[] {
    return this.#searches.searchable.map(({ name }) => name)
  }

  search(words: string, options: SearchOptions = {}): AsyncGenerator<Hit> {
    return this.#searches.search(words, options)
  }

  browse(peerId: string, options: SearchOptions = {}): AsyncGenerator<Hit> {
    return this.#searches.browse(peerId, options)
  }

  find(target: LinkTarget, options: SearchOptions = {}): AsyncGenerator<Hit> {
    return this.#searches.find(target, options)
  }

  async probe(cid: string, { signal }: AbortOptions = {}): Promise<ProbeReport> {
    const share = this.#shares.get(cid)
    if (share === undefined) throw new RangeError('Only what is shared here can be looked for by others.')
    return this.#prober.probe({ cid, name: share.name, size: share.size }, signal)
  }

  list(target: LinkTarget, options: ListOptions = {}): Promise<FolderListing> {
    return this.#folders.list(target, { ...options, signal: this.#untilStopped(options) })
  }

  download(file: Wanted, sink: Sink, options: DownloadOptions = {}): Promise<DownloadResult> {
    return this.#fetcher.fetch(file, sink, this.#untilStopped(options), options)
  }

  get lookupOverlays(): readonly LookupOverlayName[] {
    return this.#lookups.overlays.map(({ name }) => name)
  }

  async put(overlay: LookupOverlayName, value: Uint8Array, options: AbortOptions = {}): Promise<StoredValue> {
    const startedAt = performance.now()
    const signal = this.#signalOf(options)
    const { replicas, ...way } = await (await this.#lookups.named(overlay, signal)).put(value, signal)
    return { ...reportOf(overlay, keyToHex(keyOfValue(value)), way, startedAt), replicas }
  }

  async get(overlay: LookupOverlayName, key: string, options: AbortOptions = {}): Promise<FoundValue> {
    if (!/^[0-9a-f]{40}$/.test(key)) throw new RangeError('A key is 40 hexadecimal digits.')
    const startedAt = performance.now()
    const bytes = Uint8Array.from({ length: 20 }, (_, i) => Number.parseInt(key.slice(2 * i, 2 * i + 2), 16))
    const signal = this.#signalOf(options)
    const { value, ...way } = await (await this.#lookups.named(overlay, signal)).get(bytes, signal)
    return { ...reportOf(overlay, key, way, startedAt), value }
  }

  link(peerId: string): void {
    this.#gnutella?.link(peerId)
  }

  unlink(peerId: string): void {
    this.#gnutella?.unlink(peerId)
  }

  #untilStopped({ signal }: AbortOptions): AbortSignal {
    return AbortSignal.any([this.#stopped.signal, ...(signal ? [signal] : [])])
  }

  #signalOf({ signal }: AbortOptions): AbortSignal {
    return AbortSignal.any([this.#untilStopped({ signal }), AbortSignal.timeout(REQUEST_MS)])
  }

  /** Someone cannot reach us: we dial it, and it fetches over that connection. */
  #answerPush(peerId: string): void {
    const { signal } = this.#stopped
    this.#reach
      .direct(peerIdFromString(peerId), { signal, push: () => false })
      .catch((error: unknown) => this.#node.logger.forComponent('servent:push')('%s not reached: %s', peerId, error))
  }

  readonly #onUpload = ({ detail }: CustomEvent<UploadProgress>): void => {
    this.safeDispatchEvent('upload', { detail: { ...detail, peer: identityOf(detail.peer.toString()) } })
    this.#tellShares()
  }

  /** Many things change the status at once: it is told once, when they have all happened. */
  readonly #statusChanged = (_event?: CustomEvent<Connection | IdentifyResult>): void => {
    if (this.#isStatusDue) return
    this.#isStatusDue = true
    queueMicrotask(() => this.#tellStatus())
  }

  #tellStatus(): void {
    this.#isStatusDue = false
    this.safeDispatchEvent('status', { detail: this.status })
  }

  /** At once, and then not again for a while: of a folder with thousands of files the list is long, and changes with each. */
  #tellShares(): void {
    this.#areSharesDue = true
    if (this.#sharesTimer !== undefined || this.#stopped.signal.aborted) return
    this.#sharesTimer = setTimeout(() => {
      this.#sharesTimer = undefined
      if (this.#areSharesDue) this.#tellShares()
    }, SHARES_MS)
    this.#areSharesDue = false
    this.safeDispatchEvent('shares', { detail: this.shares })
  }
}

function reportOf(overlay: LookupOverlayName, key: string, { path, timeouts }: Way, startedAt: number): LookupReport {
  return { overlay, key, path: path.map(identityOf), timeouts, durationMs: performance.now() - startedAt }
}

function bootstrapUrls({ bootstrap = [] }: ServentOptions): readonly string[] {
  return typeof bootstrap === 'string' ? [bootstrap] : bootstrap
}
