/**
 * Pastry as an ordinary libp2p service: the machine of this package over the streams of a js-libp2p node, with calls that
 * promise and iterate, for libp2p's content routing and peer routing too.
 *
 * ```ts
 * const node = await createLibp2p({ …, services: { identify: identify(), pastry: pastry() } })
 * await node.contentRouting.provide(cid)
 * ```
 *
 * @packageDocumentation
 */
import { type OverlayComponents, type StructuredInit, StructuredService } from '@servent/libp2p-host'
import type { PastryConfig } from './config.ts'
import type { Message } from './messages.ts'
import type { Pastry } from './pastry.ts'
import { pastry as protocol } from './protocol.ts'

/** A Pastry node within a libp2p node. */
export type PastryService = StructuredService<Message, PastryConfig, Pastry>

/** A factory for libp2p's `services`. Connected peers that speak Pastry are contacts to join through. */
export function pastry(
  init: StructuredInit<Message, PastryConfig, Pastry> = {}
): (components: OverlayComponents) => PastryService {
  return (components) => new StructuredService(components, protocol, init)
}
