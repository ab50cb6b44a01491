import {
  type GnutellaConfig,
  type GnutellaEvent,
  type Servent as GnutellaServent,
  gnutella,
  type Message,
} from '@servent/gnutella'
import { defaultLimits, type ProtocolRunner, runProtocol } from '@servent/libp2p-host'
import type { Library } from '@servent/library'
import type { ServentNode } from './node.ts'
import type { ServentOptions } from './types.ts'

/** Ours: neighbors that a bootstrap node takes. Each newcomer asks it, and hears of others from it. */
const BOOTSTRAP_NEIGHBORS_MAX = 256

/** Gnutella on one node. */
export type GnutellaOverlay = ProtocolRunner<GnutellaServent>

/** What a neighbor that reads too slowly is spared first (RFC-Gnutella 0.6 §3.1): queries before pongs, pushes last. */
const DROP_PRIORITY: Readonly<Record<Message['type'], number>> = {
  Unknown: 0,
  Ping: 0,
  Query: 1,
  Pong: 2,
  QueryHit: 3,
  Push: 4,
  Connect: 5,
  Ok: 5,
}

/** Makes the overlay, not started. */
export function gnutellaOverlay(
  node: ServentNode,
  library: Library,
  options: ServentOptions,
  onEvent: (event: GnutellaEvent) => void
): GnutellaOverlay {
  const { neighbors, relay } = options
  const config: Partial<GnutellaConfig> = {
    library,
    ...(neighbors === undefined ? {} : { neighborsTarget: neighbors }),
    ...(relay === undefined ? {} : { neighborsMax: BOOTSTRAP_NEIGHBORS_MAX, handshakesMax: BOOTSTRAP_NEIGHBORS_MAX }),
  }
  return runProtocol(node, gnutella, config, {
    onEvent,
    dropPriority: (message) => DROP_PRIORITY[message.type],
    limits: { linksMax: relay === undefined ? defaultLimits.linksMax : 2 * BOOTSTRAP_NEIGHBORS_MAX },
  })
}
