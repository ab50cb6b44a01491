/**
 * Chord as an ordinary libp2p service: the machine of this package over the streams of a js-libp2p node.
 *
 * @packageDocumentation
 */
import { type OverlayComponents, type OverlayService, overlayService } from '@servent/libp2p-host'
import type { ChordNode } from './chord-node.ts'
import type { ChordConfig } from './config.ts'
import type { ChordEvent } from './events.ts'
import type { Message } from './messages.ts'
import { chord as protocol } from './protocol.ts'

/** A factory for libp2p's `services`. Connected peers that speak Chord are contacts to join through. */
export function chord(
  init: Partial<ChordConfig> = {}
): (components: OverlayComponents) => OverlayService<Message, ChordEvent, ChordConfig, ChordNode> {
  return overlayService(protocol, init, { onPeerFound: (peer, machine) => machine.addContact(peer) })
}
