/**
 * Runs a protocol machine over libp2p streams, in a browser tab as in Node.
 *
 * ```ts
 * const node = await createLibp2p({ …, services: { identify: identify() } })
 * const runner = runProtocol(node, gnutella04, {}, { onEvent: (event) => console.log(event) })
 * await runner.start()
 * runner.machine.query('jazz piano')
 * ```
 *
 * {@link overlayService} makes a libp2p service of a protocol instead. All overlays of one node share their
 * {@link Commons}: address book, budget of connections, list of discouraged peers.
 *
 * @packageDocumentation
 */
export {
  ADDRESS_BYTES_MAX,
  AddressBook,
  type AddressBookOptions,
  type AddressRefusal,
  isWebRTC,
} from './address-book.ts'
export { Commons, type CommonsOptions, commonsOf } from './commons.ts'
export { ConnectionBudget, type ConnectionBudgetOptions } from './connection-budget.ts'
export { Discouraged } from './discouraged.ts'
export { DialError, type DialRefusal, OverlayRequestError, UnsupportedKeyError } from './errors.ts'
export type { Traffic } from './libp2p-host.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { nodeFromComponents, type OverlayComponents, type OverlayNode } from './node.ts'
export {
  type Overlay,
  type OverlayEvents,
  type OverlayOptions,
  OverlayService,
  overlayService,
} from './overlay-service.ts'
export { ADDRESSES_MAX, Libp2pPeerCodec, PEER_BYTES_MAX, type PeerCodecContext } from './peer-codec.ts'
export { MULTIHASH_BYTES_MAX, PeerIds } from './peer-ids.ts'
export { type ProtocolRunner, type RunnerOptions, runProtocol } from './run-protocol.ts'
export {
  type StructuredInit,
  type StructuredOptions,
  type StructuredProgress,
  StructuredService,
} from './structured-service.ts'
