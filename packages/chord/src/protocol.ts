import type { Protocol } from '@servent/machine'
import { ChordNode } from './chord-node.ts'
import { codec, framing } from './codec.ts'
import { type ChordConfig, defaults } from './config.ts'
import type { ChordEvent } from './events.ts'
import type { Message } from './messages.ts'

/** Chord, for any world that runs machines. */
export const chord: Protocol<Message, ChordEvent, ChordConfig, ChordNode> = Object.freeze({
  id: '/servent/chord/1.0.0',
  framing,
  codec,
  defaults,
  create: (host, config) => new ChordNode(host, config),
} satisfies Protocol<Message, ChordEvent, ChordConfig, ChordNode>)
