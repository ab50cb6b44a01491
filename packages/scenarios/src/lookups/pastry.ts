import { compareRingDistance, type Key } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { IdealTables, type Message, type Pastry, type PastryConfig, pastry } from '@servent/pastry'
import { randomFor } from '@servent/simulator'
import type { Oracle, StructuredOverlay } from './overlay.ts'
import { SortedPeers } from './sorted-peers.ts'

/** Words of an identifier: Pastry's have 128 bits. */
const ID_WORDS = 4

/** Pastry as its paper simulates it (§3.1): |L| = 16, |M| = 32, b = 4; links cost nothing there, so none is preferred. */
export const PASTRY: StructuredOverlay<Message, PastryConfig, Pastry> = {
  protocol: pastry,
  config({ still }) {
    const config: PastryConfig = { ...pastry.defaults, prefersLinked: false }
    return still ? stillPastry(config) : config
  },
  ideal(peers, nodes, { seed }) {
    const tables = new IdealTables(peers, (peer) => nodes.keyOf(peer), {
      leafSetSize: pastry.defaults.leafSetSize,
      random: randomFor(seed, 'pastry tables'),
    })
    const placeOf = new Map(tables.sorted.map((peer, place) => [peer, place]))
    return (peer) => nodes.machine(peer).adopt(tables.at(placeOf.get(peer) as number))
  },
  // From the paper (§3.2). Where nodes fail or come and go, any key is looked for: the harder question.
  asksForNodes: ({ fail, churn }) => fail === 0 && churn === 0,
  oracle: (nodes) => new ClosestOracle((peer) => nodes.keyOf(peer)),
}

/** Nobody keeps up its tables: each lookup meets the same picture. */
export function stillPastry(config: PastryConfig): PastryConfig {
  return {
    ...config,
    leafSetIntervalMs: 0,
    tableIntervalMs: 0,
    meetIntervalMs: 0,
    republishIntervalMs: 0,
    repairs: false,
    probeAttemptsMax: 1,
  }
}

/** The node that is numerically closest to a key, of those that are there. */
class ClosestOracle implements Oracle {
  readonly #keyOf: (peer: Peer) => Key
  readonly #peers: SortedPeers

  constructor(keyOf: (peer: Peer) => Key) {
    this.#keyOf = keyOf
    this.#peers = new SortedPeers(keyOf)
  }

  responsibleFor(key: Key): Peer | undefined {
    const [before, after] = [this.#peers.before(key), this.#peers.after(key)]
    if (before === undefined || after === undefined) return after
    return compareRingDistance(key, this.#keyOf(before), this.#keyOf(after), ID_WORDS) < 0 ? before : after
  }

  add(peer: Peer): void {
    this.#peers.add(peer)
  }

  remove(peer: Peer): void {
    this.#peers.remove(peer)
  }
}
