import { type Host, type Machine, type Peer, type Protocol, ProtocolError } from '@servent/machine'
import { randomGraph, type Simulator } from '@servent/simulator'
import { lengthPrefixed } from '@servent/wire'

/** A rumor that everybody hears: the smallest protocol that floods, with a timer and a message that names a third peer. */
export interface Rumor {
  readonly type: 'Rumor'
  readonly id: number
  readonly ttl: number
  readonly hops: number
  readonly origin: Peer
}

export interface FloodEvent {
  readonly type: 'heard'
  readonly id: number
  readonly hops: number
  readonly origin: Peer
}

export interface FloodConfig {
  readonly ttlMax: number
  /** How often a node counts to itself; 0 for never. */
  readonly tickMs: number
}

const TIMER_TICK = 1

export class Flood implements Machine<Rumor> {
  ticks = 0
  readonly #neighbors: Peer[] = []
  readonly #host: Host<Rumor, FloodEvent>
  readonly #config: FloodConfig
  #lastHeard = -1

  constructor(host: Host<Rumor, FloodEvent>, config: FloodConfig) {
    this.#host = host
    this.#config = config
  }

  get neighborCount(): number {
    return this.#neighbors.length
  }

  start(): void {
    if (this.#config.tickMs > 0) this.#host.setTimer(TIMER_TICK, this.#config.tickMs * (1 + this.#host.random()))
  }

  stop(): void {
    this.#neighbors.length = 0
  }

  onMessage(from: Peer, rumor: Rumor): void {
    if (rumor.id <= this.#lastHeard) return
    this.#lastHeard = rumor.id
    this.#host.emit({ type: 'heard', id: rumor.id, hops: rumor.hops, origin: rumor.origin })
    if (rumor.ttl > 1) this.#flood(from, { ...rumor, ttl: rumor.ttl - 1, hops: rumor.hops + 1 })
  }

  onTimer(): void {
    this.ticks++
    this.#host.setTimer(TIMER_TICK, this.#config.tickMs)
  }

  onPeerConnected(peer: Peer): void {
    this.#neighbors.push(peer)
  }

  onPeerDisconnected(peer: Peer): void {
    this.#neighbors.splice(this.#neighbors.indexOf(peer), 1)
  }

  /** Tells everybody. Ids grow: a rumor is old when a younger one was heard. */
  spread(id: number): void {
    this.#lastHeard = id
    this.#flood(undefined, { type: 'Rumor', id, ttl: this.#config.ttlMax, hops: 1, origin: this.#host.self })
  }

  #flood(from: Peer | undefined, rumor: Rumor): void {
    for (const neighbor of this.#neighbors) if (neighbor !== from) this.#host.send(neighbor, rumor)
  }
}

/** Ten bytes: the id in four, ttl and hops in one each, the origin as its codec writes it. */
export const flood: Protocol<Rumor, FloodEvent, FloodConfig, Flood> = {
  id: '/servent/test-flood/1.0.0',
  framing: lengthPrefixed(64),
  codec: {
    encode(rumor, peers) {
      const origin = peers.encode(rumor.origin)
      const bytes = new Uint8Array(6 + origin.length)
      new DataView(bytes.buffer).setUint32(0, rumor.id)
      bytes[4] = rumor.ttl
      bytes[5] = rumor.hops
      bytes.set(origin, 6)
      return bytes
    },
    decode(bytes, peers) {
      if (bytes.length < 6) throw new ProtocolError('bad-length')
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      const origin = peers.decode(bytes.subarray(6))
      return { type: 'Rumor', id: view.getUint32(0), ttl: view.getUint8(4), hops: view.getUint8(5), origin }
    },
    size: (rumor, peers) => 6 + peers.size(rumor.origin),
  },
  defaults: { ttlMax: 7, tickMs: 0 },
  create: (host, config) => new Flood(host, config),
}

/** Links all nodes of a simulation as a random graph. */
export function linkAll(simulator: Simulator<Rumor, FloodEvent, FloodConfig, Flood>, degree: number): void {
  const edges = randomGraph(simulator.nodes, degree, simulator.random('topology'))
  for (let i = 0; i < edges.length; i += 2) simulator.link(edges[i] as number, edges[i + 1] as number)
}
