import { type GnutellaConfig, type GnutellaEvent, type Servent as GnutellaServent, gnutella04 } from '@servent/gnutella'
import { dropPriority } from '@servent/gnutella/libp2p'
import { defaultLimits, type ProtocolRunner, runProtocol } from '@servent/libp2p-host'
import type { Library } from '@servent/library'
import type { ServentNode } from './node.ts'
import type { ServentOptions } from './types.ts'

/** Ours: neighbors that a bootstrap node takes. Each newcomer asks it, and hears of others from it. */
const BOOTSTRAP_NEIGHBORS_MAX = 256

/** Gnutella on one node. */
export type GnutellaOverlay = ProtocolRunner<GnutellaServent>

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
  return runProtocol(node, gnutella04, config, {
    onEvent,
    dropPriority,
    limits: { linksMax: relay === undefined ? defaultLimits.linksMax : 2 * BOOTSTRAP_NEIGHBORS_MAX },
  })
}
