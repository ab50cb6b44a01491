import { mix32, randomFor } from './rng.ts'

/** How long messages take from node to node. */
export interface Latency {
  /** Milliseconds from one node to another for a message sent now, zero or more; the simulator rounds to whole ones. */
  delayMs(from: number, to: number): number
}

/** Makes the latency of one simulation: a model is the same for any seed and size, a latency belongs to one run. */
export type LatencyModel = (nodes: number, seed: number) => Latency

/** Always the same: waves of a flood arrive together, so hops can be read off the clock. */
export function constantLatency(ms: number): LatencyModel {
  return () => ({ delayMs: () => ms })
}

/** Drawn anew for each message, uniformly: jitter. Order per peer is kept all the same. */
export function uniformLatency(msMin: number, msMax: number): LatencyModel {
  return (_nodes, seed) => {
    const random = randomFor(seed, 'latency')
    return { delayMs: () => msMin + (msMax - msMin) * random() }
  }
}

/** Each pair of nodes has its own, uniformly, the same both ways and all the time. */
export function pairLatency(msMin: number, msMax: number): LatencyModel {
  return (_nodes, seed) => ({
    delayMs(from, to) {
      const low = Math.min(from, to)
      const high = Math.max(from, to)
      const hash = mix32(Math.imul(low, 0x9e3779b1) ^ mix32(high ^ seed))
      return msMin + ((msMax - msMin) * (hash >>> 0)) / 2 ** 32
    },
  })
}

/**
 * Nodes lie on a unit square at random; what two need is a fixed part and one that grows with their distance. So near
 * nodes are near for both, as on the Internet and unlike `pairLatency`.
 *
 * @param msMin - between two nodes at one place
 * @param msMax - between two opposite corners
 */
export function planarLatency(msMin: number, msMax: number): LatencyModel {
  return (nodes, seed) => {
    const random = randomFor(seed, 'coordinates')
    const places = new Float32Array(2 * nodes).map(() => random())
    const msPerUnit = (msMax - msMin) / Math.SQRT2
    return {
      delayMs(from, to) {
        const x = (places[2 * from] as number) - (places[2 * to] as number)
        const y = (places[2 * from + 1] as number) - (places[2 * to + 1] as number)
        return msMin + msPerUnit * Math.sqrt(x * x + y * y)
      },
    }
  }
}
