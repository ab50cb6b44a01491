/**
 * Pastry as an ordinary libp2p service: the machine of this package over the streams of a js-libp2p node.
 *
 * @packageDocumentation
 */
import { type OverlayComponents, type OverlayOptions, OverlayService } from '@servent/libp2p-host'
import type { StructuredEvent } from '@servent/records'
import type { PastryConfig } from './config.ts'
import type { Message } from './messages.ts'
import type { Pastry } from './pastry.ts'
import { pastry as protocol } from './protocol.ts'

/** What differs from the defaults of the protocol and of the host that runs it. */
export type PastryInit = Partial<PastryConfig> &
  Pick<OverlayOptions<Message, StructuredEvent, Pastry>, 'commons' | 'limits' | 'runOnLimitedConnection'>

/** A factory for libp2p's `services`. Connected peers that speak Pastry become contacts. */
export function pastry(init: PastryInit = {}): (components: OverlayComponents) => PastryService {
  return (components) => new PastryService(components, init)
}

/** A Pastry node within a libp2p node. */
export class PastryService extends OverlayService<Message, StructuredEvent, PastryConfig, Pastry> {
  constructor(components: OverlayComponents, init: PastryInit) {
    const { commons, limits, runOnLimitedConnection, ...config } = init
    super(components, protocol, config, {
      ...(commons === undefined ? {} : { commons }),
      ...(limits === undefined ? {} : { limits }),
      ...(runOnLimitedConnection === undefined ? {} : { runOnLimitedConnection }),
      onPeerFound: (peer, machine) => machine.addContact(peer),
    })
  }
}
