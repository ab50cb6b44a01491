import type { Protocol } from '@servent/machine'
import { codec } from './codec.ts'
import { defaults, type GnutellaConfig } from './config.ts'
import type { GnutellaEvent } from './events.ts'
import { framing } from './framing.ts'
import type { Message } from './messages.ts'
import { Servent } from './servent.ts'
import { type HybridConfig, defaults as hybridDefaults } from './v06/config.ts'
import { HybridServent } from './v06/hybrid-servent.ts'

/** Both versions: the handshake tells them apart, as on the real network. */
const id = '/servent/gnutella/1.0.0'

/** Gnutella 0.4, for any world that runs machines. */
export const gnutella04: Protocol<Message, GnutellaEvent, GnutellaConfig, Servent> = Object.freeze({
  id,
  framing,
  codec,
  defaults,
  create: (host, config) => new Servent(host, config),
} satisfies Protocol<Message, GnutellaEvent, GnutellaConfig, Servent>)

/** Gnutella 0.6, which speaks 0.4 to servents of 0.4. */
export const gnutella06: Protocol<Message, GnutellaEvent, HybridConfig, HybridServent> = Object.freeze({
  id,
  framing,
  codec,
  defaults: hybridDefaults,
  create: (host, config) => new HybridServent(host, config),
} satisfies Protocol<Message, GnutellaEvent, HybridConfig, HybridServent>)
