import type { Protocol } from '@servent/machine'
import { codec } from './codec.ts'
import { defaults, type GnutellaConfig } from './config.ts'
import type { GnutellaEvent } from './events.ts'
import { framing } from './framing.ts'
import type { Message } from './messages.ts'
import { Servent } from './servent.ts'

/** Gnutella 0.4, for any world that runs machines. */
export const gnutella04: Protocol<Message, GnutellaEvent, GnutellaConfig, Servent> = Object.freeze({
  id: '/servent/gnutella/1.0.0',
  framing,
  codec,
  defaults,
  create: (host, config) => new Servent(host, config),
} satisfies Protocol<Message, GnutellaEvent, GnutellaConfig, Servent>)
