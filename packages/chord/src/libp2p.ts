/**
 * Chord as an ordinary libp2p service: the machine of this package over the streams of a js-libp2p node, with calls that
 * promise and iterate, for libp2p's content routing and peer routing too.
 *
 * ```ts
 * const node = await createLibp2p({ …, services: { identify: identify(), chord: chord() } })
 * await node.contentRouting.provide(cid)
 * ```
 *
 * @packageDocumentation
 */
import { type OverlayComponents, type StructuredInit, StructuredService } from '@servent/libp2p-host'
import type { ChordNode } from './chord-node.ts'
import type { ChordConfig } from './config.ts'
import type { Message } from './messages.ts'
import { chord as protocol } from './protocol.ts'

/** A Chord node within a libp2p node. */
export type ChordService = StructuredService<Message, ChordConfig, ChordNode>

/** A factory for libp2p's `services`. Connected peers that speak Chord are contacts to join through. */
export function chord(
  init: StructuredInit<Message, ChordConfig, ChordNode> = {}
): (components: OverlayComponents) => ChordService {
  return (components) => new StructuredService(components, protocol, init)
}
