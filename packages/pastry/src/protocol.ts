import type { Protocol } from '@servent/machine'
import type { StructuredEvent } from '@servent/records'
import { codec } from './codec.ts'
import { defaults, type PastryConfig } from './config.ts'
import { framing } from './framing.ts'
import type { Message } from './messages.ts'
import { Pastry } from './pastry.ts'

/** Pastry, for any world that runs machines. */
export const pastry: Protocol<Message, StructuredEvent, PastryConfig, Pastry> = Object.freeze({
  id: '/servent/pastry/1.0.0',
  framing,
  codec,
  defaults,
  create: (host, config) => new Pastry(host, config),
} satisfies Protocol<Message, StructuredEvent, PastryConfig, Pastry>)
