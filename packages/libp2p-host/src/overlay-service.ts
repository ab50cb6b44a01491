import { type Logger, type Startable, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import type { Machine, Peer, Protocol } from '@servent/machine'
import { TypedEventEmitter, type TypedEventTarget } from 'main-event'
import { nodeFromComponents, type OverlayComponents } from './node.ts'
import { type ProtocolRunner, type RunnerOptions, runProtocol } from './run-protocol.ts'

/** What a protocol's machine tells, as DOM events: the `type` of an event is its name, the event itself the `detail`. */
export type OverlayEvents<Event extends { readonly type: string }> = {
  [Type in Event['type']]: CustomEvent<Extract<Event, { readonly type: Type }>>
}

/** An overlay as a libp2p service. */
export interface Overlay<Event extends { readonly type: string }, M>
  extends TypedEventTarget<OverlayEvents<Event>>,
    Startable {
  /** The running machine: its verbs are the protocol's. */
  readonly machine: M
  /** Peers with an open link. */
  readonly neighbors: readonly Peer[]
  readonly runner: ProtocolRunner<M>
}

/** Options of a service: those of a runner, but for its events, which the service dispatches. */
export type OverlayOptions<Message, Event, M> = Omit<RunnerOptions<Message, Event>, 'onEvent' | 'onPeerFound'> & {
  /** What to do with each connected peer that speaks the protocol. */
  onPeerFound?: (peer: Peer, machine: M) => void
}

/**
 * A factory for libp2p's `services`: `createLibp2p({ services: { identify: identify(), gossip: overlayService(gossip) } })`.
 * The overlay runs as long as the node does.
 */
export function overlayService<
  Message extends { readonly type: string },
  Event extends { readonly type: string },
  Config,
  M extends Machine<Message>,
>(
  protocol: Protocol<Message, Event, Config, M>,
  config: Partial<Config> = {},
  options: OverlayOptions<Message, Event, M> = {}
): (components: OverlayComponents) => OverlayService<Message, Event, Config, M> {
  return (components) => new OverlayService(components, protocol, config, options)
}

/** The base of an overlay's own service: a protocol package extends it with calls that promise and iterate. */
export class OverlayService<
    Message extends { readonly type: string },
    Event extends { readonly type: string },
    Config,
    M extends Machine<Message>,
  >
  extends TypedEventEmitter<OverlayEvents<Event>>
  implements Overlay<Event, M>
{
  readonly [serviceDependencies]: string[] = ['@libp2p/identify']
  readonly runner: ProtocolRunner<M>
  protected readonly log: Logger
  readonly #protocolId: string

  constructor(
    components: OverlayComponents,
    protocol: Protocol<Message, Event, Config, M>,
    config: Partial<Config>,
    options: OverlayOptions<Message, Event, M>
  ) {
    super()
    this.#protocolId = protocol.id
    this.log = components.logger.forComponent(`servent:service:${protocol.id}`)
    const { onPeerFound, ...rest } = options
    this.runner = runProtocol(nodeFromComponents(components), protocol, config, {
      ...rest,
      ...(onPeerFound === undefined ? {} : { onPeerFound: (peer) => onPeerFound(peer, this.machine) }),
      onEvent: (event) => this.dispatchEvent(new CustomEvent(event.type, { detail: event })),
    })
  }

  get [Symbol.toStringTag](): string {
    return this.#protocolId
  }

  /** Other services may depend on this one by its protocol id. */
  get [serviceCapabilities](): string[] {
    return [this.#protocolId]
  }

  get machine(): M {
    return this.runner.machine
  }

  get neighbors(): readonly Peer[] {
    return this.runner.neighbors
  }

  /** Nothing yet: other components are starting too, and a machine may dial at once. */
  start(): void {
    this.log.trace('starts when all components have')
  }

  async afterStart(): Promise<void> {
    await this.runner.start()
  }

  /** Here, not in `stop`: connections are still there, so that the machine can say goodbye. */
  async beforeStop(): Promise<void> {
    await this.runner.stop()
  }

  async stop(): Promise<void> {
    await this.runner.stop()
  }
}
