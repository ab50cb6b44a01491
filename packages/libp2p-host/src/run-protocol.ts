import type { Logger, Startable } from '@libp2p/interface'
import { type Machine, type Peer, type Protocol, toPeer } from '@servent/machine'
import { type Commons, commonsOf } from './commons.ts'
import { Drops } from './drops.ts'
import { toError } from './errors.ts'
import { Libp2pHost, type Traffic } from './libp2p-host.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { LinkTable } from './link-table.ts'
import type { OverlayNode } from './node.ts'
import { Libp2pPeerCodec } from './peer-codec.ts'

export interface RunnerOptions<Message, Event> {
  /** Told what the machine emits, after it has returned. */
  onEvent?: (event: Event) => void
  /** Told of each connected peer that speaks the protocol, as identify finds out: whom to connect to is the machine's choice. */
  onPeerFound?: (peer: Peer) => void
  /** What to keep when a peer reads too slowly: a higher priority is kept longer, the oldest of the lowest goes first. Default 0. */
  dropPriority?: (message: Message) => number
  limits?: Partial<Limits>
  /** Whether to run through relays with limits too. Default false. */
  runOnLimitedConnection?: boolean
  /** What this overlay shares with the others of the node. Default {@link commonsOf} the node. */
  commons?: Commons
}

/** One machine of one protocol on one libp2p node. */
export interface ProtocolRunner<M> extends Startable {
  readonly self: Peer
  /** The running machine, whose verbs may be called at any time. A new one after each `start`. */
  readonly machine: M
  readonly isStarted: boolean
  /** Peers with an open link. */
  readonly neighbors: readonly Peer[]
  /** What was dropped, by reason, since the runner was made. */
  readonly drops: ReadonlyMap<string, number>
  readonly traffic: Readonly<Traffic>
  readonly commons: Commons
  /** Bytes that wait to be sent, to all peers together. */
  readonly outboxBytes: number
  /** @throws DuplicateProtocolHandlerError if the node runs the protocol already */
  start(): Promise<void>
  /** Stops the machine, sends what it still has to say and closes its streams. Silence follows. */
  stop(): Promise<void>
}

/**
 * Makes a runner of one protocol: it does nothing before `start`.
 *
 * @param node - a node made by `createLibp2p`, or `nodeFromComponents` within a service
 * @param config - what differs from the protocol's defaults
 */
export function runProtocol<Message extends { readonly type: string }, Event, Config, M extends Machine<Message>>(
  node: OverlayNode,
  protocol: Protocol<Message, Event, Config, M>,
  config: Partial<Config> = {},
  options: RunnerOptions<Message, Event> = {}
): ProtocolRunner<M> {
  return new Runner(node, protocol, { ...protocol.defaults, ...config }, options)
}

