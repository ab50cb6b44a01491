import type { Protocol } from '@servent/machine'
import { ChordNode } from './chord-node.ts'
import { codec, framing } from './codec.ts'
import { type ChordConfig, defaults } from './config.ts'
import type { ChordEvent } from './events.ts'
import type { Message } from './messages.ts'
import { VirtualHost } from './virtual-host.ts'
import { VirtualNodes } from './virtual-nodes.ts'

/** Chord, for any world that runs machines. */
export const chord: Protocol<Message, ChordEvent, ChordConfig, ChordNode> = Object.freeze({
  id: '/servent/chord/1.0.0',
  framing,
  codec,
  defaults,
  create: (host, config) =>
    config.virtualNodes > 1
      ? new VirtualNodes(host, config)
      : new ChordNode(new VirtualHost(host, 0, undefined), config),
} satisfies Protocol<Message, ChordEvent, ChordConfig, ChordNode>)
