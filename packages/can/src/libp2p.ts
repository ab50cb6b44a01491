/**
 * CAN as an ordinary libp2p service: the machine of this package over the streams of a js-libp2p node, with calls that
 * promise and iterate, for libp2p's content routing and peer routing too.
 *
 * ```ts
 * const node = await createLibp2p({ …, services: { identify: identify(), can: can() } })
 * await node.contentRouting.provide(cid)
 * ```
 *
 * @packageDocumentation
 */
import { type OverlayComponents, type StructuredInit, StructuredService } from '@servent/libp2p-host'
import type { Can } from './can.ts'
import type { CanConfig } from './config.ts'
import type { Message } from './messages.ts'
import { can as protocol } from './protocol.ts'

/** A CAN node within a libp2p node. */
export type CanService = StructuredService<Message, CanConfig, Can>

/** A factory for libp2p's `services`. Connected peers that speak CAN become contacts. */
export function can(init: StructuredInit<Message, CanConfig, Can> = {}): (components: OverlayComponents) => CanService {
  return (components) => new StructuredService(components, protocol, init)
}
