import {
  type Can,
  type CanConfig,
  type Claims,
  can,
  claimOf,
  idealTorus,
  type Message,
  stillConfig,
} from '@servent/can'
import type { Key } from '@servent/keyspace'
import { type Peer, toPeer } from '@servent/machine'
import type { Nodes, Oracle, StructuredOverlay } from './overlay.ts'

/** CAN: as its paper simulates it if nobody keeps up its tables, and as it runs live otherwise. */
export const CAN: StructuredOverlay<Message, CanConfig, Can> = {
  protocol: can,
  config({ still, dimensions, realities, uniform, rttWeighted }) {
    const base = still ? stillConfig : can.defaults
    return { ...base, dimensions, realities, uniform, rttWeighted }
  },
  ideal(peers, nodes, options) {
    const tori = Array.from({ length: options.realities }, (_, reality) =>
      idealTorus(peers.length, (node) => nodes.keyOf(toPeer(node)), { ...options, reality })
    )
    const claims = peers.map((_peer, node): Claims => tori.map(({ zones }) => [claimOf(zones[node] ?? NOWHERE, 0)]))
    return (peer) => {
      const node = peer as number
      const beside = new Set(tori.flatMap(({ neighbors }) => neighbors[node] ?? []))
      const machine = nodes.machine(peer)
      machine.adopt(
        claims[node] ?? [],
        [...beside].map((other) => ({ peer: toPeer(other), claims: claims[other] ?? [] }))
      )
      if (!options.still) machine.greet()
    }
  },
  oracle: (nodes) => new OwnerOracle(nodes),
}

const NOWHERE = { depth: 0, low: [] }

/** A node is responsible for a key if it owns its point, and nobody else thinks so. */
class OwnerOracle implements Oracle {
  readonly #nodes: Nodes<Can>
  readonly #members = new Set<Peer>()

  constructor(nodes: Nodes<Can>) {
    this.#nodes = nodes
  }

  responsibleFor(key: Key): Peer | undefined {
    for (const peer of this.#members) if (this.#nodes.machine(peer).owns(key)) return peer
    return undefined
  }

  isResponsible(key: Key, peer: Peer): boolean {
    if (!this.#members.has(peer) || !this.#nodes.machine(peer).owns(key)) return false
    // Zones of a torus that stands still tile it, by construction.
    if (this.#members.size > SCANNED_MAX || this.#nodes.machine(peer).claims.length > 1) return true
    for (const other of this.#members) if (other !== peer && this.#nodes.machine(other).owns(key)) return false
    return true
  }

  add(peer: Peer): void {
    this.#members.add(peer)
  }

  remove(peer: Peer): void {
    this.#members.delete(peer)
  }
}

/** Nodes that are all asked whether they own a key, too. */
const SCANNED_MAX = 20_000
