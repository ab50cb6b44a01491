import { ProtocolError } from '../errors.ts'
import type { Host, Peer } from '../host.ts'
import type { Machine } from '../machine.ts'
import type { FrameCutter, Protocol } from '../protocol.ts'

/** A numbered message; the receiver of one with `reply` does everything a machine can do, within one call. */
export interface ProbeMessage {
  readonly type: 'Number'
  readonly number: number
  readonly reply: boolean
}

export type ProbeEvent = { readonly type: 'got'; readonly number: number }

/** What the host called, in order. */
export type ProbeCall =
  | { readonly call: 'start' | 'stop' }
  | { readonly call: 'message'; readonly from: Peer; readonly number: number }
  | { readonly call: 'timer'; readonly timer: number; readonly arg: number; readonly now: number }
  | { readonly call: 'connected' | 'disconnected'; readonly peer: Peer }

/** Writes down every call and counts those that came while another one ran. */
export class Probe implements Machine<ProbeMessage> {
  readonly host: Host<ProbeMessage, ProbeEvent>
  readonly calls: ProbeCall[] = []
  reentries = 0
  #running = false

  constructor(host: Host<ProbeMessage, ProbeEvent>) {
    this.host = host
  }

  start(): void {
    this.#run({ call: 'start' })
  }

  stop(): void {
    this.#run({ call: 'stop' })
  }

  onMessage(from: Peer, message: ProbeMessage): void {
    this.#run({ call: 'message', from, number: message.number }, () => {
      this.host.emit({ type: 'got', number: message.number })
      if (!message.reply) return
      this.host.send(from, { type: 'Number', number: message.number + 1, reply: false })
      this.host.connect(from)
      this.host.setTimer(7, 0, message.number)
    })
  }

  onTimer(timer: number, arg: number): void {
    this.#run({ call: 'timer', timer, arg, now: this.host.now() })
  }

  onPeerConnected(peer: Peer): void {
    this.#run({ call: 'connected', peer })
  }

  onPeerDisconnected(peer: Peer): void {
    this.#run({ call: 'disconnected', peer })
  }

  /** Sends the numbers from `first` to `last`, in order. */
  count(to: Peer, first: number, last: number): void {
    for (let number = first; number <= last; number++) this.host.send(to, { type: 'Number', number, reply: false })
  }

  #run(call: ProbeCall, act?: () => void): void {
    if (this.#running) this.reentries++
    this.#running = true
    this.calls.push(call)
    act?.()
    this.#running = false
  }
}

class FiveByteCutter implements FrameCutter {
  readonly #held: number[] = []

  push(chunk: Uint8Array): Uint8Array[] {
    this.#held.push(...chunk)
    const frames: Uint8Array[] = []
    while (this.#held.length >= 5) frames.push(Uint8Array.from(this.#held.splice(0, 5)))
    return frames
  }
}

/** Frames of five bytes: the number, most significant byte first, and 1 if an answer is asked for. */
export const probe: Protocol<ProbeMessage, ProbeEvent, Record<string, never>, Probe> = {
  id: '/servent/probe/1.0.0',
  framing: { cutter: () => new FiveByteCutter(), frame: (message) => message },
  codec: {
    encode(message) {
      const bytes = new Uint8Array(5)
      new DataView(bytes.buffer).setUint32(0, message.number)
      bytes[4] = message.reply ? 1 : 0
      return bytes
    },
    decode(bytes) {
      if (bytes.length !== 5 || (bytes[4] as number) > 1) throw new ProtocolError('bad-probe')
      const number = new DataView(bytes.buffer, bytes.byteOffset, 5).getUint32(0)
      return { type: 'Number', number, reply: bytes[4] === 1 }
    },
    size: () => 5,
  },
  defaults: {},
  create: (host) => new Probe(host),
}
