import { type ChordConfig, type ChordNode, chord, IdealRing, type Message } from '@servent/chord'
import type { StructuredOverlay } from './overlay.ts'
import { SortedPeers } from './sorted-peers.ts'

/** From the paper (ToN §V): the simulator of Chord waits half a second for an answer. */
const TIMEOUT_MS = 500
/** From the paper (ToN §V-D): r = 20. */
const SUCCESSORS = 20

/** Chord as its paper simulates it: twenty successors, and what is said at `LookupOptions`. */
export const CHORD: StructuredOverlay<Message, ChordConfig, ChordNode> = {
  protocol: chord,
  config(options) {
    const config: ChordConfig = {
      ...chord.defaults,
      successorsMax: SUCCESSORS,
      timeoutMsMax: TIMEOUT_MS,
      routing: options.iterative ? 'iterative' : 'recursive',
    }
    return options.still ? stillConfig(config) : config
  },
  ideal(peers, nodes, options) {
    const ring = new IdealRing(peers, (peer) => nodes.keyOf(peer))
    const { successorsMax } = CHORD.config(options)
    return (peer) => nodes.machine(peer).adopt(ring.placeOf(peer, successorsMax))
  },
  oracle(nodes) {
    const peers = new SortedPeers((peer) => nodes.keyOf(peer))
    return {
      responsibleFor: (key) => peers.after(key),
      add: (peer) => peers.add(peer),
      remove: (peer) => peers.remove(peer),
    }
  },
}

/** Nobody keeps up its tables, and nobody remembers who did not answer: each lookup meets the same picture. */
export function stillConfig(config: ChordConfig): ChordConfig {
  return {
    ...config,
    stabilizeIntervalMs: 0,
    fixFingersIntervalMs: 0,
    mergeIntervalMs: 0,
    repairIntervalMs: 0,
    republishIntervalMs: 0,
    suspicionMs: 0,
  }
}