class Runner<Message extends { readonly type: string }, Event, Config, M extends Machine<Message>>
  implements ProtocolRunner<M>
{
  readonly self: Peer
  readonly commons: Commons
  readonly #node: OverlayNode
  readonly #protocol: Protocol<Message, Event, Config, M>
  readonly #config: Readonly<Config>
  readonly #options: RunnerOptions<Message, Event>
  readonly #limits: Limits
  readonly #log: Logger
  readonly #drops: Drops
  #host: Libp2pHost<Message, Event>
  #links: LinkTable
  #machine: M
  #phase: 'new' | 'started' | 'stopped' = 'new'
  #topologyId = ''

  constructor(
    node: OverlayNode,
    protocol: Protocol<Message, Event, Config, M>,
    config: Readonly<Config>,
    options: RunnerOptions<Message, Event>
  ) {
    this.self = toPeer(node.peerId.toString())
    this.commons = options.commons ?? commonsOf(node)
    this.#node = node
    this.#protocol = protocol
    this.#config = config
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    const name = protocol.id.replace(/^\/+/, '').replace(/\W+/g, '_')
    this.#log = node.logger.forComponent(`servent:${name}`)
    this.#drops = new Drops(this.#dropMetric(name))
    this.#registerGauges(name)
    this.#host = this.#makeHost()
    this.#links = this.#makeLinks()
    this.#machine = protocol.create(this.#host, config)
  }

  get machine(): M {
    return this.#machine
  }

  get isStarted(): boolean {
    return this.#phase === 'started'
  }

  get neighbors(): readonly Peer[] {
    return this.#links.peers()
  }

  get drops(): ReadonlyMap<string, number> {
    return this.#drops.counts
  }

  get traffic(): Readonly<Traffic> {
    return this.#host.traffic
  }

  get outboxBytes(): number {
    return this.#links.outboxBytes
  }

  async start(): Promise<void> {
    if (this.#phase === 'started') return
    if (this.#phase === 'stopped') this.#renew()
    const { id } = this.#protocol
    const { runOnLimitedConnection = false, onPeerFound } = this.#options
    const isHandled = this.#node.handle(id, (stream, connection) => this.#links.accept(stream, connection), {
      maxInboundStreams: this.#limits.inboundStreamsMax,
      runOnLimitedConnection,
    })
    // Streams may come from now on: the machine does not keep them waiting.
    this.#phase = 'started'
    this.commons.start()
    this.#links.open()
    this.#host.start(this.#machine, this.#links)
    try {
      await isHandled
    } catch (thrown) {
      // The handler is another's, and stays.
      await this.#end()
      throw thrown
    }
    if (onPeerFound !== undefined) await this.#findPeers(runOnLimitedConnection)
  }

  async stop(): Promise<void> {
    if (this.#phase === 'started') await Promise.all([this.#end(), this.#node.unhandle(this.#protocol.id)])
  }

  async #end(): Promise<void> {
    this.#phase = 'stopped'
    this.#host.stop()
    this.commons.stop()
    if (this.#topologyId !== '') this.#node.unregister(this.#topologyId)
    this.#topologyId = ''
    await this.#links.close()
  }

  /** Machines are not started twice: a new one begins. */
  #renew(): void {
    this.#host = this.#makeHost()
    this.#links = this.#makeLinks()
    this.#machine = this.#protocol.create(this.#host, this.#config)
  }

  #makeHost(): Libp2pHost<Message, Event> {
    const { self, commons } = this
    const { codec, framing } = this.#protocol
    const { dropPriority = () => 0, onEvent } = this.#options
    const drop = (reason: string, count?: number): void => this.#drops.add(reason, count)
    const getMultiaddrs = () => this.#node.getMultiaddrs()
    const { peerIds, addressBook } = commons
    const peers = new Libp2pPeerCodec({ self, peerIds, addressBook, getMultiaddrs, drop })
    return new Libp2pHost({ self, codec, framing, peers, commons, log: this.#log, drop, dropPriority, onEvent })
  }

  #makeLinks(): LinkTable {
    const { id: protocolId, framing } = this.#protocol
    const { runOnLimitedConnection = false } = this.#options
    const { self, commons } = this
    const context = { protocolId, framing, limits: this.#limits, log: this.#log, commons, self, runOnLimitedConnection }
    return new LinkTable(context, this.#host)
  }

  #found(peer: Peer): void {
    if (this.#phase !== 'started' || this.commons.discouraged.has(peer)) return
    this.#options.onPeerFound?.(peer)
  }

  async #findPeers(notifyOnLimitedConnection: boolean): Promise<void> {
    const topologyId = await this.#node.register(this.#protocol.id, {
      notifyOnLimitedConnection,
      onConnect: (peerId) => this.#found(toPeer(peerId.toString())),
    })
    if (this.#phase === 'started') this.#topologyId = topologyId
    else this.#node.unregister(topologyId)
    // libp2p tells only of connections made from now on.
    const ids = new Map(this.#node.getConnections().map(({ remotePeer }) => [remotePeer.toString(), remotePeer]))
    for (const [name, id] of ids) {
      try {
        const { protocols } = await this.#node.peerStore.get(id)
        if (protocols.includes(this.#protocol.id)) this.#found(toPeer(name))
      } catch (thrown) {
        this.#log('nothing is known of %s yet - %e', name, toError(thrown))
      }
    }
  }

  #dropMetric(name: string): ((reason: string, count: number) => void) | undefined {
    const group = this.#node.metrics?.registerCounterGroup(`${name}_drops_total`, {
      label: 'reason',
      help: 'What was dropped, by reason',
    })
    return group === undefined ? undefined : (reason, count) => group.increment({ [reason]: count })
  }

  #registerGauges(name: string): void {
    this.#node.metrics?.registerMetric(`${name}_neighbors`, { calculate: () => this.neighbors.length })
    this.#node.metrics?.registerMetric(`${name}_outbox_bytes`, { calculate: () => this.outboxBytes })
    this.#node.metrics?.registerMetricGroup(`${name}_traffic`, { label: 'of', calculate: () => ({ ...this.traffic }) })
  }
}
