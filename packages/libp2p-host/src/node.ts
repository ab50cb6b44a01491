import type {
  ComponentLogger,
  Connection,
  DialOptions,
  DialTarget,
  Libp2pEvents,
  Metrics,
  PeerId,
  PeerStore,
  StreamHandler,
  StreamHandlerOptions,
  Topology,
} from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TypedEventTarget } from 'main-event'

/**
 * What this package needs of a libp2p node: a part of js-libp2p's public `Libp2p` interface, so a node made by
 * `createLibp2p` is one as it is. The components that a service gets are turned into one by {@link nodeFromComponents}:
 * the public interface keeps its promises between versions, the internal one does not.
 */
export interface OverlayNode extends Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener' | 'removeEventListener'> {
  readonly peerId: PeerId
  readonly logger: ComponentLogger
  readonly metrics?: Metrics
  readonly peerStore: Pick<PeerStore, 'get' | 'merge'>
  getMultiaddrs(): Multiaddr[]
  getConnections(peerId?: PeerId): Connection[]
  dial(peer: DialTarget, options?: DialOptions): Promise<Connection>
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
  unhandle(protocol: string): Promise<void>
  register(protocol: string, topology: Topology): Promise<string>
  unregister(id: string): void
}

/** What js-libp2p hands to the factory of a service, as far as it is used here. */
export interface OverlayComponents {
  readonly peerId: PeerId
  readonly logger: ComponentLogger
  readonly metrics?: Metrics
  readonly peerStore: PeerStore
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly registrar: Pick<Registrar, 'handle' | 'unhandle' | 'register' | 'unregister'>
  readonly connectionManager: Pick<ConnectionManager, 'getConnections' | 'openConnection'>
  readonly addressManager: Pick<AddressManager, 'getAddresses'>
}

/** The components of a service as a node. Components are read when they are used: some come after the service. */
export function nodeFromComponents(components: OverlayComponents): OverlayNode {
  const { peerId, logger, metrics, events } = components
  return {
    peerId,
    logger,
    ...(metrics === undefined ? {} : { metrics }),
    get peerStore() {
      return components.peerStore
    },
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    getMultiaddrs: () => components.addressManager.getAddresses(),
    getConnections: (peer) => components.connectionManager.getConnections(peer),
    dial: (peer, options) => components.connectionManager.openConnection(peer, options),
    handle: (protocol, handler, options) => components.registrar.handle(protocol, handler, options),
    unhandle: (protocol) => components.registrar.unhandle(protocol),
    register: (protocol, topology) => components.registrar.register(protocol, topology),
    unregister: (id) => components.registrar.unregister(id),
  }
}
