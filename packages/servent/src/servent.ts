import type { Connection, IdentifyResult } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import type { GnutellaEvent, ServentId } from '@servent/gnutella'
import { type Commons, commonsOf } from '@servent/libp2p-host'
import { keywords } from '@servent/library'
import { toPeer } from '@servent/machine'
import {
  type Content,
  DownloadError,
  download,
  FileServer,
  type Sink,
  type TransferOptions,
  type UploadProgress,
} from '@servent/transfer'
import { TypedEventEmitter } from 'main-event'
import { CID } from 'multiformats/cid'
import { AddressPolicy } from './address-policy.ts'
import { Bootstraps } from './bootstraps.ts'
import { type GnutellaOverlay, gnutellaOverlay } from './gnutella-overlay.ts'
import { createPrivateKey, identityOf, nameOf, readPrivateKey } from './identity.ts'
import { Introducer } from './introducer.ts'
import { loadHosts, saveHosts } from './known-hosts.ts'
import { networkStatus, transportOf } from './network-status.ts'
import { createNode, hasWebRTC, relayedLimits, type ServentNode } from './node.ts'
import { Reach, UnreachableError } from './reach.ts'
import { Searches } from './searches.ts'
import { Shares } from './shares.ts'
import type {
  DownloadOptions,
  DownloadResult,
  Hit,
  LinkTarget,
  NetworkStatus,
  PeerIdentity,
  SearchOptions,
  Servent,
  ServentEvents,
  ServentOptions,
  Share,
} from './types.ts'

