/**
 * Gnutella as two state machines: 0.4, search by flooding among equals, and 0.6, in which ultrapeers search for their
 * leaves. The bytes are those of the real network; what they cannot say (how to reach a tab, what a file's content is)
 * travels in extension blocks that genuine servents pass over.
 *
 * Sources: "The Gnutella Protocol Specification v0.4" (annotated, rev. 1.6), "RFC-Gnutella 0.6", "Query Routing for the
 * Gnutella Network", "Dynamic Query Protocol", GGEP, HUGE.
 *
 * @packageDocumentation
 */

export { checkConfig, type GnutellaConfig } from './config.ts'
export { DROP_REASONS, type DropReason, type Drops } from './drops.ts'
export type {
  GnutellaEvent,
  HostDiscovered,
  NeighborDown,
  NeighborDownReason,
  NeighborUp,
  PushRequested,
  QueryHitEvent,
  QuerySeen,
  RoleChanged,
} from './events.ts'
export { type Guid, idToHex, type ServentId, serventIdOf } from './guid.ts'
export type { KnownHost } from './host-cache.ts'
export type {
  Bye,
  Connect,
  ConnectRequest,
  ConnectResponse,
  Descriptor,
  DescriptorHeader,
  Headers,
  HopsFlow,
  LinkDescriptor,
  Message,
  MessagesSupported,
  Ok,
  Ping,
  Pong,
  Push,
  PushProxyAck,
  PushProxyRequest,
  QrpPatch,
  QrpReset,
  Query,
  QueryHit,
  QueryHitResult,
  QueryStatusRequest,
  QueryStatusResponse,
  UltrapeerRoom,
  Unknown,
  VendorMessage,
  VendorMessageKind,
} from './messages.ts'
export type { QueryOptions, QueryTraffic } from './own-query.ts'
export { gnutella04, gnutella06 } from './protocol.ts'
export { Servent } from './servent.ts'
export { sha1FromBase32, sha1Urn } from './urn.ts'
export { checkHybridConfig, type HybridConfig, type RoleChoice } from './v06/config.ts'
export type { AdoptedAs } from './v06/hybrid-member.ts'
export { HybridServent } from './v06/hybrid-servent.ts'
export type { Role } from './v06/roles.ts'
