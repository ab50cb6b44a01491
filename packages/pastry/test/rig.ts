import { type Key, keyFromWords } from '@servent/keyspace'
import { type Peer, toPeer } from '@servent/machine'
import { type Effect, RecordingHost } from '@servent/machine/testing'
import type { StructuredEvent } from '@servent/records'
import { type Message, type Pastry, type PastryConfig, pastry } from '../src/index.ts'

/** A key whose leading digits are those of a text, the others 0. */
export function key(hex: string): Key {
  const digits = hex.padEnd(40, '0')
  return keyFromWords(Int32Array.from({ length: 5 }, (_, i) => Number.parseInt(digits.slice(8 * i, 8 * i + 8), 16)))
}

/** A host on which peer 0x1234 has the key 1234000… */
class SpellingHost extends RecordingHost<Message, StructuredEvent> {
  override keyOf(peer: Peer): Key {
    return key((peer as number).toString(16).padStart(4, '0'))
  }
}

/** One machine whose peers have the keys that their names spell: peer 0x1234 has the key 1234000… */
export class Rig {
  readonly host: SpellingHost
  readonly machine: Pastry

  /** @param self - four hexadecimal digits */
  constructor(self: number, config: Partial<PastryConfig> = {}) {
    this.host = new SpellingHost(toPeer(self))
    this.machine = pastry.create(this.host, { ...pastry.defaults, leafSetSize: 4, ...config })
    this.machine.start()
    this.host.take()
  }

  /** Gives the machine its place: sides of the leaf set, the nearest first, and entries of the routing table. */
  place(smaller: readonly number[], larger: readonly number[], entries: readonly number[] = []): this {
    this.machine.adopt({ smaller: smaller.map(toPeer), larger: larger.map(toPeer), slots: [] })
    for (const entry of entries) this.machine.tables.enter(toPeer(entry))
    return this
  }

  /** Lets a peer send something, and gives what is sent then. */
  receive(from: number, message: Message): Sent[] {
    this.machine.onMessage(toPeer(from), message)
    return this.sent()
  }

  /** What was sent since the last time. */
  sent(): Sent[] {
    return this.effects().flatMap((effect) =>
      effect.effect === 'send' ? [{ to: effect.to as unknown as number, message: effect.message }] : []
    )
  }

  effects(): Effect<Message, StructuredEvent>[] {
    return this.host.take()
  }
}

export interface Sent {
  readonly to: number
  readonly message: Message
}

export function peers(...numbers: number[]): Peer[] {
  return numbers.map(toPeer)
}