/** Ours: known hosts are kept this often, in milliseconds: a tab is closed without notice. */
const SAVE_HOSTS_MS = 30_000

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
  readonly #shares: Shares
  readonly #searches = new Searches()
  readonly #gnutella: GnutellaOverlay
  readonly #reach: Reach
  readonly #stopped = new AbortController()
  #saveTimer: ReturnType<typeof setInterval> | undefined
  #isStatusDue = false

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
      onConnected: (peer) => this.#gnutella.machine.connect(toPeer(peer)),
      onChange: () => this.#statusChanged(),
    })
    this.#introducer = new Introducer(node, relayedLimits(options), options.relay !== undefined)
    this.#server = new FileServer(node)
    this.#shares = new Shares(this.#server)
    this.#gnutella = gnutellaOverlay(node, this.#shares.library, options, (event) => this.#onGnutella(event))
    this.#reach = new Reach({
      node,
      introducer: this.#introducer,
      hasWebRTC: hasWebRTC(options),
      addressesOf: (peer) => this.#commons.addressBook.addressesOf(toPeer(peer.toString())),
      nameOf: (peer) => nameOf(peer.toString()),
    })
  }

  get status(): NetworkStatus {
    return networkStatus({
      node: this.#node,
      bootstraps: this.#bootstraps,
      hasWebRTC: hasWebRTC(this.#options),
      isNeighbor: (peerId) => this.#gnutella.machine.neighbors.includes(toPeer(peerId)),
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

  async start(): Promise<void> {
    for (const type of ['connection:open', 'connection:close', 'peer:identify'] as const) {
      this.#node.addEventListener(type, this.#statusChanged)
    }
    this.#server.addEventListener('upload', this.#onUpload)
    this.#introducer.start()
    await this.#node.start()
    await Promise.all([this.#server.start(), this.#gnutella.start()])
    this.#bootstraps.start()
    await this.#recallHosts()
  }

  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    this.#stopped.abort(new DownloadError('This peer has been stopped.', { reason: 'aborted' }))
    clearInterval(this.#saveTimer)
    await this.#keepHosts()
    this.#bootstraps.stop()
    this.#introducer.stop()
    this.#searches.stop()
    await Promise.all([this.#gnutella.stop(), this.#server.stop()])
    await this.#node.stop()
    this.#tellStatus()
  }

  async share(content: Content, options: TransferOptions = {}): Promise<Share> {
    const share = await this.#shares.add(content, options)
    this.#tellShares()
    return share
  }

  unshare(cid: string): void {
    if (this.#shares.remove(cid)) this.#tellShares()
  }

  search(words: string, options: SearchOptions = {}): AsyncGenerator<Hit> {
    const { machine } = this.#gnutella
    const isIndexQuery = keywords(words).length === 0
    const query = () => machine.query(isIndexQuery ? '' : words, options.ttl === undefined ? {} : { ttl: options.ttl })
    return this.#searches.run(this.#queryVerbs(query), () => true, options)
  }

  find(target: LinkTarget, options: SearchOptions = {}): AsyncGenerator<Hit> {
    const { machine } = this.#gnutella
    const { cid } = target
    const { bytes } = CID.parse(cid)
    const query = () =>
      machine.query(target.name, { cid: bytes, ...(options.ttl === undefined ? {} : { ttl: options.ttl }) })
    return this.#searches.run(this.#queryVerbs(query), (hit) => hit.cid === cid, options)
  }

  async download(hit: Hit, sink: Sink, options: DownloadOptions = {}): Promise<DownloadResult> {
    const signal = AbortSignal.any([this.#stopped.signal, ...(options.signal ? [options.signal] : [])])
    const peer = peerIdFromString(hit.peer.id)
    const connection = await this.#connectionTo(hit, signal, options).catch(async (error: unknown) => {
      await sink.abort()
      throw error
    })
    options.onStep?.(`Fetching from ${hit.peer.name}…`)
    const { durationMs } = await download(
      this.#node,
      { cid: CID.parse(hit.cid), size: hit.size, sources: [peer], sink },
      { signal, ...(options.onProgress ? { onProgress: options.onProgress } : {}) }
    )
    return { cid: hit.cid, size: hit.size, peer: hit.peer, transport: transportOf(connection), durationMs }
  }

  link(peerId: string): void {
    const peer = toPeer(peerId)
    this.#gnutella.machine.unblock(peer)
    this.#gnutella.machine.connect(peer)
  }

  unlink(peerId: string): void {
    this.#gnutella.machine.block(toPeer(peerId))
  }

  async #connectionTo(hit: Hit, signal: AbortSignal, { onStep }: DownloadOptions): Promise<Connection> {
    const { machine } = this.#gnutella
    try {
      return await this.#reach.direct(peerIdFromString(hit.peer.id), {
        signal,
        ...(onStep ? { onStep } : {}),
        push: () => machine.push(hit.serventId as ServentId, hit.fileIndex),
      })
    } catch (error) {
      if (error instanceof UnreachableError)
        throw new DownloadError(error.message, { reason: 'unreachable', cause: error })
      throw signal.aborted && !(error instanceof DownloadError)
        ? new DownloadError('The download was cancelled.', { reason: 'aborted', cause: error })
        : error
    }
  }

  #queryVerbs(query: () => ReturnType<GnutellaOverlay['machine']['query']>) {
    const { machine } = this.#gnutella
    return {
      query,
      forget: (guid: ReturnType<typeof query>) => machine.forget(guid),
      neighborCount: () => machine.neighbors.length,
    }
  }

  #onGnutella(event: GnutellaEvent): void {
    switch (event.type) {
      case 'neighbor-up':
      case 'neighbor-down':
        this.#statusChanged()
        break
      case 'query-hit':
        this.#searches.onQueryHit(event)
        break
      case 'push-requested':
        if (typeof event.peer === 'string') this.#answerPush(event.peer)
        break
      default:
        break
    }
  }

  /** Someone cannot reach us: we dial it, and it fetches over that connection. */
  #answerPush(peerId: string): void {
    const { signal } = this.#stopped
    this.#reach
      .direct(peerIdFromString(peerId), { signal, push: () => false })
      .catch((error: unknown) => this.#node.logger.forComponent('servent:push')('%s not reached: %s', peerId, error))
  }

  async #recallHosts(): Promise<void> {
    const { store } = this.#options
    if (store === undefined) return
    for (const host of await loadHosts(store, this.#commons)) this.#gnutella.machine.addHost(host)
    this.#saveTimer = setInterval(() => void this.#keepHosts(), SAVE_HOSTS_MS)
  }

  async #keepHosts(): Promise<void> {
    const { store } = this.#options
    const { neighbors, hosts } = this.#gnutella.machine
    try {
      if (store !== undefined)
        await saveHosts(store, [...new Set([...neighbors, ...hosts.map(({ peer }) => peer)])], this.#commons)
    } catch (error) {
      // A full disk must not stop a peer: it only starts slower the next time.
      this.#node.logger.forComponent('servent:known-hosts')('not kept: %s', error)
    }
  }

  readonly #onUpload = ({ detail }: CustomEvent<UploadProgress>): void => {
    const { peer, cid, name, sentBytes } = detail
    this.safeDispatchEvent('upload', { detail: { peer: identityOf(peer.toString()), cid, name, sentBytes } })
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

  #tellShares(): void {
    this.safeDispatchEvent('shares', { detail: this.shares })
  }
}

function bootstrapUrls({ bootstrap = [] }: ServentOptions): readonly string[] {
  return typeof bootstrap === 'string' ? [bootstrap] : bootstrap
}
