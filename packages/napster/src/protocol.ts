import type { Protocol } from '@servent/machine'
import { codec } from './codec.ts'
import { defaults, type NapsterConfig } from './config.ts'
import type { NapsterEvent } from './events.ts'
import { framing } from './framing.ts'
import { IndexClient } from './index-client.ts'
import { IndexServer } from './index-server.ts'
import type { Message } from './messages.ts'

/** Napster, for any world that runs machines: an index server or a client of one, as `isIndex` in the config says. */
export const napster: Protocol<Message, NapsterEvent, NapsterConfig, IndexServer | IndexClient> = Object.freeze({
  id: '/servent/napster/1.0.0',
  framing,
  codec,
  defaults,
  create: (host, config) => (config.isIndex ? new IndexServer(host, config) : new IndexClient(host, config)),
} satisfies Protocol<Message, NapsterEvent, NapsterConfig, IndexServer | IndexClient>)
